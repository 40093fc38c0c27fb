"""Sales arithmetic: exact decimals, rounded once, half away from zero (PRODUCT_SPEC 0.5, 2.9)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

CENT = Decimal("0.01")
ZERO = Decimal(0)


def rounded(amount: Decimal, step: Decimal = CENT) -> Decimal:
    """`amount` at the places of `step`; a negative zero becomes zero."""
    value = amount.quantize(step, ROUND_HALF_UP)
    return abs(value) if value == 0 else value


def weighted(estimated: Decimal | None, probability: int | None) -> Decimal | None:
    """estimated × probability / 100 (SAL-3); nothing without both. `probability` is 0-100."""
    if estimated is None or probability is None:
        return None
    return rounded(estimated * probability / 100)


class Line(NamedTuple):
    """Amounts of one line: before discount, and what the customer pays for it with tax."""

    base: Decimal
    extended: Decimal


def line_amounts(
    quantity: Decimal, price: Decimal, discount: Decimal, tax: Decimal, step: Decimal = CENT
) -> Line:
    """base = round(quantity × price); extended = base − discount + tax (SAL-53). `step` is the currency's smallest amount."""
    base = rounded(quantity * price, step)
    return Line(base, base - rounded(discount, step) + rounded(tax, step))


def net_total(lines: Iterable[tuple[Decimal | None, Decimal | None]]) -> Decimal:
    """Sum of the lines' amounts without tax: Σ (extended − tax)."""
    return sum(((extended or ZERO) - (tax or ZERO) for extended, tax in lines), ZERO)


def decimals_of(quantity: Decimal) -> int:
    """Number of places that `quantity` really uses: 1.500 has one."""
    exponent = quantity.normalize().as_tuple().exponent
    return max(-int(exponent), 0)


def win_percentage(won: int, closed: int) -> Decimal | None:
    """Won among closed opportunities in percent, two places; nothing without closed ones (SAL-30)."""
    if not closed:
        return None
    return rounded(Decimal(won) * 100 / closed)
