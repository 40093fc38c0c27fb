"""Duplicate rules as parts of solutions; their match codes are computed here after the import."""

from __future__ import annotations

from typing import Any

from crm_core.exchange.solutions.row_kinds import RowKind
from crm_core.metadata import registry
from crm_core.metadata.customization.components import Definition, Key
from crm_core.metadata.customization.definitions import only_keys
from crm_core.metadata.errors import Invalid
from crm_core.records.duplicates import editing, rules
from crm_core.records.models import DuplicateRule
from crm_core.security.actor import Actor

KIND = "duplicate_rule"
_FIELDS = (*sorted(editing.FIELDS), "on")


def _rows() -> dict[Key, DuplicateRule]:
    """Delivered rules go by their key, own ones by their name; the second of a name gets a number."""
    rules.deliver()
    found: dict[Key, DuplicateRule] = {}
    known = registry.current().entities
    for row in DuplicateRule.objects.order_by("created_at", "id"):
        if row.base_object not in known or row.matching_object not in known:
            continue
        name, number = f"@{row.key}" if row.key else row.name, 2
        while (key := Key(KIND, row.base_object, name)) in found:
            name, number = f"{row.name} ({number})", number + 1
        found[key] = row
    return found


def _definitions() -> dict[Key, Definition]:
    return {
        key: {**{f: getattr(row, f) for f in sorted(editing.FIELDS)}, "on": row.state != "unpublished"}
        for key, row in _rows().items()
    }


def _check(key: Key, definition: Definition, actor: Actor) -> Definition:
    only_keys(definition, set(_FIELDS))
    if set(_FIELDS) - set(definition) or not isinstance(definition["on"], bool):
        raise Invalid("metadata.definition", "A duplicate rule has all of its settings.", field="definition")
    if definition["base_object"] != key.object:
        raise Invalid("solution.name", "A duplicate rule belongs to its object.", field="base_object")
    if key.name.startswith("@") and key.name[1:] not in rules.declared_keys():
        raise Invalid("dedup.unknown_rule", "There is no such delivered rule.", field="name")
    values = {f: definition[f] for f in editing.FIELDS}
    row = editing.checked(values)
    return {**{f: getattr(row, f) for f in sorted(editing.FIELDS)}, "on": definition["on"]}


def _save(key: Key, definition: Definition, actor: Actor) -> None:
    values: dict[str, Any] = {f: definition[f] for f in editing.FIELDS}
    held = _rows().get(key)
    if held is None:
        held = editing.create(values, actor)
    else:
        if held.state != "unpublished":
            editing.unpublish(held.pk, actor)
        editing.change(held.pk, values, actor)
    if definition["on"]:
        editing.publish(held.pk, actor)


def _remove(key: Key, actor: Actor) -> None:
    held = _rows().get(key)
    if held is not None:
        editing.unpublish(held.pk, actor)
        editing.remove(held.pk, actor)


DUPLICATE_RULES = RowKind(
    KIND, "customize", _definitions, lambda _key, d: str(d["name"]), _check, _save, _remove, lambda _key: [],
    lambda _key, d: {k: v for k, v in d.items() if k != "name"},
    lambda key: not key.name.startswith("@"),  # delivered rules come and go with their object
)  # fmt: skip
