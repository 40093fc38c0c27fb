"""Deliveries that go wrong on purpose, for rehearsing what a lost or late event does (SAAS.md §3.6)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Count

from billing import mode
from billing.providers.builtin import clock, delivery
from billing.providers.builtin.models import OutboundEvent


def disturb(**wanted: Any) -> list[str]:
    """Set switches of `delivery.set_switches`; nothing given only tells. Returns what is disturbed now.

    Raises ValueError where money moves, and for an unknown switch.
    """
    if not mode.is_test():
        raise ValueError("Only a test installation is disturbed on purpose.")
    if wanted:
        delivery.set_switches(**wanted)
    return disturbances()


def disturbances() -> list[str]:
    """What is disturbed, in words; empty for another provider than the embedded one."""
    if settings.KONTOR_BILLING_PROVIDER != "builtin":
        return []
    on = delivery.switched(clock.installation())
    return [
        name.replace("_", " ") if value is True else f"{name.replace('_', ' ')} {value}"
        for name, value in on.items()
    ]


def outcomes() -> dict[str, int]:
    """How many events of the embedded provider ended how; "waiting" for those still to be sent."""
    counts = OutboundEvent.objects.order_by().values_list("outcome").annotate(Count("pk"))
    return {outcome or "waiting": count for outcome, count in sorted(counts)}
