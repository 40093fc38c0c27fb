"""Codes and tokens: given, exchanged, found out when shown twice, taken back (PLT-63, SAAS.md A9).

A code or a refresh token is spent under a lock on its grant, so that of two requests with the same one exactly one gets
tokens; the other shows that a secret is in two hands, and ends what the first got.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.dispatch import Signal
from django.utils import timezone

from tenants.identity.models import OAuthApplication, OAuthGrant, OAuthToken, User
from tenants.identity.oauth.secrets import hashed

logger = logging.getLogger(__name__)

CODE_LIFETIME = timedelta(seconds=60)
ACCESS_LIFETIME = timedelta(hours=1)
#: Counted from its last use: a program that is used goes on, a forgotten one loses its access.
REFRESH_LIFETIME = timedelta(days=90)

#: Sent with ``grant`` when a person agreed.
code_given = Signal()
#: Sent with ``grant`` and ``what`` (`code`, `refresh_token`) when a secret was shown a second time.
replayed = Signal()

Kind = OAuthToken.Kind


def give_code(
    application: OAuthApplication,
    user: User,
    code: str,
    *,
    scopes: list[str],
    redirect_uri: str,
    challenge: str,
) -> OAuthGrant:
    """Note that ``user`` agreed; ``code`` works once, within a minute, for this address and PKCE challenge."""
    grant = OAuthGrant.objects.create(
        application=application,
        user=user,
        scopes=scopes,
        code_hash=hashed(code),
        code_challenge=challenge,
        code_expires_at=timezone.now() + CODE_LIFETIME,
        redirect_uri=redirect_uri,
    )
    code_given.send(OAuthGrant, grant=grant)
    return grant


def locked_by_code(application: OAuthApplication, code: str) -> OAuthGrant | None:
    """The grant whose code this is, locked, if the code can be exchanged. Shown again, it ends the grant."""
    grant = _locked(application, Q(code_hash=hashed(code)))
    if grant is None or grant.revoked_at is not None:
        return None
    if grant.code_used_at is not None:
        _end_after_replay(grant, "code")
        return None
    assert grant.code_expires_at is not None
    return grant if grant.code_expires_at > timezone.now() and grant.user.is_active else None


def locked_by_refresh_token(
    application: OAuthApplication, secret: str
) -> tuple[OAuthGrant, OAuthToken] | None:
    """The grant of this refresh token, locked, and the token, if it can be exchanged. Shown again, it ends the grant."""
    found = OAuthToken.objects.filter(token_hash=hashed(secret), kind=Kind.REFRESH)
    grant = _locked(application, Q(pk__in=found.values("grant_id")))
    if grant is None or grant.revoked_at is not None:
        return None
    token = found.get()  # read under the lock: a request before this one may have spent it
    if token.used_at is not None:
        _end_after_replay(grant, "refresh_token")
        return None
    return (grant, token) if token.expires_at > timezone.now() and grant.user.is_active else None


def _locked(application: OAuthApplication, which: Q) -> OAuthGrant | None:
    rows = OAuthGrant.objects.select_for_update(of=("self",)).select_related("user", "application")
    return rows.filter(which, application=application).first()


def _end_after_replay(grant: OAuthGrant, what: str) -> None:
    logger.warning("OAuth: a spent %s was shown again; grant %s ends", what, grant.pk)
    revoke(OAuthGrant.objects.filter(pk=grant.pk))
    replayed.send(OAuthGrant, grant=grant, what=what)


def spend_code(grant: OAuthGrant) -> None:
    """The code of this locked grant was exchanged."""
    grant.code_used_at = timezone.now()
    grant.save(update_fields=["code_used_at"])


def spend_refresh_token(token: OAuthToken) -> None:
    """This refresh token, whose grant is locked, was exchanged."""
    token.used_at = timezone.now()
    token.save(update_fields=["used_at"])


def service_grant(application: OAuthApplication) -> OAuthGrant | None:
    """The access of a program acting as its service user, or None when it has no active one."""
    user = application.service_user
    if user is None or not user.is_active or not application.is_confidential:
        return None
    lasting = {"application": application, "user": user, "code_hash": None, "revoked_at": None}
    return OAuthGrant.objects.filter(**lasting).first() or OAuthGrant.objects.create(
        scopes=application.scopes, **lasting
    )


def keep_tokens(grant: OAuthGrant, scopes: list[str], access: str, refresh: str | None) -> None:
    """Store the tokens of an exchange, hashed."""
    now = timezone.now()
    rows = [_token(grant, Kind.ACCESS, access, scopes, now + ACCESS_LIFETIME)]
    if refresh is not None:
        rows.append(_token(grant, Kind.REFRESH, refresh, grant.scopes, now + REFRESH_LIFETIME))
    OAuthToken.objects.bulk_create(rows)


def _token(grant: OAuthGrant, kind: str, secret: str, scopes: list[str], expires_at: datetime) -> OAuthToken:
    return OAuthToken(grant=grant, kind=kind, token_hash=hashed(secret), scopes=scopes, expires_at=expires_at)


def revoke(grants: QuerySet[OAuthGrant]) -> int:
    """End these grants and everything that followed from them, at once. Returns how many."""
    return grants.filter(revoked_at=None).update(revoked_at=timezone.now())


def revoke_by_token(application: OAuthApplication, secret: str) -> None:
    """The program gives a token back: with a refresh token its whole grant ends, with an access token only that (RFC 7009)."""
    token = OAuthToken.objects.filter(token_hash=hashed(secret), grant__application=application).first()
    if token is None:
        return
    if token.kind == Kind.REFRESH:
        revoke(OAuthGrant.objects.filter(pk=token.grant_id))
    else:
        OAuthToken.objects.filter(pk=token.pk).delete()


def live(grants: QuerySet[OAuthGrant]) -> QuerySet[OAuthGrant]:
    """Grants that still let somebody in: not taken back, with a token that can be used or exchanged."""
    good = OAuthToken.objects.filter(expires_at__gt=timezone.now(), used_at=None)
    return grants.filter(revoked_at=None, pk__in=good.values("grant_id"))


def purge(now: datetime | None = None) -> int:
    """Remove what nobody can use any more. A spent refresh token stays for its time: shown again, it must be known."""
    now = now or timezone.now()
    OAuthToken.objects.filter(expires_at__lt=now).delete()
    empty = OAuthGrant.objects.filter(created_at__lt=now - timedelta(days=1), tokens=None)
    return empty.exclude(code_hash=None, revoked_at=None).delete()[0]  # a service's grant knows its last use
