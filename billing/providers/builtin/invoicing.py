"""Writes invoices and credit notes: lines, discount, tax, and numbers without gaps (ASP-1 Provider invoice)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.utils import translation

from billing.money import tax
from billing.money.discounts import Discount, covers, for_interval, share_of, taken_off
from billing.money.proration import Line
from billing.money.rounding import part
from billing.providers.builtin import taxation, texts
from billing.providers.builtin.models import (
    CreditNote,
    Customer,
    Invoice,
    NumberSeries,
    Price,
    Subscription,
    new_id,
)

#: A transfer has two weeks; what is charged is due at once.
PAYMENT_TERM = timedelta(days=14)


@dataclass(frozen=True)
class Sum:
    """Lines as printed with discount, and their sums."""

    lines: list[dict[str, Any]]
    net_minor: int
    tax: tax.Taxation
    tax_minor: int

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor


def discount_of(coupon: dict[str, Any] | None) -> Discount | None:
    """The terms kept on a subscription or checkout."""
    if not coupon:
        return None
    share = coupon.get("percent_off")
    return Discount(
        coupon["code"],
        Decimal(share) if share else None,
        coupon.get("amount_off_minor"),
        coupon["duration"],
        coupon.get("months"),
    )


def first_discount(coupon: dict[str, Any] | None, interval: str) -> Discount | None:
    """What a coupon is on the first invoice of an order."""
    found = discount_of(coupon)
    return for_interval(found, interval) if found is not None else None


def still_discounted(subscription: Subscription, at: datetime, interval: str) -> Discount | None:
    """The coupon of a subscription if it covers an invoice for a month or year issued at that moment."""
    found = discount_of(subscription.coupon)
    if found is None:
        return None
    span = relativedelta(at, subscription.started_at)
    before = subscription.invoices.exclude(reason="subscription_update").count()
    months = span.years * 12 + span.months
    return for_interval(found, interval, months) if covers(found, months, before) else None


#: A coupon and what it takes off, in minor units; below zero where a credit is smaller for it.
Off = tuple[Discount, int]


def whole_period(discount: Discount | None, lines: Sequence[Line]) -> list[Off]:
    """What a coupon takes off the lines of a whole period."""
    off = taken_off(discount, lines) if discount is not None else 0
    return [(discount, off)] if discount is not None and off else []


def kept_discount(offs: Sequence[Off], lines: Sequence[Line]) -> dict[str, Any] | None:
    """How a period was discounted, for what changes within it."""
    if not offs:
        return None
    discount, off = offs[0]
    if discount.percent_off is not None:
        return {"percent": str(discount.percent_off), "twelfths": discount.twelfths}
    return {"off": off, "of": sum(line.net_minor for line in lines)}


def part_of_period(subscription: Subscription, lines: Sequence[Line], *, unused: bool = False) -> list[Off]:
    """What the coupon of the running period takes off lines within it, so that a change costs what the period costs.

    A percentage holds for what is added too; an amount was taken off once, and only comes back with what is `unused`.
    """
    held, discount = subscription.period_discount, discount_of(subscription.coupon)
    if held is None or discount is None:
        return []
    net = sum(line.net_minor for line in lines)
    if "percent" in held:
        twelfths = held.get("twelfths", 12)
        discount = replace(discount, percent_off=Decimal(held["percent"]), twelfths=twelfths)
        off = share_of(discount, net)
    else:
        off = part(net, held["off"], held["of"]) if unused else 0
    return [(discount, off)] if off else []


def sum_up(
    customer: Customer,
    price: Price,
    lines: Sequence[Line],
    offs: Sequence[Off] = (),
    taxed: tax.Taxation | None = None,
) -> Sum:
    """What a document over `lines` less `offs` says, in the customer's language; `taxed` otherwise than today's
    invoices are. Writes nothing."""
    with translation.override(customer.language):
        prices = {p.lookup_key: p for p in Price.objects.filter(pk__in={line.lookup_key for line in lines})}
        printed = [_printed(line, prices.get(line.lookup_key, price)) for line in lines]
        net = sum(line.net_minor for line in lines)
        for discount, off in offs:
            printed.append(
                {"text": texts.discount(discount), "quantity": 1, "unit_minor": -off, "net_minor": -off}
            )
            net -= off
    decision = taxed or taxation.today(customer)
    return Sum(printed, net, decision, decision.on(net))


def _printed(line: Line, price: Price) -> dict[str, Any]:
    return {
        "text": texts.line(line, price),
        "quantity": line.quantity,
        "unit_minor": line.unit_minor,
        "net_minor": line.net_minor,
        "start": line.period.start.isoformat(),
        "end": line.period.end.isoformat(),
        "is_proration": line.is_proration,
    }


def next_number(series: str, at: datetime) -> str:
    """The next number of a series in the year of `at`: `R-2026-00042`.

    The row stays locked until the transaction ends: one that rolls back leaves no gap, two at once wait.
    """
    name = f"{series}-{at.year}"
    NumberSeries.objects.bulk_create([NumberSeries(name=name)], ignore_conflicts=True)
    row = NumberSeries.objects.select_for_update().get(pk=name)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{name}-{row.last:05d}"


def write_invoice(subscription: Subscription, total: Sum, reason: str, at: datetime) -> Invoice:
    """Write and number an invoice. A total below zero is a credit note's business: raises ValueError."""
    if total.total_minor < 0:
        raise ValueError("An invoice is never negative.")
    customer = subscription.customer
    by_transfer = subscription.collection == "invoice"
    return Invoice.objects.create(
        id=new_id("in"),
        number=next_number("R", at),
        customer=customer,
        subscription=subscription,
        status="open",
        reason=reason,
        currency=subscription.price.currency,
        lines=total.lines,
        printed=_frozen(customer),
        net_minor=total.net_minor,
        tax_rate=total.tax.rate,
        tax_treatment=total.tax.treatment,
        tax_minor=total.tax_minor,
        total_minor=total.total_minor,
        issued_at=at,
        due_at=at + PAYMENT_TERM if by_transfer else at,
    )


def _frozen(customer: Customer) -> dict[str, Any]:
    names = ("name", "street", "postal_code", "city", "country", "tax_id", "po_number", "language")
    verified = customer.tax_id_verified_at
    return {
        "seller": dict(settings.KONTOR_SELLER),
        "buyer": {name: getattr(customer, name) for name in names}
        | {"tax_id_verified_at": verified.isoformat() if verified else None},
        "test": settings.KONTOR_BILLING_MODE == "test",
    }


def write_credit(invoice: Invoice, total_minor: int, reason: str, at: datetime) -> CreditNote:
    """Write and number a credit note over part of an invoice; tax in the invoice's proportion, so that credits of the
    whole take back its net and its tax to the minor unit.

    Raises ValueError when it exceeds what was not credited yet.
    """
    if not 0 < total_minor <= invoice.total_minor - invoice.credited_minor:
        raise ValueError("More than is left of the invoice.")
    before = part(invoice.credited_minor, invoice.net_minor, invoice.total_minor)
    net = part(invoice.credited_minor + total_minor, invoice.net_minor, invoice.total_minor) - before
    note = CreditNote.objects.create(
        id=new_id("cn"),
        number=next_number("G", at),
        invoice=invoice,
        net_minor=net,
        tax_minor=total_minor - net,
        total_minor=total_minor,
        reason=reason[:300],
        issued_at=at,
    )
    invoice.credited_minor += total_minor
    invoice.save(update_fields=["credited_minor"])
    return note
