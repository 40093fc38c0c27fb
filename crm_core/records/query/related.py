"""The lists of records that hang on one record: compiled once per person, one statement each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity, Relationship
from crm_core.records.query import rounds
from crm_core.records.query.filters import relation_rows
from crm_core.records.query.paging import Ordering
from crm_core.records.query.prepared import Statement, kept, slot
from crm_core.records.query.query import COUNT_CAP, Query
from crm_core.records.query.selecting import Selection
from crm_core.security import access
from crm_core.security.actor import Actor

FIRST_ROWS = 5


@dataclass(frozen=True)
class _Compiled:
    """One related list: its first rows, one more to see whether there are others, and how many up to the cap."""

    name: str
    target: Entity
    selection: Selection
    first: Statement
    counted: Statement


def related_query(entity: Entity, relation: Relationship, record_id: uuid.UUID, actor: Actor) -> Query:
    """The query behind a related list. Raises Forbidden without the right to read its object and its reference."""
    access.require_following(relation, actor)
    target = registry.get(relation.object)
    rows = relation_rows(entity, relation, record_id, actor)
    return Query(target, actor)._with(rows)


def related_lists(entity: Entity, record_id: uuid.UUID, actor: Actor) -> dict[str, Any]:
    """Count and first rows of every related list the actor may read."""
    return rounds.run(reading(entity, record_id, actor))


def reading(entity: Entity, record_id: uuid.UUID, actor: Actor) -> rounds.Reader[dict[str, Any]]:
    """`related_lists` as a reader: first the rows, then how many there are where they did not all come."""
    place = {slot(0): record_id}
    lists: list[_Compiled] = kept(actor, ("related lists", entity.name), lambda: _compiled(entity, actor))
    firsts = yield [(each.first, place) for each in lists]
    longer = [each for each, raw in zip(lists, firsts, strict=True) if len(raw) > FIRST_ROWS]
    numbers = (yield [(each.counted, place) for each in longer]) if longer else []
    counts = {each.name: rows[0][0] for each, rows in zip(longer, numbers, strict=True)}
    found: dict[str, Any] = {}
    for each, raw in zip(lists, firsts, strict=True):
        count = min(counts.get(each.name, len(raw)), COUNT_CAP)
        rows = each.selection.rows(raw[:FIRST_ROWS])
        found[each.name] = {"object": each.target.name, "count": count, "rows": rows}
    return found


def _compiled(entity: Entity, actor: Actor) -> list[_Compiled]:
    found = []
    for relation in entity.relationships:
        target = registry.get(relation.object)
        if not actor.depth(target, "read") or not access.may_follow(relation, actor):
            continue
        rows = related_query(entity, relation, slot(0), actor).rows_
        names = [n for n in dict.fromkeys([target.primary, *target.facts, "state"]) if n in target.attributes]
        selection = Selection(target, names[:5], actor)
        ordering = Ordering(target, ["-created_at"], actor)
        ordered = rows.alias(**ordering.annotations).order_by(*ordering.order_by())
        first = ordered.values_list(*selection.columns)[: FIRST_ROWS + 1]
        counted = rows.order_by().values_list("pk")[: COUNT_CAP + 1]
        found.append(
            _Compiled(
                relation.name, target, selection, Statement(first, shared=True), Statement(counted).counting()
            )
        )
    return found
