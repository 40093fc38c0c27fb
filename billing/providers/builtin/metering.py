"""What was used beyond what is paid ahead: told by meter events, charged with the next invoice of the subscription."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing.money.proration import Line, Period, usage_line
from billing.providers.builtin.models import Customer, Invoice, MeterEvent, Price, Subscription


@dataclass(frozen=True)
class Used:
    """A line and the events it charges."""

    line: Line
    events: tuple[str, ...]


def note(customer: Customer, meter: str, value: int, at: datetime, key: str) -> None:
    """Keep a meter event; one with a known key is kept already."""
    event = MeterEvent(key=key[:100], customer=customer, meter=meter, value=value, at=at)
    MeterEvent.objects.bulk_create([event], ignore_conflicts=True)


def used(subscription: Subscription, until: datetime, *, to_the_end: bool = False) -> list[Used]:
    """What a subscription used before `until` (`to_the_end`: all there is) and no invoice has charged, by the prices that run."""
    prices = Price.objects.filter(pk__in=list(subscription.addons), kind="usage").order_by("pk")
    found = []
    for price in prices:
        rows = MeterEvent.objects.filter(customer=subscription.customer_id, meter=price.meter, invoice=None)
        rows = rows if to_the_end else rows.filter(at__lt=until)
        waiting = list(rows.values_list("key", "value", "at"))
        total = sum(value for _key, value, _at in waiting)
        if total:
            since = min(subscription.period_start, *(at for _key, _value, at in waiting))
            line = usage_line(price.unit_minor, total, price.pack, Period(since, until), price.pk)
            found.append(Used(line, tuple(key for key, _value, _at in waiting)))
    return found


def mark_charged(charged: Sequence[Used], invoice: Invoice) -> None:
    """These events are on `invoice`."""
    keys = [key for one in charged for key in one.events]
    if keys:
        MeterEvent.objects.filter(pk__in=keys).update(invoice=invoice)
