"""View as another user: read-only, for administrators, marked and ended by click or time (PEERS 5.14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crm_core.api.base import Endpoint
from crm_core.metadata.errors import Forbidden, Malformed
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import audit, explanation
from crm_core.security.actor import Actor, actor_for

SESSION_KEY = "view_as"
MINUTES = 30


def viewed(request: HttpRequest, own: Actor) -> Actor | None:
    """Whose view the session has taken, or None; a view that is over or no longer allowed ends here, and is noted."""
    state = request.session.get(SESSION_KEY)
    if not state:
        return None
    user_id = as_uuid(state.get("user"))
    person = actor_for(user_id, "screen") if user_id else None
    over = timezone.now() >= datetime.fromtimestamp(state.get("until", 0), UTC)
    if person is None or over or not own.is_administrator:
        _end(request, own, "expired" if over else "revoked")
        return None
    return person


def view_json(request: HttpRequest) -> dict[str, Any] | None:
    """Who views and until when, for the banner."""
    state = request.session.get(SESSION_KEY)
    if not state:
        return None
    return {
        "by": state["by"],
        "until": datetime.fromtimestamp(state["until"], UTC).isoformat().replace("+00:00", "Z"),
    }


def refuse_write(endpoint: Endpoint) -> None:
    """Raises Forbidden `view_as.read_only`: whoever looks as somebody else changes nothing in his name."""
    raise Forbidden("view_as.read_only", "You are viewing as another user; nothing can be changed.")


def _end(request: HttpRequest, own: Actor, how: str) -> None:
    state = request.session.pop(SESSION_KEY, None)
    if state:
        audit.note(own, "user", "view_as_end", {"how": [None, how]}, as_uuid(state["user"]))


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
        _end(request._request, self.own, "switched")
        until = timezone.now() + timedelta(minutes=MINUTES)
        request._request.session[SESSION_KEY] = {
            "user": str(user_id),
            "by": self.own.name,
            "until": until.timestamp(),
        }
        changes = {"name": [None, person.name], "until": [None, until.isoformat()]}
        audit.note(self.own, "user", "view_as", changes, user_id)
        return self.answer(
            {"user": {"id": str(user_id), "name": person.name}, **(view_json(request._request) or {})}
        )

    def delete(self, request: Any) -> HttpResponse:
        _end(request._request, self.own, "ended")
        return self.answer(None, 204)
