"""Defining automatic numbers (PLT-16): what a format may be, and that its sequence only goes up."""

from __future__ import annotations

import string
from typing import Any

from crm_core.metadata.errors import Invalid
from crm_core.metadata.models import NumberCounter
from crm_core.metadata.numbering import (
    DATE_PARTS,
    LAST_NUMBER,
    MAX_DIGITS,
    MAX_PREFIX,
    SUFFIX_LENGTHS,
    counter_key,
)

KEYS = {"prefix", "date_part", "digits", "suffix", "next_number"}
_IN_PREFIX = frozenset(string.ascii_letters + string.digits + "-_/. #")


def checked_numbering(definition: dict[str, Any]) -> dict[str, Any]:
    """The format's part of a definition, cleaned. Raises Invalid with the field."""
    prefix = definition.get("prefix") or ""
    if not isinstance(prefix, str) or len(prefix) > MAX_PREFIX or not set(prefix) <= _IN_PREFIX:
        raise Invalid(
            "auto.prefix",
            f"At most {MAX_PREFIX} letters without accents, digits and - _ / . #.",
            field="prefix",
        )
    date_part = definition.get("date_part") or None
    if date_part is not None and (not isinstance(date_part, str) or date_part not in DATE_PARTS):
        raise Invalid(
            "auto.date_part", "Unknown part of the date.", field="date_part", details={"known": [*DATE_PARTS]}
        )
    suffix = definition.get("suffix") or 0
    if isinstance(suffix, bool) or suffix not in SUFFIX_LENGTHS:
        raise Invalid("auto.suffix", "0, 4 or 6 random characters.", field="suffix")
    return {
        "prefix": prefix,
        "date_part": date_part,
        "digits": _whole(definition, "digits", MAX_DIGITS, 5),
        "suffix": int(suffix),
        "next_number": _whole(definition, "next_number", LAST_NUMBER, 1),
    }


def _whole(definition: dict[str, Any], key: str, high: int, otherwise: int) -> int:
    value = definition.get(key)
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= high:
        raise Invalid("metadata.number", f"A whole number from 1 to {high} is needed.", field=key)
    return value


def refuse_lower(object_name: str, attribute: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Numbers are never given twice: the next one can be raised only. Raises Invalid `auto.next_number`."""
    if after["next_number"] == (before.get("next_number") or 1):
        return
    reached = next_numbers().get(counter_key(object_name, attribute), 1)
    if after["next_number"] < reached:
        raise Invalid(
            "auto.next_number",
            f"The next number is {reached} already; it can only be raised.",
            field="next_number",
            details={"next_number": reached},
        )


def next_numbers() -> dict[str, int]:
    """What each sequence gives next, by `object.attribute`; those that have given nothing yet are missing."""
    return dict(NumberCounter.objects.values_list("key", "next_number"))
