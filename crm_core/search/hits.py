"""Which records a text finds: the best hits of every object, by one statement for all of them (PLT-45.1).

The statement is compiled once per person and shape of text. Objects of many records are asked rank by rank, so that
the server may walk the latest records for a word that thousands have, and the search index for one that few have.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.records.query.filters import base_rows
from crm_core.records.query.prepared import Statement, kept, slots_for
from crm_core.records.query.searching import START, SearchText, bodies_hold, in_bodies, named
from crm_core.search.indexing import walkable
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.depth import Depth

#: ranks of hits: the name begins with the text, holds its words, or only a long text does
BEGINS, NAMED, IN_BODY = 0, 1, 2
#: of names that begin with the text so many, in the order of the alphabet, take part
BEGINNINGS = 200
#: of long texts that hold the words so many, the latest, are checked for whether their record may be read
CONSIDERED = 200
_KEPT_SECONDS = 3600
_CHANGED = F("modified_at")
# The same order in a form no index has: reading long texts one by one, latest first, never pays.
_LATEST_OF_FEW = Func(_CHANGED, template="%(expressions)s AT TIME ZONE 'UTC'", output_field=DateTimeField())


@dataclass(frozen=True)
class Hit:
    """A record found; `about` is the object and id of the record whose readers alone may see a long text."""

    object: str
    rank: int
    id: uuid.UUID
    about: tuple[str, uuid.UUID] | None = None


def find_hits(
    entities: Sequence[Entity], asked: SearchText, actor: Actor, limit: int
) -> dict[str, list[Hit]]:
    """At most `limit` hits per object, the best first; within a rank the latest changed first."""
    hour = int(time.time() / _KEPT_SECONDS)  # objects grow
    key = ("search", tuple(e.name for e in entities), asked.shape, limit, hour)
    statement = kept(actor, key, lambda: _statement(entities, asked, actor, limit))
    rows = statement.run(texts=asked.given()) if statement else []
    candidates = [_hit(row) for row in rows]
    readable = _readable({hit.about for hit in candidates if hit.about}, actor)
    found: dict[str, list[Hit]] = {}
    considered: Counter[str] = Counter()
    known: set[uuid.UUID] = set()
    for hit in sorted(candidates, key=attrgetter("rank")):
        considered[hit.object] += hit.rank == IN_BODY
        hits = found.setdefault(hit.object, [])
        if len(hits) < limit and hit.id not in known and (hit.about is None or hit.about in readable):
            hits.append(hit)
            known.add(hit.id)
    for entity in entities:
        if considered[entity.name] == CONSIDERED and len(found[entity.name]) < limit:
            found[entity.name] += _further(entity, asked, actor, limit, found[entity.name])
    return {name: hits for name, hits in found.items() if hits}


def _hit(row: tuple[Any, ...]) -> Hit:
    name, rank, identifier, about_object, about_id = row
    about = (about_object, uuid.UUID(about_id)) if about_id else None
    return Hit(name, rank, uuid.UUID(identifier), about)


def _statement(entities: Sequence[Entity], asked: SearchText, actor: Actor, limit: int) -> Statement | None:
    place, large = asked.places(), walkable(entities)
    pieces = [p for e in entities for p in _pieces(e, place, actor, limit, large=e.name in large)]
    if not pieces:
        return None
    rows = pieces[0] if len(pieces) == 1 else pieces[0].union(*pieces[1:], all=True)
    return Statement(rows, texts=asked.given())


def _pieces(entity: Entity, asked: SearchText, actor: Actor, limit: int, *, large: bool) -> list[QuerySet]:
    rows = base_rows(entity, actor).alias(_start=START).order_by()
    begins, holds = Q(_start__startswith=asked.start), named(asked)
    pieces = []
    if large:
        first = rows.filter(begins if asked.complete else begins & holds).order_by("_start")
        pieces.append(
            _latest(rows.filter(pk__in=first.values("pk")[:BEGINNINGS]), entity, Value(BEGINS), limit)
        )
        # with those that begin with the text once more: where all do, a walk in search of others would never end
        pieces.append(_latest(rows.filter(holds), entity, Value(NAMED), 2 * limit))
    else:
        rank = Case(When(begins, then=Value(BEGINS)), default=Value(NAMED))
        pieces.append(_latest(rows.filter(holds), entity, rank, limit))
    inside = bodies_hold(entity, asked)
    if inside is not None:
        about = None if actor.is_administrator else entity.about
        most = CONSIDERED if about else limit
        found = rows.filter(inside & ~holds)
        pieces.append(_latest(found, entity, Value(IN_BODY), most, about=about, when=_LATEST_OF_FEW))
    return pieces


def _latest(
    rows: QuerySet, entity: Entity, rank: Any, limit: int, *, about: Any = None, when: Any = _CHANGED
) -> QuerySet:
    empty = Value(None, TextField())
    columns = {
        "_object": Value(entity.name, CharField()),
        "_rank": Cast(rank, IntegerField()),
        "_about_object": Cast(F(about.columns["object"]), TextField()) if about else empty,
        "_about_id": Cast(F(about.columns["id"]), TextField()) if about else empty,
    }
    ordered = rows.annotate(**columns).order_by("_rank", when.desc())
    return ordered.values_list("_object", "_rank", Cast(F("pk"), TextField()), "_about_object", "_about_id")[
        :limit
    ]


def _readable(records: Iterable[tuple[str, uuid.UUID]], actor: Actor) -> set[tuple[str, uuid.UUID]]:
    """Those of `records` (object, id) the actor may read, by one statement."""
    wanted: dict[str, list[uuid.UUID]] = {}
    free: set[tuple[str, uuid.UUID]] = set()
    known = registry.current().entities
    for name, identifier in sorted(records):
        target = known.get(name)
        if target is None or actor.depth(target, "read") == Depth.NONE:
            continue
        if access.visible(target, actor) is None:
            free.add((name, identifier))
        else:
            wanted.setdefault(name, []).append(identifier)
    if not wanted:
        return free
    values: dict[uuid.UUID, uuid.UUID] = {}
    sizes = []
    for name, ids in wanted.items():
        places, given = slots_for(ids, len(values))
        values |= given
        sizes.append((name, places))
    key = ("readable", tuple((name, len(places)) for name, places in sizes))

    def make() -> Statement:
        pieces = [
            base_rows(known[name], actor)
            .filter(pk__in=places)
            .order_by()
            .annotate(_object=Value(name, CharField()))
            .values_list("_object", "pk")
            for name, places in sizes
        ]
        return Statement(pieces[0].union(*pieces[1:], all=True) if len(pieces) > 1 else pieces[0])

    return free | {(name, identifier) for name, identifier in kept(actor, key, make).run(values)}


def _further(entity: Entity, asked: SearchText, actor: Actor, limit: int, found: Sequence[Hit]) -> list[Hit]:
    """Hits in long texts behind so many the actor may not read that the latest did not fill the list."""
    inside = in_bodies(entity, actor, asked)
    if inside is None:
        return []
    rows = base_rows(entity, actor).filter(inside).exclude(named(asked)).order_by("-modified_at")
    known = {hit.id for hit in found}
    ids = rows.values_list("pk", flat=True)[: limit + len(known)]
    return [Hit(entity.name, IN_BODY, i) for i in ids if i not in known][: limit - len(found)]
