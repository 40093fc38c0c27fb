"""Amounts as people write them, in minor units of their currency and back: JPY has no cents, BHD has three places."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import get_currency_precision

_WRITTEN = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,6})?", re.ASCII)


class AmountError(ValueError):
    """Text that is no amount of the currency. `code` is `form`, or `places` for more decimals than it has."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def places(currency: str) -> int:
    """How many decimals an amount of `currency` has."""
    return get_currency_precision(currency)


def minor_of(text: str, currency: str) -> int:
    """`19.5` → 1950 in EUR. A comma is a decimal sign too; no grouping, no sign. Raises AmountError."""
    text = text.strip()
    if not _WRITTEN.fullmatch(text):
        raise AmountError("form")
    scaled = Decimal(text.replace(",", ".")).scaleb(places(currency))
    if scaled != scaled.to_integral_value():
        raise AmountError("places")
    return int(scaled)


def written(minor: int, currency: str) -> str:
    """1950 → `19.50` in EUR: what `minor_of` reads back."""
    return f"{Decimal(minor).scaleb(-places(currency)):f}"
