"""How records of an object are shown: views, forms, boards (PLT-7, PLT-8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class View:
    """A standard view, delivered or published; people's own and shared views are rows of `search`."""

    name: Any
    columns: tuple[str, ...]
    filter: dict | None = None
    order: tuple[str, ...] = ("-created_at",)
    default: bool = False
    layout: str = "table"
    key: str = ""
    board_attribute: str | None = None
    widths: Mapping[str, int] = field(default_factory=dict)
    custom: bool = False  # made in this workspace
    changed: bool = False  # differs from what was delivered


@dataclass(frozen=True)
class Section:
    label: Any
    attributes: tuple[str, ...]
    columns: int = 2


@dataclass(frozen=True)
class Tab:
    label: Any
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Form:
    """A form: sections (by tab when somebody designed them), header facts, the stage path and related lists.

    `known_related` are the related lists a designer saw: later ones show up by themselves (PLT-7). None for a
    delivered form. `quick_create` is empty where the object's own list holds.
    """

    sections: tuple[Section, ...]
    header: tuple[str, ...] = ()
    path: str | None = None
    related: tuple[str, ...] = ()
    tabs: tuple[Tab, ...] = ()
    quick_create: tuple[str, ...] = ()
    known_related: frozenset[str] | None = None


@dataclass(frozen=True)
class Board:
    attribute: str
    sum: str | None = None
    weighted: str | None = None
    card: tuple[str, ...] = ()
    filter: dict | None = None
    drop: tuple[tuple[str, Any], ...] = ()
