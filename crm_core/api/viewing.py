"""View as another user: read-only, for administrators, marked and ended by click or time (PEERS 5.14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from crm_core.metadata.errors import Forbidden
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import audit
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
        end(request, own, "expired" if over else "revoked")
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


def refuse_write() -> None:
    """Raises Forbidden `view_as.read_only`: whoever looks as somebody else changes nothing in his name."""
    raise Forbidden("view_as.read_only", "You are viewing as another user; nothing can be changed.")


def begin(request: HttpRequest, own: Actor, person: Actor) -> None:
    """Take the view of `person` for half an hour; noted on both sides."""
    end(request, own, "switched")
    until = timezone.now() + timedelta(minutes=MINUTES)
    request.session[SESSION_KEY] = {"user": str(person.user_id), "by": own.name, "until": until.timestamp()}
    changes = {"name": [None, person.name], "until": [None, until.isoformat()]}
    audit.note(own, "user", "view_as", changes, person.user_id)


def end(request: HttpRequest, own: Actor, how: str) -> None:
    """Give the view back, if one was taken; noted with `how` it ended."""
    state = request.session.pop(SESSION_KEY, None)
    if state:
        audit.note(own, "user", "view_as_end", {"how": [None, how]}, as_uuid(state["user"]))
