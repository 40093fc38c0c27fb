"""Which records can stand in a relation to a record: its related lists, and the activities and notes about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity, Relationship

ABOUT = "about."


Entities = Mapping[str, Entity]


def activities_about(entity: Entity, entities: Entities | None = None) -> list[Relationship]:
    """Activities and notes that can be about records of `entity`, called `about.task`, `about.note` …"""
    if not entity.has("activities") and not entity.has("notes"):
        return []
    found = []
    for other in (registry.current().entities if entities is None else entities).values():
        attribute = next((a for a in other.attributes.values() if a.type.name == "regarding"), None)
        if attribute is not None and entity.has("activities" if other.is_activity else "notes"):
            found.append(Relationship(f"{ABOUT}{other.name}", other.label_plural, other.name, attribute.name))
    return found


def relation(entity: Entity, name: object, entities: Entities | None = None) -> Relationship | None:
    """The relation of `entity` with this name; None when there is none (any more)."""
    if not isinstance(name, str):
        return None
    among = activities_about(entity, entities) if name.startswith(ABOUT) else entity.relationships
    return next((r for r in among if r.name == name), None)


def on_path(entity: Entity, path: str, entities: Entities) -> Iterator[tuple[str, str]]:
    """(object, attribute) of every step of a path such as `customer.industry`; the last one may be gone."""
    head, _, rest = path.partition(".")
    yield entity.name, head
    attribute = entity.attributes.get(head)
    for target in attribute.targets if attribute and rest else ():
        if target in entities:
            yield from on_path(entities[target], rest, entities)


def named_in(entity: Entity, tree: Any, entities: Entities) -> Iterator[tuple[str, str]]:
    """(object, attribute) of everything a filter names, also about parents and related records."""
    if not isinstance(tree, dict):
        return
    if isinstance(tree.get("attribute"), str):
        yield from on_path(entity, tree["attribute"], entities)
    for key in ("and", "or"):
        for part in tree[key] if isinstance(tree.get(key), list) else ():
            yield from named_in(entity, part, entities)
    yield from named_in(entity, tree.get("not"), entities)
    if (found := relation(entity, tree.get("related"), entities)) is not None:
        yield found.object, found.attribute
        yield from named_in(entities[found.object], tree.get("filter"), entities)


def compared_in(entity: Entity, tree: Any, entities: Entities) -> Iterator[tuple[tuple[str, str], Any]]:
    """((object, attribute), operand) of every comparison in a filter, also about parents and related records."""
    if not isinstance(tree, dict):
        return
    if isinstance(path := tree.get("attribute"), str):
        last = path.rpartition(".")[2]
        yield from ((pair, tree.get("value")) for pair in on_path(entity, path, entities) if pair[1] == last)
    for key in ("and", "or"):
        for part in tree[key] if isinstance(tree.get(key), list) else ():
            yield from compared_in(entity, part, entities)
    yield from compared_in(entity, tree.get("not"), entities)
    if (found := relation(entity, tree.get("related"), entities)) is not None:
        yield from compared_in(entities[found.object], tree.get("filter"), entities)
