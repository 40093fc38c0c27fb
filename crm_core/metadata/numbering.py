"""How an automatic number looks (PLT-16): prefix, parts of the date, a sequence with leading zeros, random characters."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: parts of the date a number may carry, and how they are written
DATE_PARTS = {"year": "%Y", "year_month": "%Y%m", "year_month_day": "%Y%m%d"}
SUFFIX_LENGTHS = (0, 4, 6)
MAX_DIGITS = 12
MAX_PREFIX = 20
LAST_NUMBER = 10**15
# without what is read as something else: 0 and O, 1, I and L
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class NumberFormat:
    """The format of one attribute; `start` is the number its sequence begins with, never goes back below."""

    prefix: str = ""
    date_part: str | None = None
    digits: int = 5
    suffix: int = 0
    start: int = 1

    def text(self, number: int, day: dt.date) -> str:
        """The value for `number` taken on `day`, such as `INV-202611-00042-X7KQ`; the suffix differs each time."""
        parts = [str(number).zfill(self.digits)]
        if self.date_part:
            parts.insert(0, day.strftime(DATE_PARTS[self.date_part]))
        if self.suffix:
            parts.append("".join(secrets.choice(_ALPHABET) for _ in range(self.suffix)))
        return self.prefix + "-".join(parts)


def from_definition(definition: Mapping[str, Any]) -> NumberFormat:
    """The format of a published definition of type auto; what is not said is as by default."""
    return NumberFormat(
        prefix=definition.get("prefix") or "",
        date_part=definition.get("date_part"),
        digits=definition.get("digits") or 5,
        suffix=definition.get("suffix") or 0,
        start=definition.get("next_number") or 1,
    )


def counter_key(object_name: str, attribute: str) -> str:
    """The row of `NumberCounter` an attribute counts in."""
    return f"{object_name}.{attribute}"
