"""Who comes in by single sign-on, and who no longer by password (PLT-41 Login, SAAS.md F10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Subquery
from django.utils.translation import gettext_lazy as _

from tenants.context import in_public
from tenants.identity.addresses import normalize_email
from tenants.identity.models import FederatedLogin, IdentityProvider, User
from tenants.identity.sso.protocol import Claims

#: Why nobody was let in, as the log-in page says it; the name stands in its address.
REASONS = {
    "away": _(
        "The sign-in service does not answer. Try again, or sign in with your password if you have one here."
    ),
    "refused": _("The sign-in service sent something we cannot trust. Please try again."),
    "expired": _("That took too long, or began in another browser. Please try again."),
    "canceled": _("You were not signed in: the sign-in service said no."),
    "unverified": _("The sign-in service does not vouch for your e-mail address. Ask its administrator."),
    "domain": _("Addresses like yours may not sign in here this way."),
    "unknown": _("There is no account for you in this workspace. Ask an administrator to invite you."),
    "inactive": _("Your account in this workspace is switched off. Ask an administrator."),
    "seats": _("All seats of this workspace are taken. Ask an administrator for one."),
    "closed": _("This workspace takes no new people at the moment."),
}

#: ``joiner(email, name, role)`` makes a login and a person of the workspace, or raises NotLetIn.
Joiner = Callable[[str, str, UUID], User]
_joiners: list[Joiner] = []
_NOTED = "noted_sso_enforced"


class NotLetIn(ValueError):
    """Nobody is signed in; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def register_joiner(joiner: Joiner) -> None:
    """Let another package make people who come for the first time. The last one counts."""
    _joiners[:] = [joiner]


def provider() -> IdentityProvider | None:
    """The provider people of this workspace can sign in with now."""
    return None if in_public() else IdentityProvider.objects.filter(is_active=True).first()


def noted(users: Any) -> Any:
    """Users with whether passwords are closed to them, so that a sign-in takes no statement more."""
    if in_public():
        return users
    enforced = IdentityProvider.objects.filter(is_active=True).values("is_enforced")[:1]
    return users.annotate(**{_NOTED: Subquery(enforced)})


def takes_no_password(user: User) -> bool:
    """Whether ``user`` comes in by single sign-on alone. Administrators always have their password too (F10)."""
    if in_public() or user.is_admin or user.is_operator:
        return False
    if hasattr(user, _NOTED):
        return bool(getattr(user, _NOTED))
    return IdentityProvider.objects.filter(is_active=True, is_enforced=True).exists()


@transaction.atomic
def person_of(claims: Claims, by: IdentityProvider) -> User:
    """The active user the provider vouches for; somebody new where the workspace lets new people in.

    Raises NotLetIn.
    """
    known = FederatedLogin.objects.select_related("user").filter(issuer=by.issuer, subject=claims.subject)
    link = known.first()
    if link is not None:
        return _usable(link.user)
    if not claims.is_verified or not claims.email:
        raise NotLetIn("unverified")
    email = normalize_email(claims.email)
    if email.rpartition("@")[2] not in by.domains:
        raise NotLetIn("domain")
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None:
        if by.joining_role is None or not _joiners:
            raise NotLetIn("unknown")
        user = _joiners[0](email, claims.name or email, by.joining_role)
    _usable(user)
    if FederatedLogin.objects.filter(issuer=by.issuer, user=user).exists():
        # this address belonged to somebody else at the provider before: nobody inherits an account by it
        raise NotLetIn("unknown")
    FederatedLogin.objects.create(user=user, issuer=by.issuer, subject=claims.subject)
    return user


def _usable(user: User) -> User:
    if not user.is_active or user.is_operator:
        raise NotLetIn("inactive")
    return user
