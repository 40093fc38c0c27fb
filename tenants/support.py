"""Operators inside a workspace: only with an administrator's consent, for a time, with every step on record (ASP-30).

The administrator grants hours; an operator mints a link on his own host; the link opens a session of the workspace's support
login, which nobody else can use. The session is worth as much as the grant: each request looks whether it is still open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.addresses import workspace_url
from tenants.context import activate, activate_public, current_tenant
from tenants.errors import TenantRefusal
from tenants.identity.models import OneTimeToken, Session, User
from tenants.identity.sessions import revoke
from tenants.identity.tokens import issue_one_time, use_one_time
from tenants.models import SupportEvent, SupportGrant, Tenant

MOST_HOURS = 72
LINK_SECONDS = 60
LONGEST_SESSION = timedelta(minutes=60)
#: The support login of every workspace; marked as operator, so it takes no seat and no password opens it.
LOGIN = "support@provider.invalid"
_SALT = "tenants.support"

#: ``prepare(login)`` gives the support login whatever the CRM needs of a person; safe to repeat.
_preparers: list[Callable[[User], Any]] = []


def register_preparer(prepare: Callable[[User], Any]) -> None:
    """Let the CRM make a person for the support login; called in the workspace before a session opens."""
    if prepare not in _preparers:
        _preparers.append(prepare)


def open_grant(tenant: Tenant) -> SupportGrant | None:
    """The consent that counts now, or None."""
    with activate_public():
        found = SupportGrant.objects.filter(tenant=tenant, revoked_at=None).first()
    return found if found is not None and found.is_open else None


def grant(tenant: Tenant, hours: int, *, by: str, may_write: bool = False, note: str = "") -> SupportGrant:
    """Consent of an administrator for ``hours`` (1 to 72); replaces an open one.

    Raises TenantRefusal 422 ``support.hours``, 409 ``support.pending`` when two administrators do it at once.
    """
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= MOST_HOURS:
        raise TenantRefusal("support.hours", _("Give 1 to 72 hours."), status=422, field="hours")
    try:
        with activate_public(), transaction.atomic():
            _close(tenant, by)
            return SupportGrant.objects.create(
                tenant=tenant,
                granted_by=by[:254],
                note=note[:500],
                may_write=may_write,
                expires_at=timezone.now() + timedelta(hours=hours),
            )
    except IntegrityError:
        message = _("Somebody else changed this at the same moment. Look again.")
        raise TenantRefusal("support.pending", message, status=409) from None


def revoke_grant(tenant: Tenant, *, by: str) -> bool:
    """Take the consent back: operators are out at once. Returns whether there was one."""
    with activate_public(), transaction.atomic():
        gone = _close(tenant, by)
    end_sessions(tenant)
    return gone


def _close(tenant: Tenant, by: str) -> bool:
    rows = SupportGrant.objects.filter(tenant=tenant, revoked_at=None)
    return bool(rows.update(revoked_at=timezone.now(), revoked_by=by[:254]))


def end_sessions(tenant: Tenant) -> int:
    """Sign operators out of the workspace and switch the support login off."""
    with activate(tenant), transaction.atomic():
        login = User.objects.filter(email=LOGIN).first()
        if login is None:
            return 0
        User.objects.filter(pk=login.pk).update(is_active=False)
        return revoke(Session.objects.filter(user_id=login.pk))


def events(tenant: Tenant, most: int = 200) -> list[SupportEvent]:
    """What operators did in the workspace, newest first."""
    with activate_public():
        return list(SupportEvent.objects.filter(tenant=tenant)[:most])


def note(grant_id: UUID, tenant: Tenant, operator: str, act: str, **facts: Any) -> None:
    """Write down one thing an operator did inside."""
    with activate_public():
        SupportEvent.objects.create(
            grant_id=grant_id, tenant=tenant, operator_email=operator, act=act, **facts
        )


def mint_link(tenant: Tenant, operator: str) -> tuple[SupportGrant, str]:
    """An address that lets the operator's browser in once, within a minute.

    Raises TenantRefusal 403 ``support.no_consent`` without an open grant; nothing is made then.
    """
    found = open_grant(tenant)
    if found is None or not tenant.is_reachable:
        message = _("No administrator of this workspace has agreed to support access.")
        raise TenantRefusal("support.no_consent", message, status=403)
    with activate(tenant), transaction.atomic():
        login, _made = User.objects.get_or_create(
            email=LOGIN, defaults={"full_name": "Support", "is_operator": True, "password": "!"}
        )
        if not login.is_active or not login.is_operator:
            User.objects.filter(pk=login.pk).update(is_active=True, is_operator=True)
            login.refresh_from_db()
        for prepare in _preparers:
            prepare(login)
        secret = issue_one_time(login, OneTimeToken.Purpose.SIGN_IN)
    note(found.pk, tenant, operator, "link")
    token = signing.dumps([secret, str(found.pk), operator], salt=_SALT, compress=True)
    return found, workspace_url(tenant, f"/support/enter/{token}/")


def use_link(token: str) -> tuple[User, SupportGrant, str] | None:
    """(support login, grant, operator) behind a link of the active workspace; None when it does not work (any more)."""
    try:
        secret, grant_id, operator = signing.loads(token, salt=_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return None
    tenant = current_tenant()
    found = open_grant(tenant)
    if found is None or str(found.pk) != grant_id:
        return None
    login = use_one_time(secret, OneTimeToken.Purpose.SIGN_IN)
    if login is None or login.email != LOGIN:
        return None
    note(found.pk, tenant, operator, "entered")
    return login, found, operator


def erase(tenant: Tenant) -> int:
    """Forget who of a destroyed workspace agreed, and in which words; what operators did then stays on record."""
    empty = {"granted_by": "", "note": "", "revoked_by": ""}
    with activate_public():
        return SupportGrant.objects.filter(tenant=tenant).exclude(**empty).update(**empty)


def end_expired() -> int:
    """Sweep: close consents whose time is over and sign operators out. Returns how many."""
    with activate_public():
        over = SupportGrant.objects.filter(revoked_at=None, expires_at__lte=timezone.now()).select_related(
            "tenant"
        )
        found = list(over[:200])
    for row in found:
        if row.tenant.is_reachable:
            end_sessions(row.tenant)
        with activate_public():
            SupportGrant.objects.filter(pk=row.pk, revoked_at=None).update(
                revoked_at=row.expires_at, revoked_by="time"
            )
    return len(found)
