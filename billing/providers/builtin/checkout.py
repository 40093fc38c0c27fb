"""What the checkout page does: take a payment method, perhaps wait for its owner's confirmation, begin."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from billing.providers.builtin import clock, contracts
from billing.providers.builtin.cards import MethodDetails
from billing.providers.builtin.collecting import Declined
from billing.providers.builtin.events import emit
from billing.providers.builtin.models import Checkout, Coupon, Subscription
from billing.providers.interface import ProviderError

OPEN, COMPLETE, EXPIRED = "open", "complete", "expired"


def find(checkout_id: str) -> Checkout:
    """The checkout, expired when its time is over. Raises ProviderError `provider.not_found`."""
    row = Checkout.objects.select_related("customer", "price").filter(pk=checkout_id).first()
    if row is None:
        raise ProviderError("provider.not_found", "No such checkout.")
    if row.status == OPEN and row.expires_at <= clock.now():
        row.status = EXPIRED
    return row


def pay(checkout_id: str, details: MethodDetails) -> str:
    """Pay with `details`. Returns `complete`, or `authenticate` when the owner has to confirm first.

    Paying twice is paying once. Raises Declined, ProviderError `checkout.expired`, `checkout.subscribed`,
    `coupon.used_up`; nothing is charged then.
    """
    with transaction.atomic():
        row = _open(checkout_id)
        if row.status == COMPLETE:
            return COMPLETE
        if details.behaviour == "authenticate":
            row.waiting_method = asdict(details)
            row.save(update_fields=["waiting_method"])
            return "authenticate"
        _complete(row, details)
    return COMPLETE


def confirm(checkout_id: str, *, approved: bool) -> str:
    """The owner's answer to the bank's question. Raises Declined when he refuses, and like `pay`."""
    with transaction.atomic():
        row = _open(checkout_id)
        if row.status == COMPLETE:
            return COMPLETE
        if row.waiting_method is None:
            raise ProviderError("provider.invalid", "Nothing waits for confirmation.")
        details = MethodDetails(**row.waiting_method)
        row.waiting_method = None
        row.save(update_fields=["waiting_method"])
        if approved:
            _complete(row, details)
    if not approved:
        raise Declined("authentication_failed")
    return COMPLETE


def _open(checkout_id: str) -> Checkout:
    row = (
        Checkout.objects.select_for_update(of=("self", "customer"))
        .select_related("customer", "price")
        .filter(pk=checkout_id)
        .first()
    )
    if row is None:
        raise ProviderError("provider.not_found", "No such checkout.")
    if row.status == EXPIRED or (row.status == OPEN and row.expires_at <= clock.now()):
        raise ProviderError("checkout.expired", "The page was open too long.")
    if row.status == OPEN and row.customer.subscriptions.exclude(status="ended").exists():
        raise ProviderError("checkout.subscribed", "A subscription runs already.")
    return row


def _redeem(row: Checkout) -> None:
    """Make sure that the order's coupon is not used up by others; whoever comes next waits until this one is through."""
    if not row.coupon:
        return
    found = Coupon.objects.select_for_update().filter(pk=row.coupon["code"]).first()
    if found is None or found.max_redemptions is None:
        return
    if Subscription.objects.filter(coupon__code=found.code).count() >= found.max_redemptions:
        raise ProviderError("coupon.used_up", "Others used it as often as it can be used.")


def _complete(row: Checkout, details: MethodDetails) -> None:
    _redeem(row)
    subscription = contracts.begin(
        row.customer, row.price, row.seats, row.coupon, details, clock.now(), row.addons
    )
    row.status, row.subscription = COMPLETE, subscription
    row.save(update_fields=["status", "subscription"])
    emit("checkout.session.completed", row)
