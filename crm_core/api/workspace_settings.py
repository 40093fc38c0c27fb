"""What administrators set for the whole workspace."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata import workspace
from crm_core.records import administering

KEYS = {"fiscal_start"}


class WorkspaceSettingsEndpoint(Endpoint):
    """GET and PATCH /workspace_settings `{"fiscal_start": month 1 … 12}`"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"fiscal_start": workspace.current().fiscal_start})

    def patch(self, request: Any) -> HttpResponse:
        body = self.body(KEYS)
        if "fiscal_start" in body:
            administering.change_fiscal_start(body["fiscal_start"], self.actor)
        return self.get(request)
