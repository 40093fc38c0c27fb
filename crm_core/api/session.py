"""Who am I, in which workspace, with which objects and rights: the one answer a screen starts from."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

import orjson
from django.conf import settings
from django.contrib import auth
from django.http import HttpResponse
from django.middleware.csrf import get_token

from crm_core.api.base import Endpoint
from crm_core.api.viewing import refuse_write, view_json
from crm_core.metadata import registry, workspace
from crm_core.metadata.document import short_json
from crm_core.metadata.errors import Invalid, NotFound
from crm_core.search.find import recent
from crm_core.security.actor import Actor
from crm_core.security.depth import CAPABILITIES
from crm_core.security.models import SystemUser
from tenants.entitlements import effective_state, write_refusal
from tenants.identity import support_session
from tenants.identity.models import User

MAX_PREFERENCES = 64 * 1024
_SHOWN = ("create", "read", "write", "delete", "assign", "import", "export")


def session_json(actor: Actor, request: Any) -> dict[str, Any]:
    """The session document (deploy/docs/api.md)."""
    state, tenant = workspace.current(), request.tenant
    person = (
        SystemUser.objects.filter(pk=actor.user_id).values("language", "time_zone", "preferences").first()
        or {}
    )
    preferences = person.get("preferences") or {}
    return {
        "user": {
            "id": str(actor.user_id),
            "name": actor.name,
            "email": actor.email,
            "language": person.get("language") or getattr(request.user, "language", None) or state.language,
            "time_zone": person.get("time_zone") or state.time_zone,
            "date_format": preferences.get("date_format"),
            "week_start": actor.week_start,
            "theme": preferences.get("theme", "auto"),
            "is_admin": actor.is_administrator,
            "reads_only": actor.reads_only,
        },
        "workspace": {
            "name": tenant.name if tenant.is_sandbox else state.name or tenant.name,
            "sandbox": tenant.is_sandbox,
            "slug": request.get_host().split(".")[0],
            "currency": state.currency,
            "language": state.language,
            "time_zone": state.time_zone,
            "country": state.country,
            "fiscal_start": state.fiscal_start,
            "state": effective_state(tenant),
            "read_only": write_refusal(tenant),
            "next_state": tenant.entitlements.get("next_state"),
            "next_state_at": tenant.entitlements.get("next_at"),
            "dispute": tenant.entitlements.get("dispute"),
            "trial_ends_at": tenant.trial_ends_at.isoformat().replace("+00:00", "Z")
            if tenant.trial_ends_at
            else None,
            "plan": tenant.plan_code,
            "product_name": settings.PRODUCT_NAME,
            "sample_data": bool(state.settings.get("sample_data")),
        },
        "metadata_version": f"{state.metadata_version}.{state.security_version}",
        "objects": [
            _object(e, actor)
            for e in sorted(registry.all(), key=lambda entity: entity.order)
            if not e.internal and actor.depth(e, "read")
        ],
        "capabilities": sorted(c for c in CAPABILITIES if actor.can(c)),
        "csrf_token": get_token(request),
        "view_as": view_json(request) if getattr(request, "session", None) is not None else None,
        "support": _support(request),
    }


def _support(request: Any) -> dict[str, Any] | None:
    """Who of the provider sits in this session and until when; the screens show it on every page."""
    mark = support_session.mark_of(request)
    if mark is None:
        return None
    return {"operator": mark["operator"], "until": mark["until"], "may_write": mark["may_write"]}


def _object(entity: Any, actor: Actor) -> dict[str, Any]:
    privileges = {p: bool(actor.depth(entity, p)) for p in _SHOWN}
    privileges["create"] = privileges["create"] and entity.creatable
    privileges["delete"] = privileges["delete"] and entity.deletable
    return {**short_json(entity), "privileges": privileges}


class SessionEndpoint(Endpoint):
    """GET, PATCH and DELETE /session"""

    left_when_canceled = True
    while_viewing = True
    for_readers = True

    def get(self, request: Any) -> HttpResponse:
        return self.answer(session_json(self.actor, request._request))

    def patch(self, request: Any) -> HttpResponse:
        if self.actor is not self.own:
            refuse_write()
        body = self.body({"language", "time_zone", "theme", "week_start", "preferences"})
        person = SystemUser.objects.select_for_update().get(pk=self.actor.user_id)
        if "language" in body:
            person.language = _known(
                body["language"], {code for code, _name in settings.LANGUAGES}, "language"
            )
            User.objects.filter(pk=person.login_id).update(language=person.language)
        if "time_zone" in body:
            person.time_zone = _known(body["time_zone"], available_timezones(), "time_zone")
        if "theme" in body:
            person.preferences["theme"] = _known(body["theme"], {"auto", "light", "dark"}, "theme")
        if "preferences" in body:
            kept = {k: v for k, v in person.preferences.items() if k in ("theme", "week_start")}
            person.preferences = {"theme": "auto", **checked_preferences(body["preferences"]), **kept}
        if "week_start" in body:
            person.preferences = _with_week_start(person.preferences, body["week_start"])
        person.save(update_fields=["language", "time_zone", "preferences"])
        workspace.bump("security_version")
        return self.get(request)

    def delete(self, request: Any) -> HttpResponse:
        auth.logout(request._request)
        return self.answer(None, 204)


def _known(value: Any, known: set[str], field: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise Invalid("value.unknown", "This value is not known.", field=field)
    return value


def _with_week_start(preferences: dict[str, Any], day: Any) -> dict[str, Any]:
    """Preferences with the first day of the week, Monday 1 … Sunday 7; None is what is usual in the country."""
    if day is not None and (isinstance(day, bool) or day not in range(1, 8)):
        raise Invalid("value.unknown", "Days are 1 (Monday) to 7 (Sunday).", field="week_start")
    others = {k: v for k, v in preferences.items() if k != "week_start"}
    return others if day is None else {**others, "week_start": int(day)}


def checked_preferences(value: Any) -> dict[str, Any]:
    """Preferences as stored. Raises Invalid `preferences.too_large`."""
    if not isinstance(value, dict):
        raise Invalid("value.wrong_type", "Preferences are an object.", field="preferences")
    text = orjson.dumps(value)
    if len(text) > MAX_PREFERENCES or re.search(rb"\\u0000", text):
        raise Invalid("preferences.too_large", "At most 64 KB of text.", field="preferences")
    return value


class PreferencesEndpoint(Endpoint):
    """GET and PATCH /preferences: top-level keys are merged, null removes one."""

    for_readers = True

    def get(self, request: Any) -> HttpResponse:
        return self.answer(
            SystemUser.objects.values_list("preferences", flat=True).get(pk=self.actor.user_id)
        )

    def patch(self, request: Any) -> HttpResponse:
        changes = checked_preferences(self.body())
        if "week_start" in changes:
            raise Invalid("value.unknown", "PATCH /session changes the week.", field="week_start")
        person = SystemUser.objects.select_for_update().filter(pk=self.actor.user_id).first()
        if person is None:
            raise NotFound()
        merged = {k: v for k, v in {**person.preferences, **changes}.items() if v is not None}
        person.preferences = checked_preferences(merged)
        person.save(update_fields=["preferences"])
        return self.answer(person.preferences)


class RecentEndpoint(Endpoint):
    """GET /search/recent"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"rows": recent(self.actor)})
