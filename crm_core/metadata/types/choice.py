"""Yes/no, one of several, several of several, and the two state types."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Field, IntegerField, JSONField, Q
from django.db.models.fields.json import KeyTransform

from crm_core.metadata.types.base import AttributeType

_TRUE = {"true", "yes", "y", "1", "ja", "wahr", "x", "да"}
_FALSE = {"false", "no", "n", "0", "nein", "falsch", "нет"}


class Bool(AttributeType):
    name = "bool"
    customizable = True
    operators = ("eq", "ne", "empty", "not_empty")
    json_output = BooleanField

    def parse(self, attribute, raw: Any) -> bool | None:
        if raw is None or isinstance(raw, bool):
            if raw is None and attribute.column and attribute.default is not None:
                return attribute.default
            return raw
        raise self.wrong(attribute, "yes or no is needed.", "value.wrong_type")

    def decode(self, attribute, value: Any) -> bool | None:
        return value

    def parse_text(self, attribute, text, *, date_format=None, decimal_comma=False):
        word = text.strip().casefold()
        if not word:
            return None
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise self.wrong(attribute, f"“{text.strip()}” is neither yes nor no.", "value.wrong_type")


class Pick(AttributeType):
    name = "pick"
    customizable = True
    json_output: type[Field] = IntegerField

    def parse(self, attribute, raw: Any) -> Any:
        if raw is None:
            return None
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise self.wrong(attribute, "an option's number is needed.", "value.wrong_type")
        if raw not in attribute.option_by_value:
            raise self.wrong(attribute, f"there is no option {raw}.", "option.unknown")
        return raw

    def decode(self, attribute, value: Any) -> int | None:
        return value

    def parse_text(self, attribute, text, *, date_format=None, decimal_comma=False):
        word = text.strip().casefold()
        if not word:
            return None
        for option in attribute.options:
            if word in {str(option.label).casefold(), str(option.value)}:
                return option.value
        raise self.wrong(
            attribute, f"there is no option “{text.strip()}”.", "option.unknown", value=text.strip()[:200]
        )

    def to_text(self, attribute, value: Any) -> str:
        option = attribute.option_by_value.get(value) or attribute.former_by_value.get(value)
        return "" if value is None else str(option.label if option else value)


class Multi(Pick):
    name = "multi"
    operators = ("has_any", "has_all", "has_none", "empty", "not_empty")
    json_output = JSONField

    def parse(self, attribute, raw: Any) -> list[int] | None:
        if raw is None or raw == []:
            return None
        if not isinstance(raw, list) or len(raw) > 200:
            raise self.wrong(attribute, "a list of option numbers is needed.", "value.wrong_type")
        parsed = [super(Multi, self).parse(attribute, item) for item in raw]
        return sorted({item for item in parsed if item is not None}) or None

    def parse_text(self, attribute, text, *, date_format=None, decimal_comma=False):
        parts = [p for p in text.replace("|", ";").split(";") if p.strip()]
        values = {super(Multi, self).parse_text(attribute, part) for part in parts}
        return sorted(v for v in values if v is not None) or None

    def to_text(self, attribute, value: Any) -> str:
        return "; ".join(super(Multi, self).to_text(attribute, item) for item in value or [])

    def custom_expression(self, attribute, prefix: str) -> Any:
        return KeyTransform(attribute.name, prefix + "custom")

    def operand(self, attribute, value, context) -> Any:
        return (
            value
            if isinstance(value, int) and not isinstance(value, bool)
            else super().operand(attribute, [value], context)
        )

    def op_has_any(self, attribute, ref, value, context) -> Q:
        condition = Q(pk__in=[])
        for item in self.operands(attribute, value, context):
            condition |= Q((f"{ref}__contains", [item]))
        return condition

    def op_has_all(self, attribute, ref, value, context) -> Q:
        return Q((f"{ref}__contains", self.operands(attribute, value, context)))

    def op_has_none(self, attribute, ref, value, context) -> Q:
        return ~self.op_has_any(attribute, ref, value, context) | Q((f"{ref}__isnull", True))


class StateType(AttributeType):
    """The system's state; its options are the entity's states, changed only by actions (CON-1)."""

    name = "state"

    def parse(self, attribute, raw: Any) -> str | None:
        if not isinstance(raw, str) or len(raw) > 20 or "\x00" in raw:
            raise self.wrong(attribute, "a state's name is needed.", "value.wrong_type")
        return raw


class StatusReason(Pick):
    """The reason within a state (CON-2)."""

    name = "status_reason"
