"""What a coupon takes off an invoice (ASP-20.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.money.proration import Line
from billing.money.rounding import percent


@dataclass(frozen=True)
class Discount:
    """Terms of a coupon. Exactly one of `percent_off` and `amount_off_minor` is set."""

    code: str
    percent_off: Decimal | None = None
    amount_off_minor: int | None = None
    duration: str = "once"
    months: int | None = None


def taken_off(discount: Discount, lines: Sequence[Line]) -> int:
    """How much is taken off the net sum of `lines`; never more than the sum, never negative."""
    net = sum(line.net_minor for line in lines)
    if net <= 0:
        return 0
    if discount.percent_off is not None:
        return min(net, percent(net, discount.percent_off))
    return min(net, discount.amount_off_minor or 0)


def covers(discount: Discount, months_since_start: int, invoices_before: int) -> bool:
    """Whether the coupon still applies to an invoice issued that long after the subscription began."""
    if discount.duration == "forever":
        return True
    if discount.duration == "repeating":
        return months_since_start < (discount.months or 0)
    return invoices_before == 0
