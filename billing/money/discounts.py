"""What a coupon takes off an invoice (ASP-20.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from billing.money.proration import Line
from billing.money.rounding import part, to_minor


@dataclass(frozen=True)
class Discount:
    """Terms of a coupon. Exactly one of `percent_off` and `amount_off_minor` is set."""

    code: str
    percent_off: Decimal | None = None
    amount_off_minor: int | None = None
    duration: str = "once"
    months: int | None = None
    #: How many twelfths of an invoice it discounts: fewer than all where a year is paid and it holds for some months.
    twelfths: int = 12


def share_of(discount: Discount, net_minor: int) -> int:
    """What a discount in percent takes off a net sum, rounded once. Raises TypeError for one over an amount."""
    if discount.percent_off is None:
        raise TypeError("An amount has no share.")
    return to_minor(
        Fraction(net_minor) * Fraction(discount.percent_off) / 100 * Fraction(discount.twelfths, 12)
    )


def taken_off(discount: Discount, lines: Sequence[Line]) -> int:
    """How much is taken off the net sum of `lines`; never more than the sum, never negative."""
    net = sum(line.net_minor for line in lines)
    if net <= 0:
        return 0
    if discount.percent_off is not None:
        return min(net, share_of(discount, net))
    return min(part(net, discount.twelfths, 12), discount.amount_off_minor or 0)


def for_interval(discount: Discount, interval: str, months_since_start: int = 0) -> Discount:
    """The discount of an invoice for a month or a year that long after the subscription began: one for some months
    discounts as many twelfths of a year as it still holds for."""
    if interval != "year" or discount.duration != "repeating":
        return discount
    left = (discount.months or 0) - months_since_start
    return replace(discount, twelfths=max(0, min(left, 12)))


def covers(discount: Discount, months_since_start: int, invoices_before: int) -> bool:
    """Whether the coupon still applies to an invoice issued that long after the subscription began."""
    if discount.duration == "forever":
        return True
    if discount.duration == "repeating":
        return months_since_start < (discount.months or 0)
    return invoices_before == 0
