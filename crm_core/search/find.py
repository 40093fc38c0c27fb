"""Global search over every object at once, and recently opened records (PLT-45.1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.bodies import body_words, excerpt
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.records.facts import fact_texts
from crm_core.records.query.filters import base_rows
from crm_core.records.query.prepared import Statement, kept, slots_for
from crm_core.records.query.searching import read_text
from crm_core.records.query.selecting import Selection
from crm_core.search.asking import IN_BODY
from crm_core.search.hits import find_hits
from crm_core.search.models import RecentRecord
from crm_core.security.actor import Actor

KEPT = 50


def searched_entities(actor: Actor, names: Sequence[str] | None = None) -> list[Entity]:
    """Objects with something to find that the actor may read."""
    entities = [registry.get(n) for n in names] if names else registry.all()
    return [e for e in entities if e.searchable and not e.internal and actor.depth(e, "read")]


def search(
    text: str | None, actor: Actor, *, objects: Sequence[str] | None = None, limit: int = 5
) -> list[dict[str, Any]]:
    """Groups of hits per object; names that begin with the text come first. Raises Malformed for unusable text."""
    asked = read_text(text)
    if asked is None or max(map(len, asked.words)) < 2:
        return []
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= 50:
        raise Malformed("request.limit", "1 to 50 hits per object.", field="limit")
    entities = searched_entities(actor, objects)
    found = find_hits(entities, asked, actor, limit)
    hit = {entity: [one.id for one in found[entity.name]] for entity in entities if entity.name in found}
    groups = []
    for entity, rows in zip(hit, _described_all(hit, actor), strict=True):
        inside = [one.id for one in found[entity.name] if one.rank == IN_BODY]
        _add_excerpts(entity, rows, inside, body_words(text or ""), actor)
        groups.append(
            {
                "object": entity.name,
                "label": str(entity.label_plural),
                "plural": entity.plural,
                "rows": rows,
            }
        )
    return groups


def _add_excerpts(
    entity: Entity, rows: list[dict[str, Any]], ids: list[uuid.UUID], words: list[str], actor: Actor
) -> None:
    """Give rows found by a long text the piece of it that matches, as `excerpt` in parts `{"text", "hit"}`."""
    if not ids:
        return
    found = base_rows(entity, actor).filter(pk__in=ids).values_list("pk", *entity.searched_bodies)
    texts = {str(pk): bodies for pk, *bodies in found}
    rich = [entity.attributes[name].format == "rich" for name in entity.searched_bodies]
    for row in rows:
        bodies = zip(texts.get(row["id"], ()), rich, strict=False)
        pieces = [excerpt(body, words, rich=tagged) for body, tagged in bodies if body]
        hit = next((p for p in pieces if any(part["hit"] for part in p)), pieces[0] if pieces else None)
        if hit:
            row["excerpt"] = hit


def described(entity: Entity, ids: Sequence[uuid.UUID], actor: Actor) -> list[dict[str, Any]]:
    """Name and two facts of records, in the order of `ids`; records the actor may not read are left out."""
    return _described_all({entity: ids}, actor)[0]


def _described_all(wanted: Mapping[Entity, Sequence[uuid.UUID]], actor: Actor) -> list[list[dict[str, Any]]]:
    """The same for the records of several objects."""
    prepared = [_describing(entity, list(ids), actor) for entity, ids in wanted.items()]
    answers = Statement.run_together([(statement, values) for _selection, statement, values in prepared])
    described = []
    for (entity, ids), (selection, _statement, _values), raw in zip(
        wanted.items(), prepared, answers, strict=True
    ):
        found = {row["id"]: row for row in selection.rows(raw)}
        facts = _facts(entity)
        described.append(
            [
                {
                    "id": str(i),
                    "object": entity.name,
                    "name": found[str(i)][entity.primary],
                    "facts": fact_texts(entity, facts, found[str(i)], actor),
                }
                for i in ids
                if str(i) in found
            ]
        )
    return described


def _facts(entity: Entity) -> list[str]:
    return [f for f in entity.facts if f in entity.attributes][:2]


def _describing(
    entity: Entity, ids: list[uuid.UUID], actor: Actor
) -> tuple[Selection, Statement, dict[uuid.UUID, uuid.UUID]]:
    places, values = slots_for(ids)

    def make() -> tuple[Selection, Statement]:
        selection = Selection(entity, [entity.primary, *_facts(entity)], actor)
        rows = base_rows(entity, actor).filter(pk__in=places).values_list(*selection.columns)
        return selection, Statement(rows, shared=True)

    return *kept(actor, ("described", entity.name, len(places)), make), values


def note_opened(entity: Entity, record_id: uuid.UUID, actor: Actor) -> None:
    """Remember that the actor opened a record."""
    RecentRecord.objects.update_or_create(
        user_id=actor.user_id, record_id=record_id, defaults={"object": entity.name}
    )
    old = (
        RecentRecord.objects.filter(user_id=actor.user_id)
        .order_by("-opened_at")
        .values_list("pk", flat=True)[KEPT:]
    )
    RecentRecord.objects.filter(pk__in=list(old)).delete()


def recent(actor: Actor, limit: int = 10) -> list[dict[str, Any]]:
    """The records the actor opened last, with object, name and facts."""
    rows = list(
        RecentRecord.objects.filter(user_id=actor.user_id)
        .order_by("-opened_at")
        .values_list("object", "record_id")[:limit]
    )
    known = registry.current().entities
    names: dict[tuple[str, str], dict[str, Any]] = {}
    for object_name in {o for o, _i in rows}:
        entity = known.get(object_name)
        if entity is not None and actor.depth(entity, "read"):
            for row in described(entity, [i for o, i in rows if o == object_name], actor):
                names[(object_name, row["id"])] = row
    return [names[(o, str(i))] for o, i in rows if (o, str(i)) in names]
