"""What starts by itself: daily backups, the end of old packages, destructions that are due (ASP-40.3, ASP-20)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tenants.backup import storage
from tenants.context import activate_public
from tenants.lifecycle import deletion
from tenants.lifecycle.operations import Kind, start
from tenants.models import Backup, Operation, Tenant, TenantState

BACKUP_EVERY = timedelta(hours=24)
BACKUPS_AT_ONCE = 20


def back_up_due() -> int:
    """Sweep: start the daily backup of workspaces whose newest one is a day old, oldest first (ASP-40.3).

    At most twenty wait at a time, so that a thousand workspaces do not keep a restore waiting.
    """
    now = timezone.now()
    with activate_public():
        waiting = Operation.objects.filter(kind=Kind.BACK_UP, state__in=["queued", "running"]).count()
        states = {
            TenantState.TRIALING,
            TenantState.ACTIVE,
            TenantState.PAST_DUE,
            TenantState.SUSPENDED,
            TenantState.EXPIRED,
        }
        fresh = Backup.objects.filter(created_at__gt=now - BACKUP_EVERY).exclude(kind=Backup.Kind.EXPORT)
        late = (
            Tenant.objects.filter(parent=None, state__in=states, deletion_due_at=None)
            .exclude(pk__in=fresh.values("tenant"))
            .exclude(operations__state__in=["queued", "running"])
            .exclude(operations__kind=Kind.BACK_UP, operations__created_at__gt=now - timedelta(hours=1))
            .order_by("created_at")
        )
        chosen = list(late[: max(0, BACKUPS_AT_ONCE - waiting)])
    for tenant in chosen:
        start(Kind.BACK_UP, tenant, "schedule", backup_kind=Backup.Kind.DAILY)
    return len(chosen)


def remove_expired() -> int:
    """Sweep: packages past their time go, file and row. Returns how many."""
    with activate_public():
        old = list(Backup.objects.filter(expires_at__lt=timezone.now())[:500])
        for row in old:
            storage.remove(row.path)
            row.delete()
    return len(old)


def destroy_due() -> int:
    """Sweep: start the destruction of what is due."""
    started = 0
    for row in deletion.due():
        with activate_public():
            busy = Operation.objects.filter(tenant=row.tenant_id, state__in=["queued", "running"]).exists()
        if not busy:
            start(Kind.DESTROY, row.tenant, "schedule", deletion=str(row.pk))
            started += 1
    return started
