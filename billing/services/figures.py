"""Revenue as the operator's figures want it (ASP-30 Figures). Net, per month, by currency."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from billing.models import Plan, Subscription, SubscriptionItem
from billing.money.rounding import part


def per_month(subscription: Subscription) -> int:
    """Minor units a subscription and its add-ons bring per month, before discounts; a year's price by twelve."""
    price = subscription.price
    months = 12 if price.interval == "year" else 1
    addons = sum(
        item.price.amount_minor * item.quantity
        for item in subscription.items.all()
        if item.price.version.plan.kind != Plan.Kind.USAGE  # known only when it is used
    )
    return part(price.amount_minor * subscription.seats + addons, 1, months)


def _running() -> QuerySet[Subscription]:
    """Subscriptions that bring money: paid or past due."""
    rows = Subscription.objects.filter(status__in=["active", "past_due"]).select_related("price")
    items = SubscriptionItem.objects.select_related("price__version__plan")
    return rows.prefetch_related(Prefetch("items", items))


def monthly_revenues(tenant_ids: Iterable[UUID]) -> dict[UUID, tuple[str, int]]:
    """Currency and minor units these tenants pay per month before discounts, in one statement; only those who pay."""
    return {
        s.tenant_id: (s.price.currency, per_month(s)) for s in _running().filter(tenant__in=list(tenant_ids))
    }


def recurring_revenue() -> dict[str, int]:
    """Monthly recurring revenue by currency, of subscriptions that are paid or past due."""
    sums: dict[str, int] = defaultdict(int)
    for subscription in _running():
        sums[subscription.price.currency] += per_month(subscription)
    return dict(sums)
