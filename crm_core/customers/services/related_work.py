"""Activities, notes and opportunities of a customer or lead, found by metadata: their modules lie above this one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.conditions import all_of, condition, equals
from crm_core.metadata.entity import Entity
from crm_core.records.query import Query
from crm_core.security.actor import Actor


def open_states(entity: Entity) -> list[str]:
    """States of `entity` in which something is still to do."""
    return [state.value for state in entity.states if not state.closed]


def regarding(entity: Entity, record_id: uuid.UUID) -> dict[str, Any]:
    """Filter tree of the records of `entity` that are about `record_id`."""
    return equals("regarding", str(record_id))


def activities_of(
    object_name: str, record_id: uuid.UUID, actor: Actor, *, only_open: bool = False
) -> Iterator[Query]:
    """One query per activity type over the activities about the record."""
    for entity in registry.all():
        if not entity.is_activity or (only_open and not open_states(entity)):
            continue
        tree = regarding(entity, record_id)
        if only_open:
            tree = all_of(tree, condition("state", "in", open_states(entity)))
        yield Query(entity, actor).filter(tree)


def opportunities_of(
    object_name: str, record_id: uuid.UUID, actor: Actor, *, only_open: bool = False
) -> Iterator[Query]:
    """The query over the record's opportunities; nothing where the sales module is not there."""
    entity = registry.current().entities.get("opportunity")
    if entity is None:
        return
    tree = equals("customer", {"object": object_name, "id": str(record_id)})
    yield Query(entity, actor).filter(all_of(tree, equals("state", "open")) if only_open else tree)
