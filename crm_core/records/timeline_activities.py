"""The activities and notes in a record's timeline: what is open by due date, what happened newest first (CUS-7).

The first page asks in two steps. Planning one statement with all columns of nine activity objects takes the server
longer than all else a record's screen asks, and it plans anew whenever the connection changes workspaces. So the first
step reads only what decides the order, and the second all columns of the rows that are shown, by their keys and only
from objects that have some. An object with too many rows to sort them here is asked in full.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from itertools import chain, groupby
from typing import Any, NamedTuple

from django.db.models import DateTimeField, F, Q, Value
from django.db.models.fields import CharField
from django.db.models.functions import Coalesce

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.records.query import rounds
from crm_core.records.query.by_key import without_joins
from crm_core.records.query.filters import base_rows
from crm_core.records.query.prepared import Statement, kept, slot, slots_for
from crm_core.records.timeline_changes import moment_json
from crm_core.security import access
from crm_core.security.actor import Actor

MAX_OPEN = 50
#: of an object that has more rows about a record, the server finds out which come first
MOST_HEADS = 100
#: where no date decides
_ANY = dt.datetime.max
Items = list[dict[str, Any]]


class _Head(NamedTuple):
    """What decides where a row stands; the moment is that of an open one's making, or when a closed one happened."""

    at: dt.datetime
    id: uuid.UUID
    is_open: bool
    due: dt.datetime | None
    kind: str


def sources_for(actor: Actor, kinds: list[str] | None) -> list[Entity]:
    """Activity objects the actor may read, notes included; of these `kinds`, where some are named."""
    found = [e for e in registry.all() if _regarding(e) is not None and actor.depth(e, "read")]
    return [e for e in found if not kinds or e.name in kinds]


def reading(
    entity: Entity, record_id: uuid.UUID, sources: list[Entity], actor: Actor, before: Any, limit: int
) -> rounds.Reader[tuple[Items, Items]]:
    """A reader of the open items and of the newest closed ones, one more than `limit` where there are more.

    `before` is the (moment, id) a later page begins behind; open items are on the first page only.
    """
    if not sources:
        return [], []
    ids = yield from _regarding_ids(entity, record_id, actor)
    if before:
        pieces = _closed_pieces(sources, ids, actor, before, limit)
        return [], [_item(row) for row in _united(pieces)]
    return (yield from _first_page(sources, ids, actor, limit))


def _regarding_ids(entity: Entity, record_id: uuid.UUID, actor: Actor) -> rounds.Reader[list[uuid.UUID]]:
    """The record and those whose activities roll up to it: contacts, opportunities … of a customer (CUS-7.2)."""
    statement = kept(actor, ("timeline ids", entity.name), lambda: _ids_statement(entity, actor))
    if statement is None:
        return [record_id]
    [rows] = yield [(statement, {slot(0): record_id})]
    return [record_id, *[row[0] for row in rows]]


def _ids_statement(entity: Entity, actor: Actor) -> Statement | None:
    pieces = []
    for relation in entity.relationships:
        if relation.link:
            continue  # what is only linked has a timeline of its own
        target = registry.get(relation.object)
        attribute = target.attributes[relation.attribute]
        # Child accounts have timelines of their own; contacts hang on accounts by such a reference too.
        is_below = attribute.hierarchy and target.name == entity.name
        if (
            attribute.custom
            or target.is_activity
            or not target.has("activities")
            or is_below
            or not actor.depth(target, "read")
            or not access.may_follow(relation, actor)
        ):
            continue
        column = attribute.columns[entity.name] if attribute.columns else attribute.column
        rows = base_rows(target, actor).filter(**{f"{column}_id": slot(0)}).order_by("pk")
        pieces.append(rows.values_list("pk")[:500])
    return _statement(pieces) if pieces else None


