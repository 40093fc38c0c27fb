"""Personal access tokens and one-use links (PLT-60, SAAS.md A3, T4)."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.utils import timezone

from tenants.context import current_tenant
from tenants.identity.models import ApiToken, OAuthToken, OneTimeToken, User
from tenants.identity.oauth.access import authenticate_access_token
from tenants.identity.oauth.secrets import ACCESS, is_one
from tenants.identity.reading import read_together

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


def authenticate_bearer(header: str) -> ApiToken | OAuthToken | None:
    """The usable token in an ``Authorization`` header, a person's own or a program's, with its active user loaded, or None.

    Only tokens of the current workspace exist here, so a token of another one is simply unknown (T4).
    """
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    # An operator suspended the workspace: programs stop, people may still export (ASP-30).
    if current_tenant().is_held:
        return None
    if is_one(secret, ACCESS):
        return authenticate_access_token(secret)
    return _authenticate_own(secret) if _API_TOKEN.fullmatch(secret) else None


def _authenticate_own(secret: str) -> ApiToken | None:
    found = read_together(
        (ApiToken, User),
        'FROM "{0}" a JOIN "{1}" b ON b.id = a.user_id WHERE a.token_hash = %s',
        _hash(secret),
    )
    if found is None:
        return None
    token, user = found
    token.user = user
    if not token.is_usable or not user.is_active:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
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
