"""Keeping `last_contacted_at` and `next_activity_at` (CUS-7.4).

An activity touches the records it is about and the people who take part, and one step further what these belong to:
the company of a contact, the customer of an opportunity. Planning ahead and reporting a contact are one cheap
statement per object; only when the activity that gave a date goes away is the date searched for again.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.types.reference import Reference, as_uuid
from crm_core.records.query import Query
from crm_core.records.service import deriving
from crm_core.security.actor import system_actor

LAST, NEXT = "last_contacted_at", "next_activity_at"
# activities in which somebody really spoke, wrote to or met somebody
CONTACT_TYPES = frozenset({"phone_call", "email", "letter", "fax", "appointment", "visit"})
# when it is due: a meeting at its start, everything else at its end
STARTS = frozenset({"appointment", "visit"})
# object → the attribute that says what its records belong to
BELONGS_TO = {"contact": "parent_customer", "opportunity": "customer"}
CHILDREN_LIMIT = 1000

Touched = frozenset[tuple[str, uuid.UUID]]


def due_attribute(entity: Entity) -> str:
    """Which attribute says when an open activity of this type is due."""
    return "scheduled_start" if entity.name in STARTS else "scheduled_end"


@dataclass(frozen=True)
class Trace:
    """What an activity means for the records it touches, before or after a write."""

    due: dt.datetime | None = None
    contacted: dt.datetime | None = None
    touched: Touched = field(default_factory=frozenset)

    @classmethod
    def of(cls, entity: Entity, value: Callable[[str], Any]) -> Trace:
        """The trace of an activity whose attributes `value` reads."""
        state = entity.state(value("state"))
        done = state.value == "completed" and entity.name in CONTACT_TYPES
        return cls(
            due=None if state.closed else value(due_attribute(entity)),
            contacted=value("actual_end") if done else None,
            touched=_touched(entity, value),
        )


def _touched(entity: Entity, value: Callable[[str], Any]) -> Touched:
    found: set[tuple[str, uuid.UUID | None]] = set()
    references: list[Reference | None] = [value("regarding")]
    if "customer" in entity.attributes:
        references.append(value("customer"))
    found.update((r.object, r.id) for r in references if r is not None)
    for party in value("parties") or []:
        if party.get("id") and party.get("object"):
            found.add((party["object"], as_uuid(party["id"])))
    return frozenset((name, i) for name, i in found if i is not None and _keeps_dates(name))


def _keeps_dates(object_name: str | None) -> bool:
    entity = registry.current().entities.get(object_name or "")
    return entity is not None and NEXT in entity.attributes


def follow(before: Trace, after: Trace) -> None:
    """Bring the dates of every touched record in step with an activity that changed from `before` to `after`."""
    was, now = with_owners(before.touched), with_owners(after.touched)
    for entity, ids in _grouped(now):
        if after.contacted:
            deriving.raise_to(entity, ids, LAST, after.contacted)
        if after.due:
            deriving.lower_to(entity, ids, NEXT, after.due)
    if before.due and (before.due != after.due or was != now):
        search_again(NEXT, before.due, was)
    if before.contacted and (before.contacted != after.contacted or was != now):
        search_again(LAST, before.contacted, was)


def with_owners(touched: Touched) -> Touched:
    """The touched records and what they belong to, one step up."""
    found = set(touched)
    for entity, ids in _grouped(touched):
        attribute = BELONGS_TO.get(entity.name)
        if attribute is None:
            continue
        rows = Query(entity, system_actor()).where(Q(pk__in=ids)).page([attribute], limit=CHILDREN_LIMIT).rows
        found.update((r[attribute]["object"], uuid.UUID(r[attribute]["id"])) for r in rows if r[attribute])
    return frozenset(found)


def _grouped(touched: Touched) -> list[tuple[Entity, list[uuid.UUID]]]:
    groups: dict[str, list[uuid.UUID]] = {}
    for name, record_id in touched:
        groups.setdefault(name, []).append(record_id)
    return [(registry.get(name), sorted(ids)) for name, ids in sorted(groups.items())]


def search_again(name: str, gone: dt.datetime, touched: Touched) -> None:
    """Find the date `name` anew for the records that had it from the activity that is gone."""
    for entity, ids in _grouped(touched):
        for record_id in Query(entity, system_actor()).where(Q((name, gone), pk__in=ids)).ids():
            deriving.put(entity, record_id, name, searched(name, entity.name, record_id))


def searched(name: str, object_name: str, record_id: uuid.UUID) -> dt.datetime | None:
    """The earliest due date of the open activities, or the latest contact, of one record: one statement."""
    about = [record_id, *_children(object_name, record_id)]
    pieces = [
        piece for entity in registry.all() if (piece := _piece(name, entity, record_id, about)) is not None
    ]
    if not pieces:
        return None
    rows = pieces[0].union(*pieces[1:], all=True) if len(pieces) > 1 else pieces[0]
    values = [value for (value,) in rows if value is not None]
    if not values:
        return None
    return min(values) if name == NEXT else max(values)


def _children(object_name: str, record_id: uuid.UUID) -> Iterable[uuid.UUID]:
    """Records that belong to this one: their activities count for it too."""
    for child, attribute_name in BELONGS_TO.items():
        entity = registry.current().entities.get(child)
        if entity is None or object_name not in entity.attributes[attribute_name].targets:
            continue
        column = entity.attributes[attribute_name].columns[object_name]
        yield from (
            Query(entity, system_actor()).where(Q((f"{column}_id", record_id))).ids(limit=CHILDREN_LIMIT)
        )


def _piece(name: str, entity: Entity, record_id: uuid.UUID, about: list[uuid.UUID]) -> Any:
    """The date one activity type gives, as a query of at most one row."""
    if not entity.is_activity or (name == LAST and entity.name not in CONTACT_TYPES):
        return None
    column = "actual_end" if name == LAST else due_attribute(entity)
    states = ["completed"] if name == LAST else [s.value for s in entity.states if not s.closed]
    if not states:
        return None
    touches = Q(regarding_id__in=about) | Q(parties__contains=[{"id": str(record_id)}])
    rows = (
        Query(entity, system_actor())
        .where(touches & Q(state__in=states, **{f"{column}__isnull": False}))
        .rows_
    )
    order = F(column).asc() if name == NEXT else F(column).desc()
    return rows.order_by(order).values_list(column)[:1]
