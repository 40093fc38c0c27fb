"""From the text of a cell to a value the record service takes. One converter per mapped column, no database here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_core.exchange.analysis.dates import reader
from crm_core.exchange.analysis.guessing import plain
from crm_core.exchange.analysis.targets import STAGE_OR_STATE, stage_options
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import CrmError, Invalid
from crm_core.metadata.types.number import number_text
from crm_core.security.actor import Actor

_REMEMBERED = 20_000
_NUMBERS = {"int", "dec", "float", "money", "duration"}


class Unusable(Exception):
    """A cell's text is no value of its attribute."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class Converter:
    """One column: `convert` gives the value for non-empty text, None for "leave empty"; raises Unusable.

    `values` replaces texts first (a person's value mapping): by text, or by an option's number.
    """

    index: int
    name: str
    label: str
    convert: Callable[[str], Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    remember: bool = False
    _known: dict[str, Any] = field(default_factory=dict)

    def value(self, text: str) -> Any:
        """The value of a cell's stripped, non-empty text."""
        if not self.remember:
            return self.convert(text)
        found = self._known.get(text, self)
        if found is self:
            try:
                found = self.convert(text)
            except Unusable as error:
                found = error
            if len(self._known) < _REMEMBERED:
                self._known[text] = found
        if isinstance(found, Unusable):
            raise found
        return found


def converter_for(entity: Entity, index: int, options: Mapping[str, Any], actor: Actor) -> Converter | None:
    """The converter of a mapped column; None for references, which are resolved in bulk elsewhere."""
    name = options["attribute"]
    values = options.get("values") or {}
    if name == STAGE_OR_STATE:
        return Converter(index, name, "Stage or state", _stage(entity, values), values, remember=True)
    attribute = entity.attributes[name]
    kind = attribute.type.name
    label = str(attribute.label)
    if kind in ("date", "datetime"):
        convert, remember = _date(attribute, options.get("date_format"), actor), True
    elif kind in _NUMBERS:
        convert, remember = (
            _number(attribute, options.get("scale"), bool(options.get("decimal_comma"))),
            False,
        )
    elif kind in ("pick", "multi"):
        convert, remember = _options(attribute), True
    elif kind == "bool":
        convert, remember = _checked(attribute), True
    elif kind in ("lookup", "customer", "owner", "regarding"):
        return None
    else:
        convert, remember = (lambda text: text), False
    if values:
        convert, remember = _replaced(convert, values), True
    return Converter(index, name, label, convert, values, remember)


def _replaced(convert: Callable[[str], Any], values: Mapping[str, Any]) -> Callable[[str], Any]:
    def replace(text: str) -> Any:
        if text not in values:
            return convert(text)
        replacement = values[text]
        return convert(replacement) if isinstance(replacement, str) and replacement else replacement or None

    return replace


def _checked(attribute: Attribute) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            return attribute.type.parse_text(attribute, text)
        except Invalid as error:
            raise Unusable(error.code, error.message) from None

    return convert


def _options(attribute: Attribute) -> Callable[[str], Any]:
    """Options by label or number as the type reads them, else by a label that differs only in blanks and signs."""
    exact = _checked(attribute)
    alike = {plain(str(o.label)): o.value for o in reversed(attribute.options)}

    def convert(text: str) -> Any:
        try:
            return exact(text)
        except Unusable:
            found = alike.get(plain(text))
            if found is None:
                raise
            return [found] if attribute.type.name == "multi" else found

    return convert


def _date(attribute: Attribute, date_format: str | None, actor: Actor) -> Callable[[str], Any]:
    read = reader(date_format or "%Y-%m-%d")
    with_time = attribute.type.name == "datetime"

    def convert(text: str) -> Any:
        try:
            value = read(text)
        except (ValueError, OverflowError):
            raise Unusable(
                "value.not_a_date", f"{attribute.label}: “{text[:40]}” is no date in the stated format."
            ) from None
        if with_time:
            value = value if value.tzinfo else value.replace(tzinfo=actor.time_zone)
        try:
            return attribute.type.parse(attribute, value if with_time else value.date())
        except CrmError as error:
            raise Unusable(error.code, error.message) from None

    return convert


def _number(attribute: Attribute, scale: Any, decimal_comma: bool) -> Callable[[str], Any]:
    """Numbers with currency signs, grouping and decimal comma; `scale` multiplies (figures in millions)."""
    factor = Decimal(str(scale)) if scale not in (None, "", 1) else None

    def convert(text: str) -> Any:
        number = number_text(text.rstrip("% "), decimal_comma)
        try:
            value = Decimal(number)
        except InvalidOperation:
            raise Unusable("value.wrong_type", f"{attribute.label}: “{text[:40]}” is no number.") from None
        if factor is not None and value.is_finite():
            value *= factor
            number = format(value.normalize(), "f")
        return number

    return convert


def _stage(entity: Entity, values: Mapping[str, Any]) -> Callable[[str], Any]:
    """Texts to `{"stage": 2}` or `{"state": "won", "status_reason": 3}`: mapped values, labels of stages, states and reasons."""
    known: dict[str, dict[str, Any]] = {}
    for state in reversed(entity.states):
        for reason in reversed(state.reasons):
            known[plain(str(reason.label))] = {"state": state.value, "status_reason": reason.value}
        known[plain(state.value)] = {"state": state.value}
    for option in reversed(stage_options(entity)):
        known[plain(option["label"])] = option["value"]

    def convert(text: str) -> Any:
        found = values[text] if text in values else known.get(plain(text))
        if found is None and text not in values:
            raise Unusable("option.unknown", f"There is no stage or state “{text[:60]}”.")
        return with_reason(entity, found) if found else None

    return convert


def with_reason(entity: Entity, found: Mapping[str, Any]) -> dict[str, Any]:
    """A mapped stage or state with the reason a state needs. Raises Unusable for a state or reason there is not."""
    state = next((s for s in entity.states if s.value == found.get("state")), None)
    if "state" not in found:
        return dict(found)
    if state is None:
        raise Unusable("state.unknown", f"There is no state “{str(found['state'])[:60]}”.")
    return {**found, "status_reason": found.get("status_reason") or state.default_reason}


def split_name(text: str) -> dict[str, str]:
    """First and last name of a full name: `Müller, Anna` or `Anna Maria Müller`."""
    last, comma, first = text.partition(",")
    if comma:
        return {"first_name": first.strip(), "last_name": last.strip()}
    first, _blank, last = text.strip().rpartition(" ")
    return {"first_name": first, "last_name": last}
