"""Which rows a search finds: by their search text, and by the long texts of notes, mails and activities (PLT-45.1)."""

from __future__ import annotations

from django.db.models import Q

from crm_core.metadata import registry
from crm_core.metadata.bodies import body_words, found_in
from crm_core.metadata.entity import Entity
from crm_core.records.query.filters import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.depth import Depth


def named(words: list[str]) -> Q:
    """All words stand in the search text: names, e-mails, numbers, phone digits."""
    found = Q()
    for word in words:
        found &= Q(search_text__contains=word)
    return found


def matching(entity: Entity, actor: Actor, words: list[str], text: str) -> Q:
    """Rows of `entity` found by `words` (of `query.search_words`), or by a long text that holds all words of `text`.

    What a long text says is shown only to those who may also read the record it is about.
    """
    found = named(words)
    inside = body_words(text)
    if not entity.searched_bodies or not inside:
        return found
    bodies = Q()
    for column in entity.searched_bodies:
        bodies |= Q(found_in(column, inside))
    about = about_visible(entity, actor)
    return found | (bodies if about is None else bodies & about)


def about_visible(entity: Entity, actor: Actor) -> Q | None:
    """Condition for rows of activities and notes about records the actor may read, or about none; None means all."""
    attribute = next((a for a in entity.attributes.values() if a.type.name == "regarding"), None)
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
