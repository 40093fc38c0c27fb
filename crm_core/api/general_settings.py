"""The workspace's general settings and its currencies (PLT-96, PLT-97)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.records import currencies, general_settings


class WorkspaceEndpoint(Endpoint):
    """GET and PATCH /workspace_settings"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(general_settings.read())

    def patch(self, request: Any) -> HttpResponse:
        return self.answer(general_settings.change(self.body(general_settings.KEYS), self.actor))


class CurrenciesEndpoint(Endpoint):
    """GET and POST /currencies"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"rows": currencies.listed()})

    def post(self, request: Any) -> HttpResponse:
        return self.answer(currencies.add(self.body(currencies.KEYS), self.actor), 201)


class CurrencyEndpoint(Endpoint):
    """PATCH and DELETE /currencies/{code}"""

    def patch(self, request: Any, code: str) -> HttpResponse:
        return self.answer(currencies.change(code, self.body(currencies.KEYS), self.actor))

    def delete(self, request: Any, code: str) -> HttpResponse:
        currencies.remove(code, self.actor)
        return self.answer(None, 204)
