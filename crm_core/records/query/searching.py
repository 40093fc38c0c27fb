"""Which rows a search finds: by their search text, and by the long texts of notes, mails and activities (PLT-45.1)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Hashable
from dataclasses import dataclass

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Collate, Left

from crm_core.metadata import registry
from crm_core.metadata.bodies import body_term, body_words, found_in
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.metadata.searching import fold
from crm_core.records.query.filters import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.depth import Depth

MOST_WORDS = 8
#: how much of a search text its beginnings are looked up by
START_LENGTH = 32
#: the beginning of the search text, in an order that its index has in every database
START = Collate(Left(F("search_text"), START_LENGTH), "C")
# What stands in a kept statement for a piece of the text; nobody can guess it, so nobody's text holds the same.
_TOKEN = uuid.uuid4().hex
_INDEXED = re.compile(r"[^\W_]{3}")


@dataclass(frozen=True)
class SearchText:
    """What somebody typed, as the statements ask for it.

    `start` is what names may begin with, `words` are the folded words (phone-like text: its digits), `terms` the words
    as long texts know them; `complete` when what begins with `start` has all words, `indexed` when the index of words
    knows one of them: it knows three letters or digits in a row.
    """

    start: str
    words: tuple[str, ...]
    terms: tuple[str, ...]
    complete: bool
    indexed: bool

    @property
    def shape(self) -> Hashable:
        """Texts of one shape have one compiled statement."""
        return len(self.words), len(self.terms), self.complete, self.indexed

    def places(self) -> SearchText:
        """A text of the same shape to compile with."""
        words = tuple(f"{_TOKEN}w{n}" for n in range(len(self.words)))
        terms = tuple(f"{_TOKEN}b{n}" for n in range(len(self.terms)))
        return SearchText(f"{_TOKEN}s", words, terms, self.complete, self.indexed)

    def given(self) -> dict[str, str]:
        """What stands for what, for `Statement.run`."""
        place, escaped = self.places(), connection.ops.prep_for_like_query
        found = dict(zip(place.terms, self.terms, strict=True))
        found |= {token: escaped(word) for token, word in zip(place.words, self.words, strict=True)}
        return found | {place.start: self.start}


def read_text(text: str | None) -> SearchText | None:
    """What is searched for, at most eight words; None for nothing. Raises Malformed for unusable text."""
    if not text:
        return None
    if not isinstance(text, str) or len(text) > 200 or "\x00" in text:
        raise Malformed("search.malformed", "Search for at most 200 characters.", field="q")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed(
            "search.malformed", "The search has characters that cannot be used.", field="q"
        ) from None
    folded = fold(text)
    if re.fullmatch(r"[+()\d\s./-]{4,}", text) and len(digits := re.sub(r"\D", "", text)) >= 4:
        words = [digits.lstrip("0") or digits]
    else:
        words = folded.split()[:MOST_WORDS]
    if not words:
        return None
    terms = tuple(body_term(word) for word in body_words(text))
    start = folded[:START_LENGTH]
    return SearchText(
        start=start,
        words=tuple(words),
        terms=terms,
        complete=all(word in start for word in words),
        indexed=any(_INDEXED.search(word) for word in words),
    )


def named(asked: SearchText, column: str = "search_text") -> Q:
    """All words stand in the search text (in `column`): names, e-mails, numbers, phone digits."""
    found = Q()
    for word in asked.words:
        found &= Q((f"{column}__contains", word))
    return found


def bodies_hold(entity: Entity, asked: SearchText) -> Q | None:
    """All words stand in one long text, whoever may read it; None where there is none to look into."""
    if not entity.searched_bodies or not asked.terms:
        return None
    bodies = Q()
    for column in entity.searched_bodies:
        bodies |= Q(found_in(column, asked.terms))
    return bodies


def in_bodies(entity: Entity, actor: Actor, asked: SearchText) -> Q | None:
    """All words stand in one long text the actor may read; None where there is none to look into.

    What a long text says is shown only to those who may also read the record it is about.
    """
    bodies = bodies_hold(entity, asked)
    if bodies is None:
        return None
    about = about_visible(entity, actor)
    return bodies if about is None else bodies & about


def matching(entity: Entity, actor: Actor, asked: SearchText) -> Q:
    """Rows of `entity` found by name or by a long text."""
    bodies = in_bodies(entity, actor, asked)
    return named(asked) if bodies is None else named(asked) | bodies


def about_visible(entity: Entity, actor: Actor) -> Q | None:
    """Condition for rows of activities and notes about records the actor may read, or about none; None means all."""
    attribute = entity.about
    if attribute is None or actor.is_administrator:
        return None
    kind, key = attribute.columns["object"], attribute.columns["id"]
    everywhere: list[str] = []
    some = Q((f"{key}__isnull", True))
    for target in registry.all():
        if not (target.has("activities") or target.has("notes")):
            continue
        depth = actor.depth(target, "read")
        if access.visible(target, actor) is None:
            everywhere.append(target.name)
        elif depth != Depth.NONE:
            rows = base_rows(target, actor).values("pk")
            some |= Q((kind, target.name), (f"{key}__in", rows))
    return some | Q((f"{kind}__in", everywhere))
