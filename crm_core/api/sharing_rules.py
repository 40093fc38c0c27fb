"""Who has access beyond roles: former owners and managers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.records import sharing_rules


class SharingRulesEndpoint(Endpoint):
    """GET and PATCH /sharing_rules: `{"share_with_previous_owner": true, "manager_depth": 1}`"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(sharing_rules.read(self.actor))

    def patch(self, request: Any) -> HttpResponse:
        return self.answer(sharing_rules.change(self.body(set(sharing_rules.KEYS)), self.actor))
