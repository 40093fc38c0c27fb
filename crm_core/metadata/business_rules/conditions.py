"""Whether a filter tree holds for the values of one record in their JSON form: the filter language without a database.

Only conditions on the record's own attributes; what depends on the clock or on other records stays with lists.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_core.metadata.entity import Attribute

PRESENCE = ("empty", "not_empty")
EQUALITY = ("eq", "ne", "in", "not_in")
ORDER = ("gt", "ge", "lt", "le", "between")
TEXT = ("contains", "not_contains", "begins", "ends")
SEVERAL = ("has_any", "has_all", "has_none")
NUMBERS = ("int", "dec", "float", "money", "duration")
REFERENCES = ("lookup", "customer", "owner", "regarding")

#: operators a rule may use, by attribute type
OPERATORS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(NUMBERS, (*EQUALITY, *ORDER, *PRESENCE)),
    **dict.fromkeys(("date", "datetime"), ("eq", "ne", *ORDER, *PRESENCE)),
    **dict.fromkeys(("text", "auto"), (*EQUALITY, *TEXT, *PRESENCE)),
    **dict.fromkeys(("pick", "state", "status_reason"), (*EQUALITY, *PRESENCE)),
    **dict.fromkeys(REFERENCES, (*EQUALITY, *PRESENCE)),
    "memo": ("contains", "not_contains", *PRESENCE),
    "bool": ("eq", "ne", *PRESENCE),
    "multi": (*SEVERAL, *PRESENCE),
    "parties": PRESENCE,
    "file": PRESENCE,
}
NEGATIONS = {
    "ne": "eq",
    "not_in": "in",
    "not_contains": "contains",
    "has_none": "has_any",
    "not_empty": "empty",
}

Values = Mapping[str, Any]


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def holds(attributes: Mapping[str, Attribute], tree: Any, values: Values) -> bool:
    """Whether `tree` is true of `values` (JSON forms by attribute name). An empty tree always is."""
    if not tree:
        return True
    if "and" in tree:
        return all(holds(attributes, part, values) for part in tree["and"])
    if "or" in tree:
        return any(holds(attributes, part, values) for part in tree["or"])
    if "not" in tree:
        return not holds(attributes, tree["not"], values)
    name = tree["attribute"]
    return _condition(
        attributes[name].type.name, tree.get("operator", "eq"), values.get(name), tree.get("value")
    )


def _condition(kind: str, operator: str, value: Any, operand: Any) -> bool:
    """Negations include records without a value, as in lists."""
    if operator in NEGATIONS:
        return not _condition(kind, NEGATIONS[operator], value, operand)
    if operator == "empty":
        return is_empty(value)
    if is_empty(value):
        return False
    if operator in SEVERAL:
        wanted = operand if isinstance(operand, list) else [operand]
        return (any if operator == "has_any" else all)(item in value for item in wanted)
    if operator in TEXT:
        return _TEXT[operator](_upper(str(value)), _upper(str(operand)))
    comparable = _comparable(kind)
    left = comparable(value)
    if operator == "in":
        return any(left == comparable(item) for item in operand)
    if operator == "between":
        return comparable(operand[0]) <= left <= comparable(operand[1])
    return _COMPARE[operator](left, comparable(operand))


_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "begins": lambda text, part: text.startswith(part),
    "ends": lambda text, part: text.endswith(part),
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
}


def _comparable(kind: str) -> Callable[[Any], Any]:
    if kind in NUMBERS:
        return lambda value: Decimal(str(value))
    if kind == "datetime":
        return _instant
    if kind in REFERENCES:
        return lambda value: str(value["id"] if isinstance(value, dict) else value).lower()
    if kind in ("text", "auto"):
        return lambda value: _upper(str(value))
    return lambda value: value


def _upper(text: str) -> str:
    """Upper case letter by letter, as the database compares texts in lists: ß stays ß, ς and σ are one letter."""
    return "".join(big if len(big := letter.upper()) == 1 else letter for letter in text)


def _instant(value: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def is_comparable(kind: str, value: Any) -> bool:
    """Whether `value` can stand on the right side of a comparison with an attribute of type `kind`."""
    if isinstance(value, (list, type(None))) or (isinstance(value, bool) != (kind == "bool")):
        return False
    try:
        _comparable(kind)(value)
    except (InvalidOperation, ValueError, KeyError, TypeError):
        return False
    if kind in NUMBERS:
        return Decimal(str(value)).is_finite()
    if kind in ("pick", "status_reason"):
        return isinstance(value, int)
    return kind in ("bool", *REFERENCES) or isinstance(value, str)
