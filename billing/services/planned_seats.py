"""Fewer seats from the renewal on, and more people by then than are left (ASP-20.1: never below the active users)."""

from __future__ import annotations

from billing.services import applying, lifecycle, near_renewals, notices, profile, seats, terms
from billing.services.purchase import told
from tenants.models import Tenant


def keep_those_in_use() -> int:
    """Raise what is planned for a renewal that is near to the seats in use, and say so. Returns how many were raised.

    A seat that was given up and taken again would cost nothing after the renewal.
    """
    return near_renewals.keep_in_use("Seats", _keep, next_seats__isnull=False)


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
