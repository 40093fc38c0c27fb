"""The members of lists (MKT-1): which lists a filter means, whom they keep, and how many the reader may see."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, When

from crm_core.metadata import registry
from crm_core.metadata.collecting import collector
from crm_core.metadata.entity import Collecting, Entity
from crm_core.metadata.errors import Forbidden, Malformed
from crm_core.records.query.rows import base_rows
from crm_core.security import access
from crm_core.security.actor import Actor

MAX_LISTS = 20


class NumberOf(Subquery):
    """How many rows a subquery has."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, Any]:
        """None where the actor may read no such row at all."""
        try:
            return super().as_sql(*args, **kwargs)
        except EmptyResultSet:
            return "0", ()


@dataclass(frozen=True)
class Listed:
    """One list: its id, and the filter of a dynamic one."""

    id: uuid.UUID
    name: str
    dynamic: bool
    filter: dict[str, Any] | None


def sheet_of(entity: Entity) -> Collecting:
    """How records of `entity` are lists; for objects that are."""
    if entity.collects is None:
        raise ValueError(f"{entity.name} collects nothing")
    return entity.collects


def lists(entity: Entity, ids: Sequence[uuid.UUID], actor: Actor | None, path: str) -> list[Listed]:
    """The lists of records of `entity` with these ids.

    Raises Malformed `list.unknown` for one that is gone, is no list of such records or may not be read by `actor`:
    the three are never told apart. Raises Forbidden when what makes somebody a member is hidden from him.
    """
    of = collector(entity.name)
    if of is None:
        raise Malformed("attribute.unknown", f"No lists hold {entity.label_plural}.", field=path)
    sheet = sheet_of(of)
    if actor is not None:
        if not actor.depth(of, "read"):
            raise _unknown(path)
        for name in (sheet.of, sheet.kind, sheet.filter):
            access.require_readable(of, of.attributes[name], actor)
    option = next(value for value, name in sheet.objects.items() if name == entity.name)
    rows = base_rows(of, actor).filter(**{"pk__in": ids, sheet.of: option})
    found = [
        Listed(pk, name, kind == sheet.dynamic, tree)
        for pk, name, kind, tree in rows.values_list("pk", of.primary_column, sheet.kind, sheet.filter)
    ]
    if len(found) != len(set(ids)):
        raise _unknown(path)
    return found


def _unknown(path: str) -> Malformed:
    return Malformed("list.unknown", "There is no such list.", field=path)


def kept(entity: Entity, list_ids: Any) -> QuerySet:
    """Ids of the records of `entity` that static lists keep as members; `list_ids` is a list of ids or an OuterRef in one."""
    from crm_core.records.models import RelatedPair

    of = collector(entity.name)
    if of is None:
        raise Forbidden("list.unknown", "There is no such list.")
    pairs = RelatedPair.objects.filter(relationship=sheet_of(of).link, first_id__in=list_ids)
    return pairs.values("second_id")


def number_of_members(of: Entity, prefix: str, actor: Actor) -> Case:
    """SQL of how many kept members a list has that the actor may see; nothing for dynamic lists, whose filter is asked when needed."""
    from crm_core.records.models import RelatedPair

    sheet, cases = sheet_of(of), []
    for option, name in sheet.objects.items():
        # the pairs stand one level further in than the rows that are counted
        pairs = RelatedPair.objects.filter(
            relationship=sheet.link, first_id=OuterRef(OuterRef(f"{prefix}pk"))
        )
        target = registry.get(name)
        rows = base_rows(target, actor) if actor.depth(target, "read") else target.model.objects.none()
        counted = NumberOf(rows.filter(pk__in=pairs.values("second_id")).order_by().values("pk"))
        static = ~Q((f"{prefix}{sheet.kind}", sheet.dynamic))
        cases.append(When(static & Q((f"{prefix}{sheet.of}", option)), then=counted))
    return Case(*cases, default=None, output_field=IntegerField())
