"""Which records an act on one record reaches through its relationships (PLT-20)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict
from crm_core.records.models import RecordLink
from crm_core.records.query.filters import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor

#: So many records are treated at once; more by a job, in batches.
INLINE = 1_000
MOST = 50_000
_PAGE = 5_000


class Child(NamedTuple):
    """A live record that refers to a parent."""

    id: uuid.UUID
    owner_id: uuid.UUID | None
    parent_id: uuid.UUID


@dataclass
class Reach:
    """The records an act reaches besides the one it was done to, by object, parents before their children."""

    by_object: dict[str, list[uuid.UUID]] = field(default_factory=dict)
    order: list[tuple[str, uuid.UUID]] = field(default_factory=list)

    def add(self, name: str, record_id: uuid.UUID) -> None:
        self.by_object.setdefault(name, []).append(record_id)
        self.order.append((name, record_id))
        if len(self.order) > MOST:
            raise Conflict("record.cascade_too_large", f"This would reach more than {MOST} records.")

    def __len__(self) -> int:
        return len(self.order)


def referring(entity: Entity) -> Iterator[tuple[Entity, Attribute]]:
    """All references that can point at records of `entity`, those to any object included."""
    yield from registry.referring(entity.name)
    for child in registry.all():
        for attribute in child.attributes.values():
            if attribute.type.name == "regarding" and not attribute.system:
                yield child, attribute


def children(
    child: Entity, attribute: Attribute, parent: str, parent_ids: Collection[uuid.UUID], *, scope: str = "all"
) -> list[Child]:
    """Live records of `child` whose `attribute` points at one of the parents; `active` leaves closed ones out."""
    rows = base_rows(child, None)
    if scope == "active":
        rows = rows.exclude(state__in=[s.value for s in child.states if s.closed])
    owner = "owner_id" if child.has_owner else None
    if attribute.custom:
        links = RecordLink.objects.filter(
            source_object=child.name, attribute=attribute.name, target_id__in=parent_ids
        )
        parents = dict(links.values_list("source_id", "target_id"))
        found = rows.filter(pk__in=parents).order_by("pk").values_list("pk", owner or "pk")
        return [Child(pk, who if owner else None, parents[pk]) for pk, who in found]
    if attribute.type.name == "regarding":
        column = attribute.columns["id"]
        rows = rows.filter(**{attribute.columns["object"]: parent})
    else:
        column = f"{attribute.columns[parent] if attribute.columns else attribute.column}_id"
    found = (
        rows.filter(**{f"{column}__in": parent_ids}).order_by("pk").values_list("pk", owner or "pk", column)
    )
    return [Child(pk, who if owner else None, above) for pk, who, above in found]


def reach(entity: Entity, owners: dict[uuid.UUID, uuid.UUID | None], act: str, *, to: Any = None) -> Reach:
    """What `act` (assign, share, unshare) on records of `entity` reaches, level by level.

    `owners` are the records and whose they were before the act. A record that belongs to `to` already is not reached:
    nothing happens to it, so nothing follows from it. Raises Conflict `record.cascade_too_large`.
    """
    found, seen = Reach(), set(owners)
    level: dict[str, dict[uuid.UUID, uuid.UUID | None]] = {entity.name: owners}
    while level:
        following: dict[str, dict[uuid.UUID, uuid.UUID | None]] = {}
        for name, parents in level.items():
            for child, attribute in referring(registry.get(name)):
                scope = getattr(attribute.cascade, act)
                if scope == "none" or not child.has_owner:
                    continue
                for one in _reached(child, attribute, name, parents, scope):
                    if one.id in seen or (to is not None and one.owner_id == to):
                        continue
                    seen.add(one.id)
                    found.add(child.name, one.id)
                    following.setdefault(child.name, {})[one.id] = one.owner_id
        level = following
    return found


def _reached(
    child: Entity, attribute: Attribute, parent: str, parents: dict[uuid.UUID, uuid.UUID | None], scope: str
) -> Iterator[Child]:
    ids = list(parents)
    for start in range(0, len(ids), _PAGE):
        for one in children(child, attribute, parent, ids[start : start + _PAGE], scope=scope):
            if scope != "same_owner" or one.owner_id == parents[one.parent_id]:
                yield one


def doomed(entity: Entity, record_id: uuid.UUID, actor: Actor) -> Reach:
    """What deleting a record takes with it.

    Raises Conflict `record.restrict_delete` with counts (of links the actor may see) when anything of it is needed by a
    record that stays.
    """
    found, seen = Reach(), {record_id}
    level: dict[str, list[uuid.UUID]] = {entity.name: [record_id]}
    needed: list[tuple[str | None, uuid.UUID]] = []
    while level:
        following: dict[str, list[uuid.UUID]] = {}
        for name, ids in level.items():
            for child, attribute in referring(registry.get(name)):
                if attribute.on_delete == "remove_link":
                    continue
                for one in children(child, attribute, name, ids):
                    if attribute.on_delete == "restrict":
                        shown = access.readable(child, attribute, actor)
                        needed.append((child.plural if shown else None, one.id))
                    elif one.id not in seen:
                        seen.add(one.id)
                        found.add(child.name, one.id)
                        following.setdefault(child.name, []).append(one.id)
        level = following
    staying = [plural for plural, one_id in set(needed) if one_id not in seen]
    if staying:
        blocking = Counter(plural for plural in staying if plural is not None)
        raise Conflict("record.restrict_delete", "Other records need this one.", details=dict(blocking))
    return found
