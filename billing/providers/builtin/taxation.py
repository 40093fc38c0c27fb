"""How a customer is taxed today, and how what is paid of a running period was: a credit carries what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from billing.money import tax
from billing.money.proration import Line, Period, prorate
from billing.providers.builtin.models import Customer, Invoice, Subscription

#: By lookup key: [how many, rate, treatment, country] for each way they were taxed.
Held = dict[str, list[list[int | str]]]
#: Lines that give back what was charged.
UNUSED = ("plan_unused", "addon_unused")


def today(customer: Customer) -> tax.Taxation:
    """How a sale to the customer is taxed now."""
    seller = settings.KONTOR_SELLER["country"]
    found = tax.decide(seller, customer.country, customer.tax_id, is_valid=customer.tax_id_valid)
    return _at(found.rate, found.treatment, customer.country)


def _at(rate: Decimal, treatment: str, country: str) -> tax.Taxation:
    return tax.Taxation(rate, treatment, "" if treatment == tax.OUT_OF_SCOPE else country)


def charged(held: Mapping[str, list[list[int | str]]], lines: Sequence[Line], taxed: tax.Taxation) -> Held:
    """What is held of a period after `lines`: what was given back is gone, what was charged is taxed like `taxed`."""
    given_back = {line.lookup_key for line in lines if line.kind in UNUSED}
    after = {key: [list(one) for one in of] for key, of in held.items() if key not in given_back}
    terms: list[int | str] = [str(taxed.rate), taxed.treatment, taxed.country]
    for line in lines:
        if line.kind not in UNUSED and line.kind != "usage":
            after.setdefault(line.lookup_key, []).append([line.quantity, *terms])
    return after


def as_charged(subscription: Subscription, lines: Sequence[Line], period: Period, at: datetime) -> list[Line]:
    """`lines`, each that gives back unused time taxed like what it gives back: one for each way that was taxed."""
    found: list[Line] = []
    for line in lines:
        if line.kind not in UNUSED:
            found.append(line)
            continue
        for taxed, quantity in _ways(subscription, line).items():
            net = -prorate(line.unit_minor, quantity, period, at)
            found.append(replace(line, quantity=quantity, net_minor=net, tax=taxed))
    return found


def _ways(subscription: Subscription, line: Line) -> dict[tax.Taxation, int]:
    """How many units of a credit were taxed how; what nobody noted is taxed like the subscription's last period."""
    ways: dict[tax.Taxation, int] = {}
    for quantity, rate, treatment, country in subscription.period_tax.get(line.lookup_key, []):
        way = tax.Taxation(Decimal(rate), treatment, country)
        ways[way] = ways.get(way, 0) + int(quantity)
    missing = line.quantity - sum(ways.values())
    if missing > 0:
        way = _of_last_period(subscription)
        ways[way] = ways.get(way, 0) + missing
    return ways


def _of_last_period(subscription: Subscription) -> tax.Taxation:
    rows = subscription.invoices.order_by("-issued_at", "-number")
    last = rows.exclude(reason="subscription_update").first() or rows.first()
    return of_invoice(last) if last else today(subscription.customer)


def of_invoice(invoice: Invoice) -> tax.Taxation:
    """How an invoice is taxed."""
    country = (invoice.printed.get("buyer") or {}).get("country", "")
    return _at(invoice.tax_rate, invoice.tax_treatment, country)
