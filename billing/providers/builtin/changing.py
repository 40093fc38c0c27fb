"""Changes a subscription within its period: what is added is charged, what is unused is given back (ASP-20.1, ASP-20.2).

A document has one taxation. What was taxed otherwise than a sale is today goes back by credit notes on the invoices it
was charged with, which carry their rate; the rest is netted on the invoice of the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from billing.money.periods import boundary
from billing.money.proration import Line, Period, addon_lines, addons_unused, plan_lines, seat_lines
from billing.money.tax import Taxation
from billing.providers.builtin import collecting, invoicing, metering, taxation
from billing.providers.builtin.contracts import issue_credit, paid_ahead, period_lines, units_of
from billing.providers.builtin.events import emit
from billing.providers.builtin.models import Price, Subscription
from billing.providers.interface import ProviderError


@dataclass(frozen=True)
class Change:
    """What a change at once comes to: lines, coupons, and what its documents say."""

    lines: list[Line]
    #: Whether a new period begins (another interval does).
    fresh: bool
    #: What coupons take off the lines that are taxed like today's sales.
    offs: list[invoicing.Off]
    #: What was used and is charged with it.
    used: list[metering.Used]
    #: The invoice, or below zero what goes back instead of one.
    due: invoicing.Sum
    #: What goes back by credit notes of its own, each below zero.
    credits: list[invoicing.Sum]


def work_out(
    subscription: Subscription,
    price: Price,
    seats: int,
    at: datetime,
    addons: Mapping[str, int] | None = None,
) -> Change:
    """What `change_now` would write. Writes nothing. Raises ProviderError `provider.invalid`."""
    lines, fresh = change_lines(subscription, price, seats, at, addons)
    customer, today = subscription.customer, taxation.today(subscription.customer)
    others: dict[Taxation, list[Line]] = {}
    for line in lines:
        others.setdefault(line.tax or today, []).append(line)
    own = others.pop(today, [])
    apart = {taxed: invoicing.part_of_period(subscription, of, unused=True) for taxed, of in others.items()}
    offs = _offs(subscription, own, price.interval, at, fresh=fresh)
    if not fresh:  # an amount that was taken off once stays so: off what takes the place of the credit
        given = [pair for of in apart.values() for pair in of]
        offs += [(discount, -off) for discount, off in given if discount.percent_off is None]
    used = metering.used(subscription, at) if fresh else []
    due = invoicing.sum_up(customer, price, [*(one.line for one in used), *own], offs)
    if due.total_minor < 0:  # what was used is charged at the renewal then
        used, due = [], invoicing.sum_up(customer, price, own, offs)
    credits = [invoicing.sum_up(customer, price, of, apart[taxed], taxed) for taxed, of in others.items()]
    return Change(lines, fresh, offs, used, due, credits)


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
        unused = taxation.as_charged(subscription, unused, period, at)
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
    swapped = plan_lines(before, (price.pk, price.unit_minor, seats), period, at)
    return [*taxation.as_charged(subscription, swapped, period, at), *more], False


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
    found = work_out(subscription, price, seats, at, addons)
    _take_over(subscription, price, seats, addons, found, at)
    subscription.save()
    emit("customer.subscription.updated", subscription)
    if not found.lines:
        return
    if found.due.total_minor < 0:
        _give_back(subscription, found.due, at)
    elif found.due.lines:
        _charge(subscription, found, at)
    for credit in found.credits:
        _give_back(subscription, credit, at)


def _take_over(
    subscription: Subscription,
    price: Price,
    seats: int,
    addons: Mapping[str, int] | None,
    found: Change,
    at: datetime,
) -> None:
    """The subscription has the new terms, and a new period where another interval begins one."""
    subscription.price, subscription.seats = price, seats
    if addons is not None:
        subscription.addons = {key: quantity for key, quantity in addons.items() if quantity}
    subscription.next_price = subscription.next_seats = subscription.next_addons = None
    today = taxation.today(subscription.customer)
    subscription.period_tax = taxation.charged(subscription.period_tax, found.lines, today)
    if not found.fresh:
        return
    subscription.anchor = subscription.period_start = at
    subscription.period_end = boundary(at, price.interval, 1)
    if subscription.cancel_at is not None:  # it ends with what is being paid for now, not within it
        subscription.cancel_at = subscription.period_end
    fresh_offs = [pair for pair in found.offs if pair[1] > 0]
    subscription.period_discount = invoicing.kept_discount(fresh_offs, _of_new_period(found.lines))


def _charge(subscription: Subscription, found: Change, at: datetime) -> None:
    invoice = invoicing.write_invoice(subscription, found.due, "subscription_update", at)
    metering.mark_charged(found.used, invoice)
    if subscription.collection == "charge":
        method = collecting.default_method(subscription.customer)
        code = collecting.decline_code(method, renewal=True)
        if code and (method is None or method.kind != "sepa_debit"):
            raise collecting.Declined(code)
    emit("invoice.finalized", invoice)
    collecting.collect(invoice, at, renewal=True)


def _of_new_period(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if not line.is_proration]


def _offs(
    subscription: Subscription, lines: Sequence[Line], interval: str, at: datetime, *, fresh: bool
) -> list[invoicing.Off]:
    """What coupons take off a change at once: the running period's off what is part of it, and of another interval's
    first period what still counts."""
    if not fresh:
        return invoicing.part_of_period(subscription, lines)
    unused = [line for line in lines if line.is_proration]
    return [
        *invoicing.part_of_period(subscription, unused, unused=True),
        *invoicing.whole_period(
            invoicing.still_discounted(subscription, at, interval), _of_new_period(lines)
        ),
    ]


def _give_back(subscription: Subscription, credit: invoicing.Sum, at: datetime) -> None:
    """Credit notes over what is below zero, on the last invoices that were taxed like it, then on others; on one that
    is still open, less is owed then."""
    left, reason = -credit.total_minor, credit.lines[0]["text"]
    invoices = subscription.invoices.filter(status__in=["open", "paid"]).order_by("-issued_at", "-number")
    for invoice in sorted(invoices, key=lambda row: taxation.of_invoice(row) != credit.tax):
        amount = min(left, invoice.total_minor - invoice.credited_minor)
        if amount > 0:
            issue_credit(invoice, invoicing.write_credit(invoice, amount, reason, at), at)
            left -= amount
        if left == 0:
            return