def _first_page(
    sources: list[Entity], ids: list[uuid.UUID], actor: Actor, limit: int
) -> rounds.Reader[tuple[Items, Items]]:
    places, values = slots_for(ids)
    key = ("timeline heads", _names(sources), len(places))
    statement = kept(actor, key, lambda: _statement([_heads(e, places, actor) for e in sources]))
    [raw] = yield [(statement, values)]
    heads = [[_head(entity, row) for row in raw if row[-1] == entity.name] for entity in sources]
    many = [entity for entity, some in zip(sources, heads, strict=True) if len(some) > MOST_HEADS]
    known = [head for some in heads if len(some) <= MOST_HEADS for head in some]
    shown = [*_first_open(known), *_newest(known, limit + 1)]
    asked = [_whole_rows(sources, shown, actor)] if shown else []
    asked += [(each, values) for each in _of_many(many, places, actor, limit)]
    answers = (yield asked) if asked else []
    columns = {(row[-1], row[0]): row for row in answers.pop(0)} if shown else {}
    # what somebody deleted between the two steps is left out
    items = [(h.is_open, _item((h.at, *columns[h.kind, h.id]))) for h in shown if (h.kind, h.id) in columns]
    happened, *still_open = [[_item(row) for row in rows] for rows in answers] or [[]]
    happened += [item for is_open, item in items if not is_open]
    opened = [*chain(*still_open), *(item for is_open, item in items if is_open)]
    turn = {name: number for number, name in enumerate(_names(sources))}
    opened.sort(key=lambda i: (i["due"] is None, i["due"] or i["at"], turn[i["kind"]]))
    return opened[:MAX_OPEN], happened


def _heads(entity: Entity, ids: list[uuid.UUID], actor: Actor) -> Any:
    """What decides where one object's rows stand, in no order: sorting few rows here is less than planning it there."""
    rows = _pieces(entity, ids, actor).order_by()
    columns = (F("pk"), F("state"), F("created_at"), _moment(entity), _due(entity), _kind(entity))
    return rows.values_list(*columns)[: MOST_HEADS + 1]


def _head(entity: Entity, row: tuple[Any, ...]) -> _Head:
    identifier, state, created_at, happened, due, kind = row
    is_open = state in _is_open(entity)
    return _Head(created_at if is_open else happened, identifier, is_open, due, kind)


def _first_open(heads: list[_Head]) -> list[_Head]:
    """The first ones by due date, those without one last; of each object no more than are shown altogether."""
    found: list[_Head] = []
    for _kind, some in groupby((h for h in heads if h.is_open), key=lambda h: h.kind):
        found += sorted(some, key=lambda h: (h.due is None, h.due or _ANY, h.id))[:MAX_OPEN]
    return sorted(found, key=lambda h: (h.due is None, h.due or h.at))[:MAX_OPEN]


def _newest(heads: list[_Head], number: int) -> list[_Head]:
    closed = [h for h in heads if not h.is_open]
    return sorted(closed, key=lambda h: (h.at, h.id), reverse=True)[:number]


def _of_many(many: list[Entity], places: list[uuid.UUID], actor: Actor, limit: int) -> list[Statement]:
    """For objects with so many rows that not all heads came: their newest closed ones, and their first open ones."""
    if not many:
        return []
    with_open = [e for e in many if _is_open(e)]
    key = ("timeline closed", _names(many), len(places), limit)
    found = [kept(actor, key, lambda: _statement(_closed_pieces(many, places, actor, None, limit)))]
    if with_open:
        key = ("timeline open", _names(with_open), len(places), MAX_OPEN)
        found.append(kept(actor, key, lambda: _statement(_open_pieces(with_open, places, actor))))
    return found


def _whole_rows(
    sources: list[Entity], heads: list[_Head], actor: Actor
) -> tuple[Statement, dict[uuid.UUID, uuid.UUID]]:
    """All columns of the rows of these heads, from the objects they are of; the ids are looked for in each of these."""
    present = {h.kind for h in heads}
    kinds = [e for e in sources if e.name in present]
    places, values = slots_for([h.id for h in heads])

    def make() -> Statement:
        found = [(e, base_rows(e, actor).filter(pk__in=places).order_by()) for e in kinds]
        return _statement([rows.values_list(*_columns(e, actor)) for e, rows in found])

    return kept(actor, ("timeline rows", _names(kinds), len(places)), make), values


