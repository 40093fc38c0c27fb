"""Access tokens at the API: whose, through which program, for what (PLT-63, SAAS.md T4, A8)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tenants.identity.models import OAuthApplication, OAuthGrant, OAuthToken, User
from tenants.identity.oauth.secrets import hashed
from tenants.identity.reading import read_together

_SEEN_EVERY = timedelta(minutes=5)
_JOINED = (
    'FROM "{0}" a JOIN "{1}" b ON b.id = a.grant_id JOIN "{2}" c ON c.id = b.application_id'
    ' JOIN "{3}" d ON d.id = b.user_id WHERE a.token_hash = %s'
)


def authenticate_access_token(secret: str) -> OAuthToken | None:
    """The usable access token, with its program and active user loaded, or None.

    What the program may do is never more than an administrator lets it do now: its scopes are asked at every call.
    """
    found = read_together((OAuthToken, OAuthGrant, OAuthApplication, User), _JOINED, hashed(secret))
    if found is None:
        return None
    token, grant, application, user = found
    grant.application, grant.user, token.grant = application, user, grant
    if not token.is_usable or not user.is_active:
        return None
    token.scopes = [scope for scope in token.scopes if scope in application.scopes]
    now = timezone.now()
    if grant.last_used_at is None or now - grant.last_used_at > _SEEN_EVERY:
        OAuthGrant.objects.filter(pk=grant.pk).update(last_used_at=now)
    return token
