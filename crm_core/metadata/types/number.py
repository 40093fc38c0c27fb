"""Whole numbers, decimals, floats, money and durations. Decimals never pass through floats."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, DecimalField, Field, FloatField

from crm_core.metadata.types.base import AttributeType, Ordered

MAX_INT = 9_007_199_254_740_991  # what a browser keeps exactly
_GROUPED = re.compile(r"(?<=\d)[\s\u00a0\u202f'](?=\d{3}(?:\D|$))")


def number_text(text: str, decimal_comma: bool) -> str:
    """Plain number text from text as people write it: currency signs, grouping and a decimal comma are understood."""
    text = _GROUPED.sub("", text.strip().strip("$€£¥ \u00a0"))
    if decimal_comma:
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "") if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text) else text


class NumberType(Ordered, AttributeType):
    customizable = True
    operators = ("eq", "ne", "gt", "ge", "lt", "le", "between", "in", "not_in", "empty", "not_empty")
    aggregates = ("sum", "avg", "min", "max")

    def parse_text(
        self, attribute, text: str, *, date_format: str | None = None, decimal_comma: bool = False
    ) -> Any:
        text = number_text(text, decimal_comma)
        return self.parse(attribute, text) if text else None

    def in_range(self, attribute, value: Any) -> Any:
        low, high = attribute.min, attribute.max
        if low is not None and Decimal(str(value)) < Decimal(str(low)):
            raise self.wrong(attribute, f"at least {low}.", "value.too_small", min=str(low))
        if high is not None and Decimal(str(value)) > Decimal(str(high)):
            raise self.wrong(attribute, f"at most {high}.", "value.too_large", max=str(high))
        return value


class Int(NumberType):
    name = "int"
    json_output = BigIntegerField

    def parse(self, attribute, raw: Any) -> int | None:
        if raw is None:
            return None
        if isinstance(raw, str) and re.fullmatch(r"[+-]?\d{1,16}(?:\.0+)?", raw.strip()):
            raw = int(Decimal(raw.strip()))
        if isinstance(raw, float) and raw.is_integer() and abs(raw) <= MAX_INT:
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise self.wrong(attribute, "a whole number is needed.", "value.wrong_type")
        if abs(raw) > MAX_INT:
            raise self.wrong(attribute, "the number is too large.", "value.out_of_range")
        return self.in_range(attribute, raw)


class Duration(Int):
    """Whole minutes."""

    name = "duration"
    customizable = True


@cache
def _step(places: int) -> Decimal:
    """The smallest amount with so many places: every amount of every list is rounded to one."""
    return Decimal(1).scaleb(-places)


class Dec(NumberType):
    name = "dec"
    digits = 15

    def places(self, attribute) -> int:
        return 2 if attribute.precision is None else attribute.precision

    def parse(self, attribute, raw: Any) -> Decimal | None:
        if raw is None:
            return None
        if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal)):
            raise self.wrong(attribute, "a number is needed.", "value.wrong_type")
        if isinstance(raw, str) and len(raw) > 40:
            raise self.wrong(attribute, "a number is needed.", "value.wrong_type")
        try:
            value = Decimal(repr(raw) if isinstance(raw, float) else str(raw).strip())
        except InvalidOperation:
            raise self.wrong(attribute, "a number is needed.", "value.wrong_type") from None
        if not value.is_finite():
            raise self.wrong(attribute, "a number is needed.", "value.wrong_type")
        if value.adjusted() >= self.digits:
            raise self.wrong(attribute, "the number is too large.", "value.out_of_range")
        return self.in_range(attribute, self.rounded(attribute, value))

    def rounded(self, attribute, value: Decimal) -> Decimal:
        """Half away from zero at the attribute's places (PRODUCT_SPEC 0.5 Rounding)."""
        value = value.quantize(_step(self.places(attribute)), ROUND_HALF_UP)
        return abs(value) if value == 0 else value

    def to_json(self, attribute, value: Any) -> str | None:
        if value is None:
            return None
        return format(self.rounded(attribute, Decimal(value)), "f")

    def to_text(self, attribute, value: Any) -> str:
        return self.to_json(attribute, value) or ""

    def json_field(self, attribute) -> Field:
        return DecimalField(max_digits=30, decimal_places=10)

    json_output = DecimalField


class Money(Dec):
    """Amount in the record's currency, with the currency's places (2 unless the attribute says otherwise)."""

    name = "money"
    digits = 17


class Float(NumberType):
    name = "float"
    json_output = FloatField

    def parse(self, attribute, raw: Any) -> float | None:
        if raw is None:
            return None
        try:
            value = (
                float(raw) if isinstance(raw, (int, float, str)) and not isinstance(raw, bool) else math.nan
            )
        except (ValueError, OverflowError):
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(attribute, "a number is needed.", "value.wrong_type")
        return self.in_range(attribute, value)
