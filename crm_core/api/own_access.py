"""What a person may look after alone: own sessions, access tokens, password (PLT-41, PLT-60)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.views import APIView

from crm_core.api.base import Endpoint
from crm_core.api.errors import error_answer
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.identity.models import ApiToken, Session, User
from tenants.identity.oauth.scopes import READ, SCOPES, WRITE
from tenants.identity.passwords import PasswordRefused, change_password
from tenants.identity.sessions import key_hash, revoke, revoke_user
from tenants.identity.tokens import create_api_token

MAX_TOKENS = 20
LIFETIMES = (30, 90, 365)
"""Days a token may live; without a number it lives until it is revoked."""


class OwnAccessEndpoint(Endpoint):
    """Only for somebody signed in at a screen: a token must not be a way to make another or to lock its owner out.

    Works in a read-only workspace too: access can be withdrawn at any time.
    """

    reads = True

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.actor.source != "screen":
            raise Forbidden("session.needed", "Sign in with a browser to do this.")

    @property
    def login(self) -> User:
        return self.request._request.user


class SessionsEndpoint(OwnAccessEndpoint):
    """`GET /me/sessions`, the newest first; the one asking is `current`."""

    def get(self, request: Any) -> HttpResponse:
        current = key_hash(request._request.session.session_key or "")
        rows = Session.objects.filter(user_id=self.login.pk, expires_at__gt=timezone.now())
        found = sorted(rows, key=lambda row: row.seen_at or row.created_at, reverse=True)
        return self.answer({"rows": [_session(row, current) for row in found]})


class SessionEndpoint(OwnAccessEndpoint):
    """`DELETE /me/sessions/{id}`: sign out there."""

    def delete(self, request: Any, session_id: str) -> HttpResponse:
        if not revoke(Session.objects.filter(pk=session_id[:64], user_id=self.login.pk)):
            raise NotFound()
        return self.answer(None, 204)


class OtherSessionsEndpoint(OwnAccessEndpoint):
    """`POST /me/sessions/actions/end_others` → `{"ended": n}`"""

    def post(self, request: Any) -> HttpResponse:
        self.body(set())
        ended = revoke_user(self.login, except_key=request._request.session.session_key)
        return self.answer({"ended": ended})


class PasswordEndpoint(OwnAccessEndpoint):
    """`POST /me/password {current, new}` → `{"ended": n}`, the number of other sessions that ended."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return APIView.dispatch(
            self, request, *args, **kwargs
        )  # nothing about passwords is kept for repetition

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"current", "new"})
        current, new = (text(body, key) for key in ("current", "new"))
        try:
            return self.answer({"ended": change_password(request._request, self.login, current, new)})
        except PasswordRefused as refused:  # answered, not raised: the failed try must stay counted
            return error_answer(refused.status, refused.code, refused.message, field=refused.field)


class TokensEndpoint(OwnAccessEndpoint):
    """`GET /me/tokens`; `POST {name, days?, may_write?}` → 201 with `secret`, which is shown this once."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return APIView.dispatch(self, request, *args, **kwargs)  # a kept answer would be a stored secret

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"rows": [_token(row) for row in _usable(self.login)]})

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"name", "days", "may_write"})
        name = " ".join(text(body, "name").split())
        if not name or len(name) > 100 or not name.isprintable():
            raise Invalid("value.invalid", "A name of 1 to 100 characters is needed.", field="name")
        days = body.get("days")
        if days is not None and (isinstance(days, bool) or days not in LIFETIMES):
            raise Invalid("value.invalid", "A token lives 30, 90 or 365 days, or without end.", field="days")
        may_write = body.get("may_write", True)
        if not isinstance(may_write, bool):
            raise Invalid("value.wrong_type", "may_write is true or false.", field="may_write")
        User.objects.select_for_update().get(pk=self.login.pk)  # two requests at once must not pass the limit
        if len(_usable(self.login)) >= MAX_TOKENS:
            raise Conflict("token.too_many", f"At most {MAX_TOKENS} tokens. Revoke one you do not use.")
        expires = timezone.now() + timedelta(days=days) if days else None
        token, secret = create_api_token(
            self.login, name, scopes=list(SCOPES) if may_write else [READ], expires_at=expires
        )
        return self.answer({**_token(token), "secret": secret}, 201)


class TokenEndpoint(OwnAccessEndpoint):
    """`DELETE /me/tokens/{id}`: it stops working at once."""

    def delete(self, request: Any, token_id: str) -> HttpResponse:
        live = ApiToken.objects.filter(pk=self.identifier(token_id), user=self.login, revoked_at=None)
        if not live.update(revoked_at=timezone.now()):
            raise NotFound()
        return self.answer(None, 204)


def _usable(user: User) -> list[ApiToken]:
    rows = ApiToken.objects.filter(user=user, revoked_at=None).order_by("-created_at")
    return [row for row in rows if row.is_usable]


def text(body: dict[str, Any], key: str) -> str:
    """The text `body[key]`. Raises Invalid `value.required`, `value.wrong_type`."""
    value = body.get(key)
    if value is None or value == "":
        raise Invalid("value.required", "A value is required.", field=key)
    if not isinstance(value, str):
        raise Invalid("value.wrong_type", "Text is expected.", field=key)
    return value


def instant(value: datetime | None) -> str | None:
    """A moment as the API writes it."""
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else None


def _session(row: Session, current: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "current": row.pk == current,
        "ip": row.ip_address,
        "agent": row.user_agent,
        "created_at": instant(row.created_at),
        "seen_at": instant(row.seen_at),
        "expires_at": instant(row.expires_at),
    }


def _token(row: ApiToken) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "prefix": row.prefix,
        "may_write": not row.scopes or WRITE in row.scopes,
        "created_at": instant(row.created_at),
        "last_used_at": instant(row.last_used_at),
        "expires_at": instant(row.expires_at),
    }
