"""One record with everything a screen shows of it, by one statement."""

from __future__ import annotations

import uuid
from typing import Any

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import NotFound
from crm_core.records.query import Query, list_sizes, rounds
from crm_core.records.query.by_key import without_joins
from crm_core.records.query.prepared import Statement, kept, slot
from crm_core.records.query.selecting import Selection
from crm_core.records.service.privileges import questions
from crm_core.security import access
from crm_core.security.actor import Actor


def whole(entity: Entity, record_id: uuid.UUID, actor: Actor) -> dict[str, Any]:
    """All values as JSON, `privileges`, and `merged_into` (an id as text) when the record was merged into another.

    Raises Forbidden without the right to read the object, NotFound when the record is absent or not visible.
    """
    return rounds.run(reading_whole(entity, record_id, actor))


def reading_whole(entity: Entity, record_id: uuid.UUID, actor: Actor) -> rounds.Reader[dict[str, Any]]:
    """`whole` as a reader, for who asks for more of the record in the same rounds. Raises what `whole` raises."""
    access.require(entity, actor, "read")
    selection, certain, asked, statement = kept(
        actor, ("whole", entity.name), lambda: _compiled(entity, actor)
    )
    [raw] = yield [(statement, {slot(0): record_id})]
    if not raw:
        raise NotFound()
    row = selection.rows(raw)[0]
    row.setdefault("masked", [])
    if entity.collects is not None:
        list_sizes.complete(entity, row, list(entity.attributes), actor)
    width = len(selection.columns)
    merged_into, answers = raw[0][width], raw[0][width + 1 :]
    row["privileges"] = {**certain, **{name: bool(value) for name, value in zip(asked, answers, strict=True)}}
    if merged_into:
        row["merged_into"] = str(merged_into)
    return row


def _compiled(entity: Entity, actor: Actor) -> tuple[Selection, dict[str, bool], tuple[str, ...], Statement]:
    selection = Selection(entity, list(entity.attributes), actor)
    certain, asked = questions(entity, actor)
    rows = (
        Query(entity, actor).rows_.filter(pk=slot(0)).annotate(**{f"_may_{k}": v for k, v in asked.items()})
    )
    columns = without_joins(entity.model, [*selection.columns, "merged_into", *[f"_may_{k}" for k in asked]])
    return selection, certain, tuple(asked), Statement(rows.values_list(*columns)[:1], shared=True)
