"""Time passes on a test installation: what a day brings to money happens as it would have (SAAS.md §3.3)."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings

from billing.models import BillingProfile
from billing.providers.builtin import clock as builtin_clock
from billing.providers.builtin import cycle
from billing.services import clock, lifecycle, meters, overage, planned_addons, planned_seats, reconcile
from tenants.errors import TenantRefusal

logger = logging.getLogger(__name__)

STEP = timedelta(days=1)
MOST = timedelta(days=400)


def advance(delta: timedelta, *, by: str) -> datetime:
    """Let `delta` pass, day by day: renewals, retries, states and mails happen as they would have.

    Test mode with the built-in provider only. Raises TenantRefusal 409 `clock.real` or 422 `clock.step`.
    """
    if settings.KONTOR_BILLING_MODE != "test" or settings.KONTOR_BILLING_PROVIDER != "builtin":
        raise TenantRefusal("clock.real", "This installation lives in real time.", status=409)
    if not timedelta(0) < delta <= MOST:
        raise TenantRefusal("clock.step", "Between a moment and 400 days.", status=422, field="delta")
    logger.info("The clock is moved on by %s by %s", delta, by)
    left = delta
    while left > timedelta(0):
        step = min(left, STEP)
        left -= step
        builtin_clock.advance(step)
        touched = cycle.run_due()
        for profile in BillingProfile.objects.filter(provider="builtin", customer_id__in=touched):
            reconcile.reconcile(profile.tenant)
        lifecycle.refresh_all("clock")
        planned_seats.keep_those_in_use()
        planned_addons.keep_those_in_use()
    meters.send_notices()
    overage.charge_all()
    return clock.now()
