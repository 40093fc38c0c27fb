"""The provider's clock: real time plus what has been advanced, in test mode only."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from billing.providers.builtin.models import Installation


def installation(*, lock: bool = False) -> Installation:
    """The one row of settings, made at first use."""
    rows = Installation.objects.select_for_update() if lock else Installation.objects
    found = rows.filter(pk=1).first()
    if found is not None:
        return found
    Installation.objects.bulk_create(
        [Installation(pk=1, webhook_secret=f"whsec_{secrets.token_urlsafe(32)}")], ignore_conflicts=True
    )
    return rows.get(pk=1)


def now() -> datetime:
    """The moment it is for this provider."""
    real = timezone.now()
    if settings.KONTOR_BILLING_MODE != "test":
        return real
    return real + timedelta(seconds=installation().clock_offset_seconds)


def advance(delta: timedelta) -> datetime:
    """Move the clock on; it never goes back. Raises ValueError in live mode or for a negative step."""
    if settings.KONTOR_BILLING_MODE != "test" or delta < timedelta(0):
        raise ValueError("Only a test installation's clock moves, and only forward.")
    with transaction.atomic():
        row = installation(lock=True)
        row.clock_offset_seconds += int(delta.total_seconds())
        row.save(update_fields=["clock_offset_seconds"])
    return now()


def rotate_secret() -> None:
    """Sign with a new secret from now on; the one before stays accepted until the next rotation."""
    with transaction.atomic():
        row = installation(lock=True)
        row.previous_secret, row.webhook_secret = row.webhook_secret, f"whsec_{secrets.token_urlsafe(32)}"
        row.save(update_fields=["webhook_secret", "previous_secret"])
