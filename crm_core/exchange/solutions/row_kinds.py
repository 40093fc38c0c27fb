"""Definitions that are rows of their own and no part of the published body: how each is read, checked, kept and removed.

A kind registers once; listing, exporting, comparing, importing and rolling back treat all kinds alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_core.metadata.customization.components import Definition, Key
from crm_core.security.actor import Actor


@dataclass(frozen=True)
class RowKind:
    """One kind. `requires` is the capability its definitions take beside that of customizing.

    `read()` gives all definitions; `label(key, definition)` what people call one. `check(key, definition, actor)`
    returns the cleaned definition or raises a CrmError, with the objects as they will be as the current registry.
    `save(key, definition, actor)` creates or replaces. `uses(key)` lists what would be lost by removing.
    `refers(key, definition)` is the part in which generated names are references; `holds(key)` says whether such a
    definition keeps what it refers to from being removed.
    """

    kind: str
    requires: str
    read: Callable[[], dict[Key, Definition]]
    label: Callable[[Key, Definition], str]
    check: Callable[[Key, Definition, Actor], Definition]
    save: Callable[[Key, Definition, Actor], None]
    remove: Callable[[Key, Actor], None]
    uses: Callable[[Key], list[dict[str, Any]]]
    refers: Callable[[Key, Definition], Any]
    holds: Callable[[Key], bool]


_kinds: dict[str, RowKind] = {}


def register(kind: RowKind) -> None:
    """Make a kind of definition part of solutions; in the order of registration they are imported."""
    _kinds[kind.kind] = kind


def row_kinds() -> dict[str, RowKind]:
    return _kinds
