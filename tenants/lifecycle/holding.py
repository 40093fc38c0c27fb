"""Suspending a workspace by decision of the provider, whatever is paid, and letting it go on (ASP-30)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tenants.context import activate, activate_public
from tenants.identity.models import Session
from tenants.identity.sessions import revoke
from tenants.lifecycle.notices import tell_owner
from tenants.models import Tenant

logger = logging.getLogger(__name__)


#: ``observe(tenant, start)`` is told when a hold is set, and with None when it is lifted, in the same transaction.
Observer = Callable[[Tenant, datetime | None], None]
_observers: dict[str, Observer] = {}


def register_observer(name: str, observe: Observer) -> None:
    """Let a package note when operators hold a workspace and let it go on."""
    _observers[name] = observe


def _observed(tenant: Tenant, start: datetime | None) -> None:
    for observe in _observers.values():
        observe(tenant, start)


def suspend(tenant: Tenant, reason: str, *, at: datetime | None = None) -> datetime:
    """Hold the workspace now, or from ``at`` on; tells the owner. Returns from when.

    From then on it acts as suspended: administrators sign in again to read and export, everybody else is out,
    API tokens are refused and background work stops; time does not bring it nearer to deletion. Sessions end with this call, or by the sweep within a
    minute of ``at``.
    """
    now = timezone.now()
    start = max(at, now) if at is not None else now
    with activate_public(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        row.held_from, row.hold_reason = start, reason[:300]
        row.save(update_fields=["held_from", "hold_reason"])
        _observed(row, start)
        tell_owner(row, "suspended", reason=reason, start=start, is_later=start > now)
    tenant.held_from, tenant.hold_reason = row.held_from, row.hold_reason
    if start <= now:
        end_sessions(tenant)
    return start


def resume(tenant: Tenant) -> None:
    """Let a held workspace go on, or call off a dated suspension; tells the owner. Repeating is harmless."""
    with activate_public(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if row.held_from is None:
            return
        row.held_from, row.hold_reason = None, ""
        row.save(update_fields=["held_from", "hold_reason"])
        _observed(row, None)
        tell_owner(row, "resumed")
    tenant.held_from, tenant.hold_reason = None, ""


def end_sessions(tenant: Tenant) -> int:
    """Sign everybody out of the workspace. Returns how many sessions ended."""
    with activate(tenant):
        return revoke(Session.objects.all())


def end_sessions_of_held() -> int:
    """Sweep: workspaces whose dated suspension has begun lose the sessions made before it."""
    ended = 0
    with activate_public():
        held = list(Tenant.objects.filter(held_from__lte=timezone.now(), deletion_due_at=None))
    for tenant in held:
        if not tenant.is_reachable or tenant.held_from is None:
            continue
        with activate(tenant), transaction.atomic():
            ended += revoke(Session.objects.filter(created_at__lt=tenant.held_from))
    return ended
