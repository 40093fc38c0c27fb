"""Rounding to the minor unit: half away from zero, the way invoices are checked by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def to_minor(amount: Fraction) -> int:
    """Round an exact amount in minor units; a half goes away from zero, so a credit mirrors its charge."""
    sign = -1 if amount < 0 else 1
    return sign * int(abs(amount) + Fraction(1, 2))


def part(amount_minor: int, numerator: int, denominator: int) -> int:
    """`amount × numerator / denominator` rounded once. Raises ZeroDivisionError."""
    return to_minor(Fraction(amount_minor * numerator, denominator))


def percent(amount_minor: int, rate: Decimal) -> int:
    """`rate` percent of an amount, rounded once."""
    return to_minor(Fraction(amount_minor) * Fraction(rate) / 100)
