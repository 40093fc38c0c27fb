"""The activities and notes in a record's timeline: what is open by due date, what happened newest first (CUS-7).

The first page asks in two steps. Planning one statement with all columns of nine activity objects takes the server
longer than all else a record's screen asks, and it plans anew whenever the connection changes workspaces. So the first
step reads only what decides the order, and the second all columns of the rows that are shown, by their keys and only
from objects that have some.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, DateTimeField, F, Q, Value, When
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
        if (
            attribute.custom
            or target.is_activity
            or not target.has("activities")
            or attribute.hierarchy
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
    key = ("timeline heads", _names(sources), len(places), limit)
    statement = kept(actor, key, lambda: _statement([_heads(e, places, actor, limit) for e in sources]))
    [raw] = yield [(statement, values)]
    heads = [_Head(*row) for row in raw]
    cut = [e for e in sources if _is_cut([h for h in heads if h.kind == e.name], limit)]
    closed = [h for h in heads if not h.is_open and h.kind not in _names(cut)]
    closed.sort(key=lambda h: (h.at, h.id), reverse=True)
    shown = [*_first_open(heads), *closed[: limit + 1]]
    asked = []
    if shown:
        asked.append(_whole_rows(sources, shown, actor))
    if cut:
        key = ("timeline closed", _names(cut), len(places), limit)
        statement = kept(actor, key, lambda: _statement(_closed_pieces(cut, places, actor, None, limit)))
        asked.append((statement, values))
    answers = (yield asked) if asked else []
    found = {(row[-1], row[0]): row for row in (answers[0] if shown else [])}
    # what somebody deleted between the two steps is left out
    items = [(h.is_open, _item((h.at, *found[h.kind, h.id]))) for h in shown if (h.kind, h.id) in found]
    happened = [item for is_open, item in items if not is_open]
    happened += [_item(row) for row in (answers[-1] if cut else [])]
    return [item for is_open, item in items if is_open], happened


def _is_cut(heads: Sequence[_Head], limit: int) -> bool:
    """Whether one object's open rows left too little room for its closed ones."""
    return len(heads) > MAX_OPEN + limit and sum(not h.is_open for h in heads) <= limit


def _first_open(heads: Iterable[_Head]) -> list[_Head]:
    """The first ones by due date, those without one last; of each object no more than are shown altogether."""
    counts: dict[str, int] = {}
    found = []
    for head in heads:
        if head.is_open:
            counts[head.kind] = counts.get(head.kind, 0) + 1
            if counts[head.kind] <= MAX_OPEN:
                found.append(head)
    return sorted(found, key=lambda h: (h.due is None, h.due or h.at))[:MAX_OPEN]


def _heads(entity: Entity, ids: list[uuid.UUID], actor: Actor, limit: int) -> Any:
    """One object's rows in the order that decides: open ones by due date, then closed ones newest first."""
    rows = _pieces(entity, ids, actor)
    kind = Value(entity.name, output_field=CharField())
    nothing = Value(None, output_field=DateTimeField())
    newest = ("-_at", "-pk")
    if not (states := _is_open(entity)):
        never = Value(False, output_field=BooleanField())
        rows = rows.annotate(_at=_moment(entity)).order_by(*newest)
        return rows.values_list("_at", F("pk"), never, nothing, kind)[: limit + 1]
    still = When(state__in=states, then=Value(True))
    due = Case(When(state__in=states, then=F("scheduled_end"))) if _has_due(entity) else nothing
    rows = rows.annotate(
        _open=Case(still, default=Value(False), output_field=BooleanField()),
        _at=Case(When(state__in=states, then=F("created_at")), default=_moment(entity)),
        _key=Case(When(state__in=states, then=F("pk"))),
        _due=due,
    )
    by_due = [F("_due").asc(nulls_last=True)] if _has_due(entity) else []
    # room for all that may be shown of both kinds, unless more are open than are shown
    return rows.order_by("-_open", *by_due, "_key", *newest).values_list(
        "_at", F("pk"), "_open", "_due", kind
    )[: MAX_OPEN + limit + 1]


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


def _has_due(entity: Entity) -> bool:
    return "scheduled_end" in entity.attributes


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
        F("scheduled_end") if _has_due(entity) else Value(None, output_field=DateTimeField()),
        F("version"), Value(entity.name, output_field=CharField()),
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
    }  # fmt: skip


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


def _united(pieces: list[Any]) -> Any:
    return pieces[0] if len(pieces) == 1 else pieces[0].union(*pieces[1:], all=True)


def _statement(pieces: list[Any]) -> Statement:
    return Statement(_united(pieces), shared=True)
