"""Saved views."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata import registry
from crm_core.metadata.errors import Malformed
from crm_core.search import standardizing, views


class ViewsEndpoint(Endpoint):
    """GET and POST /views"""

    parameters = frozenset({"object"})

    def get(self, request: Any) -> HttpResponse:
        name = request._request.GET.get("object")
        if not name:
            raise Malformed("request.invalid_parameter", "Say which object.", field="object")
        return self.answer({"views": views.of_entity(registry.get(name), self.actor)})

    def post(self, request: Any) -> HttpResponse:
        return self.answer(views.create(self.body(views.KEYS), self.actor), 201)


class ViewEndpoint(Endpoint):
    """PATCH and DELETE /views/{id}"""

    def patch(self, request: Any, view_id: str) -> HttpResponse:
        return self.answer(views.update(self.identifier(view_id), self.body(views.KEYS), self.actor))

    def delete(self, request: Any, view_id: str) -> HttpResponse:
        views.delete(self.identifier(view_id), self.actor)
        return self.answer(None, 204)


class MakeStandardEndpoint(Endpoint):
    """POST /views/{id}/actions/make_standard: for everybody, by customizers"""

    def post(self, request: Any, view_id: str) -> HttpResponse:
        found = standardizing.make_standard(view_id[:200], self.body(standardizing.KEYS), self.actor)
        return self.answer(found)
