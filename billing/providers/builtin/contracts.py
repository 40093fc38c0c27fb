"""Begins, changes, ends and renews subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from billing.money.periods import boundary, following
from billing.money.proration import (
    Line,
    Period,
    addon_lines,
    addon_period_lines,
    addons_unused,
    period_line,
    plan_lines,
    seat_lines,
)
from billing.providers.builtin import collecting, invoicing, metering
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
    offs = invoicing.whole_period(invoicing.still_discounted(subscription, at), lines)
    subscription.period_discount = invoicing.kept_discount(offs, lines)
    subscription.save(update_fields=["period_discount"])
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


def change_lines(
    subscription: Subscription,
    price: Price,
    seats: int,
    at: datetime,
    addons: Mapping[str, int] | None = None,
) -> tuple[list[Line], bool]:
    """Lines of a change at once, and whether it begins a new period (another interval does).

    Raises ProviderError `provider.invalid` for another currency, and for fewer add-ons within an interval.
    """
    held = subscription.addons
    wanted = held if addons is None else addons
    old = subscription.price
    if price.currency != old.currency:
        raise ProviderError("provider.invalid", "A customer is billed in one currency.")
    period = Period(subscription.period_start, subscription.period_end)
    if price.interval != old.interval:
        unused = plan_lines((old.pk, old.unit_minor, subscription.seats), ("", 0, 0), period, at)[:1]
        units = units_of(held, old)
        unused += addons_unused(units, paid_ahead(units, held), period, at)
        fresh = Period(at, boundary(at, price.interval, 1))
        return [*unused, *period_lines(price, seats, wanted, fresh)], True
    units = units_of({*held, *wanted}, price) if addons is not None else units_of(wanted, price)
    try:
        more = addon_lines(units, paid_ahead(units, held), paid_ahead(units, wanted), period, at)
    except ValueError as error:
        raise ProviderError("provider.invalid", str(error)) from error
    if price.pk == old.pk:
        added = seats - subscription.seats
        users = seat_lines(price.unit_minor, added, period, at, price.pk) if added > 0 else []
        return [*users, *more], False
    before = (old.pk, old.unit_minor, subscription.seats)
    return [*plan_lines(before, (price.pk, price.unit_minor, seats), period, at), *more], False


def change_now(
    subscription: Subscription,
    price: Price,
    seats: int,
    at: datetime,
    addons: Mapping[str, int] | None = None,
) -> None:
    """Another price, more seats or add-ons at once; the difference is invoiced and charged at once.

    A card that is declined changes nothing: call in a transaction, raises collecting.Declined.
    A credit larger than the charge is given as credit notes on the last invoices.
    """
    if subscription.status == "ended":
        raise ProviderError("provider.invalid", "The subscription has ended.")
    lines, fresh = change_lines(subscription, price, seats, at, addons)
    used = metering.used(subscription, at) if fresh else []
    offs = change_offs(subscription, lines, at, fresh=fresh)
    subscription.price, subscription.seats = price, seats
    if addons is not None:
        subscription.addons = {key: quantity for key, quantity in addons.items() if quantity}
    subscription.next_price = subscription.next_seats = subscription.next_addons = None
    if fresh:
        subscription.anchor = subscription.period_start = at
        subscription.period_end = boundary(at, price.interval, 1)
        if subscription.cancel_at is not None:  # it ends with what is being paid for now, not within it
            subscription.cancel_at = subscription.period_end
        fresh_lines = _of_new_period(lines)
        fresh_offs = [pair for pair in offs if pair[1] > 0]
        subscription.period_discount = invoicing.kept_discount(fresh_offs, fresh_lines)
    subscription.save()
    emit("customer.subscription.updated", subscription)
    if not lines:
        return
    total = invoicing.sum_up(subscription.customer, price, [*(one.line for one in used), *lines], offs)
    if total.total_minor < 0:  # what was used is charged at the renewal then
        total = invoicing.sum_up(subscription.customer, price, lines, offs)
        _give_back(subscription, -total.total_minor, total.lines[0]["text"], at)
        return
    invoice = invoicing.write_invoice(subscription, total, "subscription_update", at)
    metering.mark_charged(used, invoice)
    if subscription.collection == "charge":
        method = collecting.default_method(subscription.customer)
        code = collecting.decline_code(method, renewal=True)
        if code and (method is None or method.kind != "sepa_debit"):
            raise collecting.Declined(code)
    emit("invoice.finalized", invoice)
    collecting.collect(invoice, at, renewal=True)


def _of_new_period(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if not line.is_proration]


def change_offs(
    subscription: Subscription, lines: Sequence[Line], at: datetime, *, fresh: bool
) -> list[invoicing.Off]:
    """What coupons take off a change at once: the running period's off what is part of it, and of another interval's
    first period what still counts."""
    if not fresh:
        return invoicing.part_of_period(subscription, lines)
    unused = [line for line in lines if line.is_proration]
    return [
        *invoicing.part_of_period(subscription, unused, unused=True),
        *invoicing.whole_period(invoicing.still_discounted(subscription, at), _of_new_period(lines)),
    ]


def _give_back(subscription: Subscription, total_minor: int, reason: str, at: datetime) -> None:
    """Credit notes over `total_minor` on the last invoices; on one that is still open, less is owed then."""
    for invoice in subscription.invoices.filter(status__in=["open", "paid"]).order_by(
        "-issued_at", "-number"
    ):
        amount = min(total_minor, invoice.total_minor - invoice.credited_minor)
        if amount > 0:
            issue_credit(invoice, invoicing.write_credit(invoice, amount, reason, at), at)
            total_minor -= amount
        if total_minor == 0:
            return


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
