"""Writing filter trees in declarations (the filter language of the API)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def condition(attribute: str, operator: str, value: Any = None) -> dict[str, Any]:
    """One condition; operators without operand take no value."""
    tree = {"attribute": attribute, "operator": operator}
    return tree if value is None else {**tree, "value": value}


def equals(attribute: str, value: Any) -> dict[str, Any]:
    return condition(attribute, "eq", value)


def all_of(*trees: dict[str, Any]) -> dict[str, Any]:
    """Every one of `trees` holds."""
    return {"and": list(trees)}


ACTIVE = equals("state", "active")
OPEN = equals("state", "open")
MINE = condition("owner", "me")


def relations_in(tree: Any) -> Iterator[str]:
    """Names of the relationships a filter tree asks for, at any depth."""
    yield from _relations(tree, ("not", "filter"))


def top_relations_in(tree: Any) -> Iterator[str]:
    """Names of the relationships a filter tree asks for of its own object."""
    yield from _relations(tree, ("not",))


def _relations(tree: Any, inside: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(tree, dict):
        return
    if isinstance(tree.get("related"), str):
        yield tree["related"]
    for key in ("and", "or"):
        for part in tree[key] if isinstance(tree.get(key), list) else ():
            yield from _relations(part, inside)
    for key in inside:
        yield from _relations(tree.get(key), inside)


def names_in(tree: Any) -> Iterator[str]:
    """Attribute paths a filter tree names on its own object; conditions on related records name others."""
    if not isinstance(tree, dict):
        return
    if isinstance(tree.get("attribute"), str):
        yield tree["attribute"]
    for key in ("and", "or"):
        for part in tree[key] if isinstance(tree.get(key), list) else ():
            yield from names_in(part)
    yield from names_in(tree.get("not"))
