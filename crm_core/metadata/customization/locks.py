"""Components of managed solutions that may not be changed here (PLT-12): whoever would change one asks first.

Which they are the floor of solutions says; it lifts the locks while it installs, rolls back or uninstalls.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from crm_core.metadata.customization.components import Key, components
from crm_core.metadata.errors import Conflict

_finders: list[Callable[[], Mapping[Key, str]]] = []
_lifted = threading.local()


def register_finder(finder: Callable[[], Mapping[Key, str]]) -> None:
    """`finder()` gives the locked components under their names in this workspace, with the solution each belongs to."""
    _finders.append(finder)


def locked() -> dict[Key, str]:
    """Every locked component with the label of its solution."""
    return {key: label for finder in _finders for key, label in finder().items()}


@contextmanager
def lifted() -> Iterator[None]:
    """While solutions themselves change what they brought."""
    before = getattr(_lifted, "on", False)
    _lifted.on = True
    try:
        yield
    finally:
        _lifted.on = before


def refuse(kind: str, object_name: str | None, name: str) -> None:
    """Raises Conflict `solution.locked` when this component is locked."""
    if getattr(_lifted, "on", False):
        return
    solution = locked().get(Key(kind, object_name or "", name))
    if solution is not None:
        raise _refusal([(Key(kind, object_name or "", name), solution)])


def refuse_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Raises Conflict `solution.locked` when a locked component of the body `old` is another one in `new`, or gone."""
    if getattr(_lifted, "on", False) or not (held := locked()):
        return
    before, after = components(old), components(new)
    changed = [(k, s) for k, s in sorted(held.items()) if k in before and before[k] != after.get(k)]
    if changed:
        raise _refusal(changed)


def _refusal(found: list[tuple[Key, str]]) -> Conflict:
    return Conflict(
        "solution.locked",
        f"The solution “{found[0][1]}” brought this and does not let it be changed here.",
        details={"components": [{**key.as_json(), "solution": solution} for key, solution in found]},
    )
