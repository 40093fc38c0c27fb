"""Beginning and ending to view as another user."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api import viewing
from crm_core.api.base import Endpoint
from crm_core.metadata.errors import Forbidden, Malformed
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import explanation


class ViewAsEndpoint(Endpoint):
    """POST and DELETE /session/view_as"""

    while_viewing = True

    def post(self, request: Any) -> HttpResponse:
        if "Authorization" in request.headers:
            raise Forbidden(
                "view_as.needs_session", "Only who is signed in on a screen can view as somebody else."
            )
        user_id = as_uuid(self.body({"user"}).get("user"))
        if user_id is None:
            raise Malformed("value.not_an_id", "Name the user.", field="user")
        if user_id == self.own.user_id:
            raise Malformed("view_as.yourself", "This is you.", field="user")
        person = explanation.require_viewable(self.own, user_id)
        viewing.begin(request._request, self.own, person)
        return self.answer(
            {"user": {"id": str(user_id), "name": person.name}, **(viewing.view_json(request._request) or {})}
        )

    def delete(self, request: Any) -> HttpResponse:
        viewing.end(request._request, self.own, "ended")
        return self.answer(None, 204)
