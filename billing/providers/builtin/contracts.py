"""Begins, ends and renews subscriptions; what changes within a period is `changing`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from billing.money.periods import boundary, following
from billing.money.proration import (
    Line,
    Period,
    addon_period_lines,
    period_line,
)
from billing.providers.builtin import collecting, invoicing, metering, taxation
from billing.providers.builtin.cards import MethodDetails
from billing.providers.builtin.events import emit
from billing.providers.builtin.models import (
    CreditNote,
    Customer,
    Invoice,
    Method,
    Price,
    Subscription,
    new_id,
)
from billing.providers.interface import ProviderError


def units_of(addons: Iterable[str], price: Price) -> dict[str, int]:
    """What one of each add-on that is paid ahead costs, by lookup key, beside a plan's price.

    Raises ProviderError `provider.not_found`, `provider.invalid` for another currency or interval, or for a plan.
    """
    wanted = set(addons)
    found = {row.pk: row for row in Price.objects.filter(pk__in=wanted)}
    if missing := wanted - set(found):
        raise ProviderError("provider.not_found", f"No such price: {sorted(missing)[0][:60]}")
    for row in found.values():
        if row.kind == "plan" or (row.currency, row.interval) != (price.currency, price.interval):
            raise ProviderError("provider.invalid", f"{row.pk} can't be beside {price.pk}.")
    return {key: row.unit_minor for key, row in found.items() if row.kind != "usage"}


def paid_ahead(units: Mapping[str, int], addons: Mapping[str, int]) -> dict[str, int]:
    """The add-ons that cost something at the beginning of a period; what is charged by usage does not."""
    return {key: quantity for key, quantity in addons.items() if key in units}


def keep_method(customer: Customer, details: MethodDetails, at: datetime) -> Method:
    """Make `details` what the customer pays with from now on."""
    customer.methods.update(is_default=False)
    method = Method.objects.create(
        id=new_id("pm"),
        customer=customer,
        kind=details.kind,
        brand=details.brand,
        last4=details.last4,
        exp_month=details.exp_month,
        exp_year=details.exp_year,
        behaviour="ok" if details.behaviour == "authenticate" else details.behaviour,
        is_default=True,
        created_at=at,
    )
    # Ended ones too: what is still owed for them is collected the same way.
    customer.subscriptions.update(collection="invoice" if details.kind == "bank_transfer" else "charge")
    return method


def begin(
    customer: Customer,
    price: Price,
    seats: int,
    coupon: dict[str, Any] | None,
    details: MethodDetails,
    at: datetime,
    addons: Mapping[str, int] | None = None,
) -> Subscription:
    """Start a subscription with its first invoice paid, debited or sent.

    Call in a transaction: raises collecting.Declined, and then nothing of it may stay.
    """
    method = keep_method(customer, details, at)
    code = collecting.decline_code(method, renewal=False) if method.kind == "card" else ""
    if code:
        raise collecting.Declined(code)
    period = Period(at, boundary(at, price.interval, 1))
    subscription = Subscription.objects.create(
        id=new_id("sub"),
        customer=customer,
        status="active",
        collection="invoice" if method.kind == "bank_transfer" else "charge",
        price=price,
        seats=seats,
        anchor=at,
        period_start=period.start,
        period_end=period.end,
        started_at=at,
        coupon=coupon,
        addons=dict(addons or {}),
    )
    emit("customer.subscription.created", subscription)
    lines = period_lines(price, seats, subscription.addons, period)
    _bill(subscription, lines, [], "subscription_create", at, renewal=False)
    return subscription


def _bill(
    subscription: Subscription,
    lines: Sequence[Line],
    used: Sequence[metering.Used],
    reason: str,
    at: datetime,
    *,
    renewal: bool,
) -> Invoice:
    """Invoice a whole period, and what was used in the one before."""
    lines = [*(one.line for one in used), *lines]
    offs = invoicing.whole_period(
        invoicing.still_discounted(subscription, at, subscription.price.interval), lines
    )
    subscription.period_discount = invoicing.kept_discount(offs, lines)
    subscription.period_tax = taxation.charged({}, lines, taxation.today(subscription.customer))
    subscription.save(update_fields=["period_discount", "period_tax"])
    total = invoicing.sum_up(subscription.customer, subscription.price, lines, offs)
    invoice = invoicing.write_invoice(subscription, total, reason, at)
    metering.mark_charged(used, invoice)
    emit("invoice.finalized", invoice)
    collecting.collect(invoice, at, renewal=renewal)
    return invoice


def period_lines(price: Price, seats: int, addons: Mapping[str, int], period: Period) -> list[Line]:
    """The lines of a whole period: users, then add-ons. Raises ProviderError."""
    units = units_of(addons, price)
    return [
        period_line(price.unit_minor, seats, period, price.pk),
        *addon_period_lines(units, paid_ahead(units, addons), period),
    ]


def issue_credit(invoice: Invoice, note: CreditNote, at: datetime) -> None:
    """What follows from a credit note: an invoice nothing is owed on is closed, and what was paid too much goes back."""
    emit("credit_note.created", note)
    if invoice.status == "open" and invoice.due_minor <= 0:
        collecting.settle(invoice, at)
    collecting.give_back_surplus(invoice, at)


def plan_renewal(
    subscription: Subscription, price: Price, seats: int, addons: Mapping[str, int] | None = None
) -> None:
    """Other terms from the next period on; today's terms take a plan back."""
    if subscription.status == "ended":
        raise ProviderError("provider.invalid", "The subscription has ended.")
    if price.currency != subscription.price.currency:
        raise ProviderError("provider.invalid", "A customer is billed in one currency.")
    wanted = {k: n for k, n in (subscription.addons if addons is None else addons).items() if n}
    units_of(wanted, price)
    same = (price.pk, seats, wanted) == (subscription.price_id, subscription.seats, subscription.addons)
    subscription.next_price = None if same else price
    subscription.next_seats = None if same else seats
    subscription.next_addons = None if same else wanted
    subscription.save(update_fields=["next_price", "next_seats", "next_addons"])
    emit("customer.subscription.updated", subscription)


