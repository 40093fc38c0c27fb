"""The changes of one record in its timeline: who set what from what to what, links made and taken away (CUS-7)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity, Relationship
from crm_core.records.models import AuditEntry
from crm_core.records.query import rounds
from crm_core.records.query.filters import base_rows
from crm_core.records.query.prepared import Statement, kept, slot
from crm_core.security import access
from crm_core.security.actor import Actor

#: names of linked records by object and id
Titles = dict[tuple[str, str], Any]


def reading(
    entity: Entity, record_id: uuid.UUID, actor: Actor, before: Any, limit: int
) -> rounds.Reader[list[dict[str, Any]]]:
    """A reader of the newest changes, one more than `limit` where there are more; behind (moment, id) with `before`."""
    if before:
        older = Q(at__lt=before[0]) | Q(at=before[0], pk__lt=before[1])
        found = list(_change_rows(entity, record_id).filter(older)[: limit + 1])
    else:
        key = ("timeline changes", entity.name, limit)
        statement = kept(
            actor, key, lambda: Statement(_change_rows(entity, slot(0))[: limit + 1], shared=True)
        )
        [found] = yield [(statement, {slot(0): record_id})]
    titles = _titles(entity, [row[-1] for row in found], actor)
    return [_change_item(entity, row, actor, titles) for row in found]


def _change_rows(entity: Entity, record_id: uuid.UUID) -> Any:
    rows = AuditEntry.objects.filter(record_id=record_id, object=entity.name).order_by("-at", "-pk")
    return rows.values_list("pk", "at", "operation", "source", "via", "actor_id", "actor_name", "changes")


def _change_item(entity: Entity, row: tuple[Any, ...], actor: Actor, titles: Titles) -> dict[str, Any]:
    identifier, at, operation, source, via, actor_id, actor_name, changes = row
    created = operation == "create"
    return {
        "kind": "created" if created else "change",
        "object": entity.name,
        "id": str(identifier),
        "at": moment_json(at),
        "title": operation,
        "body": "",
        "state": None,
        "due": None,
        "source": source,
        "via": via or None,
        "actor": {"id": str(actor_id) if actor_id else None, "name": actor_name},
        "changes": [] if created else _visible_changes(entity, changes, actor, titles),
    }


def _visible_changes(
    entity: Entity, changes: dict[str, list[Any]], actor: Actor, titles: Titles
) -> list[dict[str, Any]]:
    found = []
    for name, (old, new) in changes.items():
        attribute = entity.attributes.get(name)
        if attribute is None and (linked := _linked(entity, name, old, new, titles)) is not None:
            found.append(linked)
        if attribute is None or name.endswith("_base") or name in ("exchange_rate",):
            continue
        if access.readable(entity, attribute, actor):
            found.append({"attribute": name, "label": str(attribute.label), "old": old, "new": new})
    return found


def _links(entity: Entity) -> dict[str, Relationship]:
    return {r.name: r for r in entity.relationships if r.link}


def _titles(entity: Entity, changes: Sequence[dict[str, list[Any]]], actor: Actor) -> Titles:
    """What the linked records are called that the actor may see, with one statement per object."""
    wanted: dict[str, set[str]] = {}
    links = _links(entity)
    for change in changes if links else ():
        for name in links.keys() & change.keys():
            reference = change[name][1] or change[name][0]
            if isinstance(reference, dict):
                wanted.setdefault(links[name].object, set()).add(reference["id"])
    found: Titles = {}
    for target in map(registry.get, sorted(wanted)):
        rows = base_rows(target, actor).filter(pk__in=wanted[target.name])
        found |= {
            (target.name, str(pk)): title for pk, title in rows.values_list("pk", target.primary_column)
        }
    return found


def _linked(entity: Entity, name: str, old: Any, new: Any, titles: Titles) -> dict[str, Any] | None:
    """A link made or taken away; nothing when the other record may not be seen."""
    relation, reference = _links(entity).get(name), new or old
    if relation is None or not isinstance(reference, dict):
        return None
    title = titles.get((relation.object, reference["id"]))
    if title is None:
        return None
    shown = {**reference, "name": title}
    return {"attribute": name, "label": str(relation.label), "old": old and shown, "new": new and shown}


def moment_json(moment: dt.datetime | None) -> str | None:
    """A moment as the interface writes it."""
    return (
        moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        if moment
        else None
    )
