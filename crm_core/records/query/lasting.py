"""Which filters have SQL that may be kept."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.entity import Entity

_OPERATORS = {"eq", "ne", "in", "not_in", "empty", "not_empty", "contains", "begins"}
_TYPES = {"text", "pick", "multi", "bool", "int", "dec", "money", "state", "status_reason"}


def lasting(entity: Entity, tree: Any) -> bool:
    """Whether the SQL of a compiled filter is the same at any moment: no dates, no *me*, nothing about other records."""
    if not isinstance(tree, dict):
        return False  # not checked yet: compiling says what is wrong with it
    for key in ("and", "or"):
        if key in tree:
            parts = tree[key]
            return isinstance(parts, list) and all(lasting(entity, part) for part in parts)
    if "not" in tree:
        return lasting(entity, tree["not"])
    name, operator = tree.get("attribute"), tree.get("operator", "eq")
    if not isinstance(name, str) or not isinstance(operator, str):
        return False
    attribute = entity.attributes.get(name)
    return attribute is not None and attribute.type.name in _TYPES and operator in _OPERATORS
