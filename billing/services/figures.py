"""Revenue as the operator's figures want it (ASP-30 Figures). Net, per month, by currency."""

from __future__ import annotations

from collections import defaultdict

from billing.models import Subscription
from billing.money.rounding import part
from tenants.models import Tenant


def _per_month(subscription: Subscription) -> int:
    price = subscription.price
    months = 12 if price.interval == "year" else 1
    return part(price.amount_minor * subscription.seats, 1, months)


def monthly_revenue(tenant: Tenant) -> tuple[str, int] | None:
    """Currency and minor units a tenant pays per month before discounts, or None without a subscription."""
    found = Subscription.objects.filter(tenant=tenant).exclude(status="ended").select_related("price").first()
    return (found.price.currency, _per_month(found)) if found is not None else None


def recurring_revenue() -> dict[str, int]:
    """Monthly recurring revenue by currency, of subscriptions that are paid or past due."""
    sums: dict[str, int] = defaultdict(int)
    rows = Subscription.objects.filter(status__in=["active", "past_due"]).select_related("price")
    for subscription in rows:
        sums[subscription.price.currency] += _per_month(subscription)
    return dict(sums)
