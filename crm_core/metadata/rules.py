"""Marking functions as business rules (ARCHITECTURE 1.3). Running them is the record service's task."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BEFORE = ("create", "update", "delete", "restore")
AFTER = ("after_create", "after_update", "after_delete", "after_restore")


def rule(
    *, on: tuple[str, ...], attributes: tuple[str, ...] = ()
) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Mark a function of one `Change` as a rule.

    `on` names the moments (`create`, `update`, `delete`, `restore` run before the row is written and may refuse or
    set values; `after_…` run after it in the same transaction). With `attributes` an update runs the rule only when
    one of them changes; creating always runs it.
    """
    unknown = set(on) - set(BEFORE) - set(AFTER)
    if unknown:
        raise ValueError(f"Unknown moment {unknown}")

    def mark(function: Callable[[Any], None]) -> Callable[[Any], None]:
        function.on = frozenset(on)  # type: ignore[attr-defined]
        function.attributes = frozenset(attributes)  # type: ignore[attr-defined]
        return function

    return mark
