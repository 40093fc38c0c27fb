"""Notes by the installation's clock when operators hold a workspace: its way to deletion stands still (ASP-20, ASP-30)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from billing.models import Hold
from billing.services import clock, lifecycle
from tenants.models import Tenant


def note(tenant: Tenant, start: datetime | None) -> None:
    """Operators hold `tenant` from `start` on, or let it go on (None). Call in the transaction of their act."""
    now = clock.now()
    running = Hold.objects.filter(tenant=tenant, let_go_at=None)
    running.filter(from_at__gte=now).delete()  # a dated one that never began
    running.update(let_go_at=now)
    if start is not None:
        Hold.objects.create(tenant=tenant, from_at=max(now, now + (start - timezone.now())))
    lifecycle.refresh(tenant.pk, "held" if start is not None else "let go on")
