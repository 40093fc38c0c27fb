"""Fewer seats from the renewal on, and more people by then than are left (ASP-20.1: never below the active users)."""

from __future__ import annotations

import logging
from datetime import timedelta

from billing.models import Subscription
from billing.services import applying, clock, lifecycle, notices, profile, seats, terms
from billing.services.purchase import told
from tenants.errors import TenantRefusal
from tenants.models import Tenant

logger = logging.getLogger(__name__)

#: So long before the renewal its seats are compared with who works, and the administrator has to change something.
LOOKED_AT = timedelta(days=2)


def keep_those_in_use() -> int:
    """Raise what is planned for a renewal that is near to the seats in use, and say so. Returns how many were raised.

    A seat that was given up and taken again would cost nothing after the renewal.
    """
    near = Subscription.objects.exclude(status=Subscription.Status.ENDED).filter(
        next_seats__isnull=False, cancel_at=None, period_end__lte=clock.now() + LOOKED_AT
    )
    raised = 0
    for subscription in near.select_related("tenant"):
        try:
            raised += _keep(subscription.tenant)
        except TenantRefusal as refusal:  # the provider is away: the next look is in a minute
            logger.warning("Seats of tenant %s were not kept: %s", subscription.tenant_id, refusal)
        except Exception:  # one workspace's trouble keeps no other from its renewal
            logger.exception("Seats of tenant %s were not kept", subscription.tenant_id)
    return raised


def _keep(tenant: Tenant) -> bool:
    used = seats.active_users(tenant)
    with profile.locked(tenant) as buyer, told():
        subscription = terms.running(tenant)
        if subscription.next_seats is None or used <= subscription.next_seats:
            return False
        price = subscription.next_price or subscription.price
        most = price.version.max_users
        if most is not None and used > most:  # too many for the plan that was chosen: today's stays
            price = subscription.price
        addons = terms.for_interval(subscription, terms.items_of(subscription, later=True), price.interval)
        key = f"in-use:{subscription.provider_id}:{subscription.period_end:%Y%m%d}:{subscription.next_seats}:{used}"
        applying.apply(buyer, subscription, price, used, terms.RENEWAL, key, addons)
        lifecycle.refresh(tenant.pk, "seats in use")
        occasion = f"{subscription.provider_id}:{subscription.period_end:%Y%m%d}:{used}"
        notices.tell(tenant, "seats_kept", occasion, seats=used, next_at=subscription.period_end)
    return True