def _names(entities: Iterable[Entity]) -> tuple[str, ...]:
    return tuple(e.name for e in entities)


def _regarding(entity: Entity) -> Any:
    return next((a for a in entity.attributes.values() if a.type.name == "regarding"), None)


def _pieces(entity: Entity, ids: list[uuid.UUID], actor: Actor) -> Any:
    regarding = _regarding(entity)
    return base_rows(entity, actor).filter(**{f"{regarding.columns['id']}__in": ids})


def _moment(entity: Entity) -> Any:
    """When a closed activity counts as having happened."""
    names = [n for n in ("actual_end", "scheduled_start") if n in entity.attributes]
    return (
        Coalesce(*[F(n) for n in names], F("created_at"), output_field=DateTimeField())
        if names
        else F("created_at")
    )


def _due(entity: Entity) -> Any:
    return (
        F("scheduled_end")
        if "scheduled_end" in entity.attributes
        else Value(None, output_field=DateTimeField())
    )


def _kind(entity: Entity) -> Any:
    return Value(entity.name, output_field=CharField())


def _is_open(entity: Entity) -> list[str]:
    return [s.value for s in entity.states if not s.closed] if entity.is_activity else []


def _columns(entity: Entity, actor: Actor) -> list[Any]:
    regarding = _regarding(entity).columns
    body = next((n for n in ("body", "description") if n in entity.attributes), None)
    if body and not access.readable(entity, entity.attributes[body], actor):
        body = None
    return [
        F("pk"), F(entity.primary_column), F(body) if body else Value("", output_field=CharField()), F("state"),
        F("created_by_id"), *without_joins(entity.model, ["created_by__name"]),
        F(regarding["object"]), F(regarding["id"]), F(regarding["name"]),
        _due(entity), F("version"), _kind(entity),
    ]  # fmt: skip


def _item(row: tuple[Any, ...]) -> dict[str, Any]:
    (
        moment,
        identifier,
        title,
        body,
        state,
        actor_id,
        actor_name,
        r_object,
        r_id,
        r_name,
        due,
        version,
        kind,
    ) = row
    return {
        "kind": kind,
        "object": kind,
        "id": str(identifier),
        "at": moment_json(moment),
        "title": title,
        "body": (body or "")[:4000],
        "state": state,
        "due": moment_json(due),
        "version": version,
        "actor": {"id": str(actor_id), "name": actor_name} if actor_id else None,
        "regarding": {"object": r_object, "id": str(r_id), "name": r_name} if r_id else None,
    }


def _closed_pieces(
    sources: list[Entity], ids: list[uuid.UUID], actor: Actor, before: Any, limit: int
) -> list[Any]:
    """The newest closed rows of each object, all columns at once."""
    pieces = []
    for entity in sources:
        rows = _pieces(entity, ids, actor).exclude(state__in=_is_open(entity)).annotate(_at=_moment(entity))
        if before:
            rows = rows.filter(Q(_at__lt=before[0]) | Q(_at=before[0], pk__lt=before[1]))
        pieces.append(rows.order_by("-_at", "-pk").values_list("_at", *_columns(entity, actor))[: limit + 1])
    return pieces


def _open_pieces(sources: list[Entity], ids: list[uuid.UUID], actor: Actor) -> list[Any]:
    """The first open rows of each object by due date, all columns at once."""
    pieces = []
    for entity in sources:
        rows = _pieces(entity, ids, actor).filter(state__in=_is_open(entity)).annotate(_at=F("created_at"))
        order = [F("scheduled_end").asc(nulls_last=True)] if "scheduled_end" in entity.attributes else []
        pieces.append(rows.order_by(*order, "pk").values_list("_at", *_columns(entity, actor))[:MAX_OPEN])
    return pieces


def _united(pieces: list[Any]) -> Any:
    return pieces[0] if len(pieces) == 1 else pieces[0].union(*pieces[1:], all=True)


def _statement(pieces: list[Any]) -> Statement:
    return Statement(_united(pieces), shared=True)
