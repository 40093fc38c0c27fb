"""The values of an audit entry as people read them: names instead of ids, labels instead of numbers (PLT-41)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.customization.history import former_labels
from crm_core.metadata.entity import Attribute, Entity, Relationship
from crm_core.records.models import AuditEntry
from crm_core.records.query.selecting import names_of
from crm_core.security import access
from crm_core.security.actor import Actor

CUSTOM_PREFIX = "c_"  # of the keys of fields a workspace made
#: names of the records values refer to, by object and id
Titles = dict[tuple[str, str], str]
Visible = Callable[[Entity, set[uuid.UUID], Actor], set[uuid.UUID]]


def titles_of(entries: Iterable[AuditEntry]) -> Titles:
    """What the records are called that values of `entries` refer to, with one statement per object."""
    wanted: dict[str, set[str]] = {}
    known = registry.current().entities
    for entry in entries:
        for reference in _references(list(entry.changes.values())):
            if reference["object"] in known:
                wanted.setdefault(reference["object"], set()).add(reference["id"])
    return {(name, i): n for name, ids in wanted.items() for i, n in names_of(name, ids).items()}


def _references(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("object"), str) and isinstance(value.get("id"), str):
            yield value
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def _named(value: Any, titles: Titles) -> Any:
    """The value with the present names of the records it refers to; a record that was destroyed has none."""
    if isinstance(value, list):
        return [_named(one, titles) for one in value]
    if isinstance(value, dict) and next(_references(value), None) is not None:
        return {**value, "name": titles.get((value["object"], value["id"]), value.get("name"))}
    return value


def of(
    entry: AuditEntry, entity: Entity | None, actor: Actor, titles: Titles, visible: Visible
) -> list[dict[str, Any]]:
    """`{attribute, label, masked, old, new, restorable}` per value the actor may see; twins in base currency are left out."""
    found = []
    for name, pair in entry.changes.items():
        old, new = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        attribute = entity.attributes.get(name) if entity else None
        if attribute is not None and entity is not None:
            if _is_twin(entity, name) or not access.readable(entity, attribute, actor):
                continue  # that there was a value, or that it became another, tells of it too
            label, restorable = str(attribute.label), not attribute.read_only and name != "state"
            old, new = _named(old, titles), _named(new, titles)
        elif entity is not None and (relation := _relation(entity, name)) is not None:
            target = registry.get(relation.object)
            reference = new or old or {}
            if not visible(target, {uuid.UUID(reference["id"])}, actor):
                continue
            shown = {**reference, "name": titles.get((target.name, reference["id"]))}
            old, new, label, restorable = old and shown, new and shown, str(relation.label), False
        elif entity is not None and name.startswith(CUSTOM_PREFIX) and not actor.is_administrator:
            continue  # a field that is gone: whether its values were secured, nobody can say any more
        else:
            label, restorable = _former_label(entity, name), False
        restorable = restorable and entry.operation not in ("create", "purge")
        found.append(
            {
                "attribute": name,
                "label": label,
                "masked": False,
                "old": old,
                "new": new,
                "restorable": restorable,
            }
        )
    return found


def _former_label(entity: Entity | None, name: str) -> str:
    """What a field that is gone was called last; its name where nobody knows."""
    return str(former_labels(entity.name).get(name, name)) if entity else name


def _is_twin(entity: Entity, name: str) -> bool:
    """Whether it is the amount of another attribute in the base currency: said twice it only disturbs."""
    return name.endswith("_base") and name.removesuffix("_base") in entity.attributes


def _relation(entity: Entity, name: str) -> Relationship | None:
    return next((r for r in entity.relationships if r.link and r.name == name), None)


def text(entity: Entity | None, name: str, value: Any) -> Any:
    """A value as a file shows it: labels of options and states, names of records, everything else as it is."""
    attribute = entity.attributes.get(name) if entity else None
    if attribute is not None and entity is not None and value is not None:
        return _text(entity, attribute, value)
    return value


def _text(entity: Entity, attribute: Attribute, value: Any) -> Any:
    kind = attribute.type.name
    if kind == "state":
        return next((str(s.label) for s in entity.states if s.value == value), value)
    if kind in ("pick", "multi", "status_reason"):
        return attribute.type.to_text(attribute, value)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return "; ".join(str(one.get("name") or one.get("address") or one.get("id") or "") for one in value)
    if isinstance(value, dict):
        return value.get("name") or value.get("id")
    return value
