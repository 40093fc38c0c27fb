"""Personal access tokens and one-use links (PLT-60, SAAS.md A3, T4)."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from tenants.context import current_tenant
from tenants.identity.models import ApiToken, OneTimeToken, User

API_TOKEN_PREFIX = "kt_"  # noqa: S105 - a name, no secret
_API_TOKEN = re.compile(r"kt_[A-Za-z0-9_-]{43}")
_SEEN_EVERY = timedelta(minutes=5)
RESET_LIFETIME = timedelta(hours=2)
HANDOVER_LIFETIME = timedelta(seconds=60)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def create_api_token(
    user: User, name: str, scopes: list[str] | None = None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make a token for ``user``. Returns the row and the secret, which is shown once and never stored."""
    secret = API_TOKEN_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name[:100],
        prefix=secret[:9],
        token_hash=_hash(secret),
        scopes=scopes or [],
        expires_at=expires_at,
    )
    return token, secret


def authenticate_bearer(header: str) -> ApiToken | None:
    """The usable token in an ``Authorization`` header, with its active user loaded, or None.

    Only tokens of the current workspace exist here, so a token of another one is simply unknown (T4).
    """
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not _API_TOKEN.fullmatch(secret):
        return None
    # An operator suspended the workspace: programs stop, people may still export (ASP-30).
    if current_tenant().is_held:
        return None
    token = _find(_hash(secret))
    if token is None or not token.is_usable or not token.user.is_active:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
    return token


def _find(token_hash: str) -> ApiToken | None:
    """The token with this hash and its user, by one statement the server keeps the plan of: every call of the API asks it."""
    ours, theirs = ApiToken._meta, User._meta
    columns = [f't."{f.column}"' for f in ours.concrete_fields] + [
        f'u."{f.column}"' for f in theirs.concrete_fields
    ]
    rows = connection.fetch(  # type: ignore[attr-defined]
        f'SELECT {", ".join(columns)} FROM "{ours.db_table}" t JOIN "{theirs.db_table}" u ON u.id = t.user_id'  # noqa: S608 - names of our own models
        " WHERE t.token_hash = %s",
        [token_hash],
    )
    if not rows:
        return None
    values = [
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip((*ours.concrete_fields, *theirs.concrete_fields), rows[0], strict=True)
    ]
    cut = len(ours.concrete_fields)
    token = ApiToken.from_db(connection.alias, [f.attname for f in ours.concrete_fields], values[:cut])
    token.user = User.from_db(connection.alias, [f.attname for f in theirs.concrete_fields], values[cut:])
    return token


def issue_one_time(user: User, purpose: OneTimeToken.Purpose) -> str:
    """A secret for a link that works once. Only the latest link of a purpose works."""
    lifetime = RESET_LIFETIME if purpose == OneTimeToken.Purpose.PASSWORD_RESET else HANDOVER_LIFETIME
    OneTimeToken.objects.filter(user=user, purpose=purpose, used_at=None).update(used_at=timezone.now())
    secret = secrets.token_urlsafe(32)
    OneTimeToken.objects.create(
        user=user,
        purpose=purpose,
        token_hash=_hash(secret),
        password_mark=_hash(user.password),
        expires_at=timezone.now() + lifetime,
    )
    return secret


def find_one_time(secret: str, purpose: OneTimeToken.Purpose) -> OneTimeToken | None:
    """The token behind ``secret`` if it would still work; does not use it up.

    Dead when used, expired, of another purpose, when the password has changed since, or the user is off.
    """
    token = (
        OneTimeToken.objects.select_related("user")
        .filter(token_hash=_hash(secret), purpose=purpose, used_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if token is None or not token.user.is_active or token.password_mark != _hash(token.user.password):
        return None
    return token


def use_one_time(secret: str, purpose: OneTimeToken.Purpose) -> User | None:
    """Use the token up. Returns its user, or None when it does not work (any more).

    Two simultaneous uses: one wins.
    """
    token = find_one_time(secret, purpose)
    if token is None:
        return None
    won = OneTimeToken.objects.filter(pk=token.pk, used_at=None).update(used_at=timezone.now())
    return token.user if won else None