def renew(subscription: Subscription) -> None:
    """The period is over: end what was canceled, else begin the next period and invoice it."""
    at = subscription.period_end
    if subscription.cancel_at is not None and subscription.cancel_at <= at:
        end(subscription, subscription.cancel_at)
        return
    used = metering.used(subscription, at)
    if subscription.next_price is not None and subscription.next_seats is not None:
        if subscription.next_price.interval != subscription.price.interval:
            subscription.anchor = at
        subscription.price, subscription.seats = subscription.next_price, subscription.next_seats
        if subscription.next_addons is not None:
            subscription.addons = subscription.next_addons
        subscription.next_price = subscription.next_seats = subscription.next_addons = None
    subscription.period_start = at
    subscription.period_end = following(subscription.anchor, subscription.price.interval, at)
    subscription.save()
    emit("customer.subscription.updated", subscription)
    period = Period(at, subscription.period_end)
    lines = period_lines(subscription.price, subscription.seats, subscription.addons, period)
    # Nothing is invoiced while an invoice is overdue; the one that waited for that has the day of the payment.
    paid = subscription.invoices.aggregate(last=Max("paid_at"))["last"]
    _bill(subscription, lines, used, "subscription_cycle", max(at, paid or at), renewal=True)


def renewal_lines(
    subscription: Subscription,
    price: Price,
    seats: int,
    addons: Mapping[str, int] | None = None,
    begun_at: datetime | None = None,
) -> tuple[datetime, list[Line]]:
    """When the next period begins with these terms, its lines, and what was used so far in this one.

    `begun_at`: these terms began a period of their own then, and what was used before was charged with it.
    """
    wanted = subscription.addons if addons is None else addons
    if begun_at is not None:
        start, end_at = boundary(begun_at, price.interval, 1), boundary(begun_at, price.interval, 2)
        return start, period_lines(price, seats, wanted, Period(start, end_at))
    start = subscription.period_end
    same = price.interval == subscription.price.interval
    end_at = (
        following(subscription.anchor, price.interval, start) if same else boundary(start, price.interval, 1)
    )
    used = metering.used(subscription, start)
    return start, [*(one.line for one in used), *period_lines(price, seats, wanted, Period(start, end_at))]


def end(subscription: Subscription, at: datetime) -> None:
    """Stop it for good; what was used and is not charged yet is charged now."""
    used = metering.used(subscription, at, to_the_end=True)
    subscription.status, subscription.ended_at = "ended", at
    subscription.next_price = subscription.next_seats = subscription.next_addons = None
    subscription.save()
    emit("customer.subscription.deleted", subscription)
    if used:
        _bill(subscription, [], used, "subscription_cycle", at, renewal=True)


def first_lines(price: Price, seats: int, addons: Mapping[str, int], at: datetime) -> list[Line]:
    """The lines of a first period that begins at `at`. Raises ProviderError."""
    return period_lines(price, seats, addons, Period(at, boundary(at, price.interval, 1)))
