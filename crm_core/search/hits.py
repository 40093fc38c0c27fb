"""Which records a text finds: the best hits of every object (PLT-45.1)."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import CharField, Value

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.records.query.prepared import Statement, kept, slots_for
from crm_core.records.query.rows import base_rows
from crm_core.records.query.searching import SearchText, in_bodies, named
from crm_core.search import asking
from crm_core.search.asking import IN_BODY
from crm_core.search.indexing import walkable
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.depth import Depth

_KEPT_SECONDS = 3600


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
    names = tuple(entity.name for entity in entities)
    hour = int(time.time() / _KEPT_SECONDS)  # objects grow
    key = (names, asked.shape, limit, hour)
    large = kept(actor, ("large", names, hour), lambda: walkable(entities))
    nearby = kept(actor, ("near", key), lambda: asking.near(entities, large, asked, actor, limit))
    found = _Found(limit, actor)
    found.add(nearby.run(texts=asked.given()) if nearby else [])
    if lacking := {name for name in names if found.lacks(name)}:
        further = kept(actor, ("far", key), lambda: asking.far(entities, large, asked, actor, limit))
        texts = asked.given() | asking.where(entities, lacking)
        found.add(further.run(texts=texts) if further else [])
    for entity in entities:
        if found.considered[entity.name] == asking.CONSIDERED and found.lacks(entity.name):
            hits = found.hits.setdefault(entity.name, [])
            hits += _further(entity, asked, actor, limit, hits)
    return {name: hits for name, hits in found.hits.items() if hits}


class _Found:
    """Hits per object as statements bring them, the better ranks first."""

    def __init__(self, limit: int, actor: Actor):
        self.limit, self.actor = limit, actor
        self.hits: dict[str, list[Hit]] = {}
        self.considered: Counter[str] = Counter()
        self.known: set[uuid.UUID] = set()

    def lacks(self, name: str) -> bool:
        """Whether there is room for more hits of an object."""
        return len(self.hits.get(name, ())) < self.limit

    def add(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take in rows of a statement; what was found before is not found again."""
        candidates = [_hit(row) for row in rows]
        readable = _readable({hit.about for hit in candidates if hit.about}, self.actor)
        for hit in sorted(candidates, key=attrgetter("rank")):
            self.considered[hit.object] += hit.rank == IN_BODY
            free = hit.about is None or hit.about in readable
            if free and self.lacks(hit.object) and hit.id not in self.known:
                self.hits.setdefault(hit.object, []).append(hit)
                self.known.add(hit.id)


def _hit(row: tuple[Any, ...]) -> Hit:
    name, rank, identifier, about_object, about_id = row
    about = (about_object, uuid.UUID(about_id)) if about_id else None
    return Hit(name, rank, uuid.UUID(identifier), about)


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
