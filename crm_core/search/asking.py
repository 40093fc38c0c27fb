"""The two statements of a global search: what is near at hand for every object, and what only indexes of words find.

Both are compiled once per person and shape of text. For a text the word index knows (`SearchText.indexed`) their plan
does not depend on the text either, so the server plans them once: among many records the first looks at the beginnings
of names and at the records changed last, which answers for words that thousands have; the second asks the word index
for those objects where that was not enough, hence for words that few have. A shorter text the planner has to look at.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from crm_core.metadata.entity import Entity
from crm_core.records.query.prepared import Statement
from crm_core.records.query.rows import base_rows
from crm_core.records.query.searching import START, SearchText, bodies_hold, named
from crm_core.security.actor import Actor

#: ranks of hits: the name begins with the text, holds its words, or only a long text does
BEGINS, NAMED, IN_BODY = 0, 1, 2
#: of names that begin with the text so many, in the order of the alphabet, take part
BEGINNINGS = 200
#: of the records of a large object so many, the latest changed, are looked at before the word index is asked
LATEST = 200
#: of long texts that hold the words so many, the latest, are checked for whether their record may be read
CONSIDERED = 200
_CHANGED = F("modified_at")
# The same order in a form no index has: where few are found, reading all records by when they changed never pays.
_LATEST_OF_FEW = Coalesce(_CHANGED, _CHANGED)
# The search text in a form the word index does not have: few rows are sooner read than looked up in it.
_SEARCHED_BY_READING = Coalesce(F("search_text"), F("search_text"))
# What stands in a kept statement for whether an object is asked; nobody can guess it.
_TOKEN = uuid.uuid4().hex


def near(
    entities: Sequence[Entity], large: Collection[str], asked: SearchText, actor: Actor, limit: int
) -> Statement | None:
    """Hits by name of every object; of a large one those that begin with the text and the latest that hold its words."""
    place = asked.places()
    pieces: list[QuerySet] = []
    for entity in entities:
        rows = _rows(entity, actor)
        begins, holds = _begins(place), named(place)
        if entity.name not in large:
            rank = Case(When(begins, then=Value(BEGINS)), default=Value(NAMED))
            pieces.append(_best(rows.filter(holds), entity, rank, limit))
            continue
        first = rows.filter(begins if asked.complete else begins & holds).order_by("_start")
        among = rows.filter(pk__in=first.values("pk")[:BEGINNINGS])
        pieces.append(_best(among, entity, Value(BEGINS), limit))
        if asked.indexed:
            latest = base_rows(entity, None).order_by("-modified_at").values("pk")[:LATEST]
            holding = rows.filter(named(place, "_read"), pk__in=latest)
        else:
            holding = rows.filter(holds)
        # with those that begin with the text once more: where all do, a walk in search of others would never end
        pieces.append(_best(holding, entity, Value(NAMED), 2 * limit))
    return _together(pieces, asked, asked.given())


def far(
    entities: Sequence[Entity], large: Collection[str], asked: SearchText, actor: Actor, limit: int
) -> Statement | None:
    """Hits of large objects by the word index, and in long texts; each object only `where` it is said to be asked."""
    place = asked.places()
    pieces: list[QuerySet] = []
    for number, entity in enumerate(entities):
        rows = _rows(entity, actor).filter(_gate(number))
        holds = named(place)
        if entity.name in large and asked.indexed:
            pieces.append(_best(rows.filter(holds), entity, Value(NAMED), 2 * limit, when=_LATEST_OF_FEW))
        inside = bodies_hold(entity, place)
        if inside is not None:
            about = None if actor.is_administrator else entity.about
            most = CONSIDERED if about else limit
            found = rows.filter(inside & ~holds)
            pieces.append(_best(found, entity, Value(IN_BODY), most, about=about, when=_LATEST_OF_FEW))
    return _together(pieces, asked, asked.given() | where(entities, ()))


def where(entities: Sequence[Entity], wanted: Collection[str]) -> dict[str, str]:
    """What `far` is given so that it asks the objects named in `wanted` alone."""
    return {
        _place(number): "true" if entity.name in wanted else "false" for number, entity in enumerate(entities)
    }


def _place(number: int) -> str:
    return f"{_TOKEN}n{number}."


def _gate(number: int) -> Func:
    return Func(
        Value(_place(number)), template="CAST(%(expressions)s AS boolean)", output_field=BooleanField()
    )


def _together(pieces: Sequence[QuerySet], asked: SearchText, texts: Collection[str]) -> Statement | None:
    if not pieces:
        return None
    rows = pieces[0] if len(pieces) == 1 else pieces[0].union(*pieces[1:], all=True)
    return Statement(rows, texts=texts, one_plan=asked.indexed)


def _rows(entity: Entity, actor: Actor) -> QuerySet:
    return base_rows(entity, actor).alias(_start=START, _read=_SEARCHED_BY_READING).order_by()


def _begins(asked: SearchText) -> Q:
    """A range and no pattern, which an index serves whatever the text is: nothing comes behind the last character."""
    return Q(_start__gte=asked.start, _start__lt=f"{asked.start}\U0010ffff")


def _best(
    rows: QuerySet, entity: Entity, rank: Any, limit: int, *, about: Any = None, when: Any = _CHANGED
) -> QuerySet:
    """The first `limit` of `rows` by rank, then by when they changed: object, rank, id, and what a long text is about."""
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
