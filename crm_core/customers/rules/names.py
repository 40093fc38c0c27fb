"""The full name of a person, in the order the workspace writes names (CUS-2)."""

from __future__ import annotations

from typing import Any

from crm_core.metadata import workspace
from crm_core.metadata.rules import rule
from crm_core.records.change import Change

PARTS = ("first_name", "middle_name", "last_name", "suffix")
DEFAULT_FORMAT = "first_last"


def full_name(
    first: str | None, middle: str | None, last: str | None, suffix: str | None, name_format: str
) -> str:
    """One line from the parts. `name_format` is first_last, last_first or last_comma_first; others count as first_last."""
    if name_format == "last_first":
        parts = [last, first, middle, suffix]
    elif name_format == "last_comma_first":
        given = " ".join(p for p in (first, middle, suffix) if p)
        return f"{last}, {given}" if last and given else last or given
    else:
        parts = [first, middle, last, suffix]
    return " ".join(p for p in parts if p)


@rule(on=("create", "update"), attributes=PARTS)
def full_name_from_parts(change: Change) -> None:
    """CUS-2: the full name is calculated, never typed."""
    parts: dict[str, Any] = {name: change.get(name) for name in PARTS if name in change.entity.attributes}
    first, middle, last, suffix = map(parts.get, PARTS)
    name_format = workspace.current().settings.get("name_format", DEFAULT_FORMAT)
    change.set("full_name", full_name(first, middle, last, suffix, name_format) or None)
