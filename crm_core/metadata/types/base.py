"""What every attribute type answers: parse, encode, select, filter and export of its values (ARCHITECTURE 4, Custom data)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, Field, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from crm_core.metadata.errors import Invalid, Malformed

if TYPE_CHECKING:
    from crm_core.metadata.entity import Attribute


@dataclass(frozen=True)
class FilterContext:
    """Who filters and when: relative dates and *me* are meant from here."""

    now: dt.datetime
    time_zone: ZoneInfo
    user_id: Any = None
    team_ids: tuple[Any, ...] = ()
    unit_id: Any = None
    unit_ids: tuple[Any, ...] = ()
    #: first day of the week, Monday 1 … Sunday 7
    week_start: int = 1
    #: month the fiscal year begins in, 1 … 12
    fiscal_start: int = 1

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.time_zone).date()


class AttributeType:
    """Base of all types. Stateless: one instance serves every attribute."""

    name = ""
    operators: tuple[str, ...] = ("eq", "ne", "in", "not_in", "empty", "not_empty")
    aggregates: tuple[str, ...] = ()
    customizable = False
    json_output: type[Field] = CharField

    # values ------------------------------------------------------------------------------------------------------
    def parse(self, attribute: Attribute, raw: Any) -> Any:
        """Turn an API value into the stored value. Raises `Invalid` with the attribute as field."""
        raise NotImplementedError

    def parse_text(
        self, attribute: Attribute, text: str, *, date_format: str | None = None, decimal_comma: bool = False
    ) -> Any:
        """Turn text from a file into the stored value; empty text means no value."""
        text = text.strip()
        return self.parse(attribute, text) if text else None

    def to_json(self, attribute: Attribute, value: Any) -> Any:
        return value

    def to_text(self, attribute: Attribute, value: Any) -> str:
        return "" if value is None else str(value)

    def encode(self, attribute: Attribute, value: Any) -> Any:
        """JSON form under `custom` and in audit entries."""
        return self.to_json(attribute, value)

    def decode(self, attribute: Attribute, value: Any) -> Any:
        """Inverse of `encode`."""
        return None if value is None else self.parse(attribute, value)

    def wrong(
        self, attribute: Attribute, message: str, code: str = "value.invalid", **details: Any
    ) -> Invalid:
        return Invalid(code, f"{attribute.label}: {message}", field=attribute.name, details=details)

    # SQL ---------------------------------------------------------------------------------------------------------
    def columns(self, attribute: Attribute, prefix: str = "") -> list[Any]:
        """What to select, in order: column paths or expressions; `row` turns them back into a JSON value."""
        return [self.expression(attribute, prefix)]

    def row(self, attribute: Attribute, values: Sequence[Any]) -> Any:
        """JSON value from the selected `columns` of one row."""
        value = values[0]
        if value is None:
            return None
        if attribute.custom and not attribute.is_derived:
            value = self.decode(attribute, value)
        return self.to_json(attribute, value)

    def expression(self, attribute: Attribute, prefix: str = "") -> Any:
        """Column path, or for custom attributes the typed SQL expression over `custom`."""
        if attribute.custom:
            return self.custom_expression(attribute, prefix)
        return prefix + (attribute.column or attribute.name)

    def custom_expression(self, attribute: Attribute, prefix: str) -> Any:
        text = KeyTextTransform(attribute.name, prefix + "custom")
        return text if self.json_output is CharField else Cast(text, self.json_field(attribute))

    def json_field(self, attribute: Attribute) -> Field:
        return self.json_output()

    def sort_key(self, attribute: Attribute, prefix: str = "") -> Any:
        return self.expression(attribute, prefix)

    # filters -----------------------------------------------------------------------------------------------------
    def operators_for(self, attribute: Attribute) -> tuple[str, ...]:
        """What conditions on `attribute` may say; depends on what it refers to."""
        return self.operators

    def condition(
        self, attribute: Attribute, ref: str, operator: str, value: Any, context: FilterContext
    ) -> Q:
        """The SQL condition `operator` over the column or alias `ref`; negations include rows without a value."""
        method = getattr(self, f"op_{operator}", None)
        if operator not in self.operators_for(attribute) or method is None:
            raise Malformed(
                "filter.unknown_operator",
                f"“{operator}” cannot be used with {attribute.label}.",
                field=attribute.name,
                details={"operators": list(self.operators_for(attribute))},
            )
        return method(attribute, ref, value, context)

    def operand(self, attribute: Attribute, value: Any, context: FilterContext) -> Any:
        try:
            parsed = self.parse(attribute, value)
        except Invalid as error:
            raise Malformed("filter.invalid_value", error.message, field=attribute.name) from None
        if parsed is None:
            raise Malformed(
                "filter.invalid_value", f"{attribute.label}: a value is needed.", field=attribute.name
            )
        return parsed

    def operands(self, attribute: Attribute, value: Any, context: FilterContext) -> list[Any]:
        if not isinstance(value, list) or not value or len(value) > 1000:
            raise Malformed(
                "filter.invalid_value",
                f"{attribute.label}: a list of 1 to 1,000 values is needed.",
                field=attribute.name,
            )
        return [self.operand(attribute, v, context) for v in value]

    def op_eq(self, attribute: Attribute, ref: str, value: Any, context: FilterContext) -> Q:
        return Q((ref, self.operand(attribute, value, context)))

    def op_ne(self, attribute: Attribute, ref: str, value: Any, context: FilterContext) -> Q:
        return ~self.op_eq(attribute, ref, value, context) | Q((f"{ref}__isnull", True))

    def op_in(self, attribute: Attribute, ref: str, value: Any, context: FilterContext) -> Q:
        return Q((f"{ref}__in", self.operands(attribute, value, context)))

    def op_not_in(self, attribute: Attribute, ref: str, value: Any, context: FilterContext) -> Q:
        return ~self.op_in(attribute, ref, value, context) | Q((f"{ref}__isnull", True))

    def op_empty(self, attribute: Attribute, ref: str, value: Any, context: FilterContext) -> Q:
        return Q((f"{ref}__isnull", True))

    def op_not_empty(self, attribute: Attribute, ref: str, value: Any, context: FilterContext) -> Q:
        return Q((f"{ref}__isnull", False))


class Ordered:
    """Comparison operators shared by numbers, dates and instants; beside an `AttributeType`, which has `operand`."""

    operand: Callable[..., Any]

    def op_gt(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__gt", self.operand(attribute, value, context)))

    def op_ge(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__gte", self.operand(attribute, value, context)))

    def op_lt(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__lt", self.operand(attribute, value, context)))

    def op_le(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__lte", self.operand(attribute, value, context)))

    def op_between(self, attribute, ref, value, context) -> Q:
        low, high = self.pair(attribute, value, context)
        return Q((f"{ref}__gte", low), (f"{ref}__lte", high))

    def pair(self, attribute, value, context) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:
            raise Malformed(
                "filter.invalid_value", f"{attribute.label}: two values are needed.", field=attribute.name
            )
        return self.operand(attribute, value[0], context), self.operand(attribute, value[1], context)
