"""A value of a row as the cell of a file: labels and names for people, numbers and dates that stay what they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_core.exchange.formulas import safe_text
from crm_core.metadata.entity import Attribute, Entity

_EXACT_DIGITS = 15

Cell = str | int | float | Decimal | bool | dt.date | dt.datetime | None


def writer_for(entity: Entity, attribute: Attribute, zone: ZoneInfo) -> Callable[[Any], Cell]:
    """A function from the JSON value of a row to a cell."""
    kind = attribute.type.name
    if kind in ("lookup", "customer", "regarding", "owner", "file"):
        return lambda value: (value.get("name") or value["id"]) if value else None
    if kind == "pick" or kind == "status_reason":
        labels = {o.value: str(o.label) for o in attribute.options}
        return lambda value: None if value is None else labels.get(value, str(value))
    if kind == "multi":
        labels = {o.value: str(o.label) for o in attribute.options}
        return lambda value: "; ".join(labels.get(v, str(v)) for v in value) if value else None
    if kind == "state":
        states = {s.value: str(s.label) for s in entity.states}
        return lambda value: states.get(value, value)
    if kind == "parties":
        return lambda value: (
            "; ".join(p.get("name") or p.get("address") or "" for p in value) if value else None
        )
    if kind in ("dec", "money"):
        return lambda value: None if value is None else Decimal(value)
    if kind == "date":
        return lambda value: dt.date.fromisoformat(value) if value else None
    if kind == "datetime":
        return lambda value: (
            dt.datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None) if value else None
        )
    return lambda value: value


def csv_text(cell: Cell) -> str:
    """A cell as CSV shows it. Numbers stay numbers; only text can be dangerous."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return safe_text(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def fits_a_number_cell(cell: Decimal) -> bool:
    """Whether a spreadsheet keeps the number exactly; it has 15 digits."""
    return len(cell.normalize().as_tuple().digits) <= _EXACT_DIGITS
