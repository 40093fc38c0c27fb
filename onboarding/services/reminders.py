"""Mails before a trial ends, so that the end surprises nobody (ASP-10.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from onboarding.models import TrialReminder
from onboarding.services import mail
from tenants.addresses import public_url, workspace_url
from tenants.models import Tenant, TenantState

DAYS_BEFORE = (7, 3, 1)
PAGE = 200


def send_due(now: datetime | None = None) -> int:
    """Remind the owners of all trials that end within 7, 3 or 1 days; each reminder is sent once.

    When several are due at once, after an outage or a shortened trial, only the nearest is sent. Returns how many.
    """
    now = now or timezone.now()
    trials = Tenant.objects.filter(
        parent=None,
        state=TenantState.TRIALING,
        trial_ends_at__gt=now,
        trial_ends_at__lte=now + timedelta(days=max(DAYS_BEFORE)),
    ).exclude(owner_email__endswith=".example")
    return sum(_remind(tenant, now) for tenant in trials.order_by("trial_ends_at").iterator(PAGE))


def _remind(tenant: Tenant, now: datetime) -> bool:
    if tenant.trial_ends_at is None:
        return False
    left = tenant.trial_ends_at - now
    due = [days for days in DAYS_BEFORE if left <= timedelta(days=days)]
    with transaction.atomic():
        rows = [TrialReminder(tenant=tenant, days_before=days) for days in due]
        known = set(TrialReminder.objects.filter(tenant=tenant).values_list("days_before", flat=True))
        TrialReminder.objects.bulk_create(rows, ignore_conflicts=True)
        if min(due) in known:
            return False
        context = {
            "workspace": tenant.name,
            "ends_on": tenant.trial_ends_at,
            "days": min(due),
            "url": workspace_url(tenant),
            "pricing_url": public_url("/pricing/"),
        }
        mail.queue("trial_ending", tenant.owner_email, tenant.language, context)
    return True
