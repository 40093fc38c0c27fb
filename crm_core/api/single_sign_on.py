"""The workspace's provider of identities (PLT-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.views import APIView

from crm_core.api.base import Endpoint
from crm_core.records import single_sign_on


class SingleSignOnEndpoint(Endpoint):
    """`GET` and `PATCH /single_sign_on`; the secret goes in and never comes out."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return APIView.dispatch(self, request, *args, **kwargs)  # nothing is kept of a request with a secret

    def get(self, request: Any) -> HttpResponse:
        return self.answer(single_sign_on.read(self.actor))

    def patch(self, request: Any) -> HttpResponse:
        return self.answer(single_sign_on.change(self.body(single_sign_on.KEYS), self.actor))
