"""Has the provider change the terms of a subscription and mirrors what came of it. Call with the profile locked."""

from __future__ import annotations

from billing.models import BillingProfile, PlanPrice, Subscription
from billing.providers.interface import Items
from billing.services import profile, projection
from billing.services.terms import NOW, RENEWAL, for_interval, items_of


def apply_plan(
    buyer: BillingProfile,
    subscription: Subscription,
    price: PlanPrice,
    wanted: int,
    when: str,
    key: str,
    planned: PlanPrice | None = None,
) -> None:
    """Other seats or another plan; a plan and add-ons `planned` for the renewal stay planned."""
    following = planned or price
    today = for_interval(subscription, items_of(subscription), price.interval)
    later = for_interval(subscription, items_of(subscription, later=True), following.interval)
    if when == NOW:
        apply(buyer, subscription, price, wanted, NOW, key, today)
        if following.pk == price.pk and later == today:
            return
        key = f"{key}:later"
    apply(buyer, subscription, following, wanted, RENEWAL, key, later)


def apply(
    buyer: BillingProfile,
    subscription: Subscription,
    price: PlanPrice,
    wanted: int,
    when: str,
    key: str,
    addons: Items,
) -> None:
    """Have the provider change the whole terms, now or at the renewal, and mirror what came of it."""
    agent = profile.provider_of(buyer)
    act = agent.change_now if when == NOW else agent.change_at_renewal
    state = act(subscription.provider_id, price.lookup_key, wanted, key, addons)
    projection.apply_subscription(buyer, state)
    for invoice in agent.invoices_of(buyer.customer_id):
        projection.apply_invoice(buyer, invoice)


def add_item(buyer: BillingProfile, subscription: Subscription, lookup_key: str, key: str) -> None:
    """Put one of a price beside the plan, now and at the renewal. The profile is locked."""
    price, seats_now = subscription.price, subscription.seats
    now = {**items_of(subscription), lookup_key: 1}
    planned = subscription.next_price is not None or items_of(subscription, later=True) != items_of(
        subscription
    )
    later = {**items_of(subscription, later=True), lookup_key: 1}
    next_price, next_seats = subscription.next_price or price, subscription.next_seats or seats_now
    following = for_interval(subscription, later, next_price.interval)
    apply(buyer, subscription, price, seats_now, NOW, key, now)
    if planned:
        apply(buyer, subscription, next_price, next_seats, RENEWAL, f"{key}:later", following)
