"""What lies in the recycle bin: one line per deletion's head, with how much went with it (CUS-16.4)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, F

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.records.query.filters import base_rows
from crm_core.security.actor import Actor
from crm_core.security.models import Principal

KEPT_DAYS = 30
#: Records looked at per object and step; most of them may be children that are counted, not listed.
STEP = 500
#: A record's place in the bin: when it was deleted, then its id.
Place = tuple[datetime, uuid.UUID]


@dataclass
class Deletion:
    """What was deleted together: the record deleted by name, and how many of each object went with it."""

    last: Place
    sizes: Counter[str] = field(default_factory=Counter)


def rows(
    actor: Actor, object_name: str | None = None, *, cursor: str | None = None, limit: int = 100
) -> dict[str, Any]:
    """Deleted records the actor may restore, latest first; children of a deletion are counted, not listed.

    `{"rows", "next", "kept_days"}`. Raises Malformed for a limit outside 1–500 and a foreign cursor.
    """
    if not 1 <= limit <= 500:
        raise Malformed("request.limit", "1 to 500 rows.", field="limit")
    entities = [registry.get(object_name)] if object_name else registry.all()
    entities = [e for e in entities if not e.internal and actor.depth(e, "delete")]
    listed: list[dict[str, Any]] = []
    place = _place(cursor) if cursor else None
    more = True
    while more and len(listed) <= limit:
        found, place, more = _step(entities, actor, place)
        deletions = _deletions({r["deletion"] for r in found})
        for row in found:
            deletion = deletions.get(row["deletion"]) or Deletion((row["deleted_at"], row["id"]))
            is_head = row["id"] == deletion.last[1]
            if is_head or object_name:
                listed.append(row | {"with": deletion.sizes if is_head else Counter()})
    page = listed[:limit]
    following = _cursor(page[-1]) if len(listed) > limit else None
    return {"rows": _json(page, actor), "next": following, "kept_days": KEPT_DAYS}


def _step(
    entities: list[Entity], actor: Actor, before: Place | None
) -> tuple[list[dict[str, Any]], Place | None, bool]:
    """The next deleted records of all objects in one order; where to go on, and whether there is anything left."""
    found: list[dict[str, Any]] = []
    horizon: Place | None = None
    for entity in entities:
        deleted = base_rows(entity, actor, "delete", deleted=True).order_by("-deleted_at", "-pk")
        if before is not None:
            deleted = deleted.filter(deleted_at__lte=before[0]).exclude(
                deleted_at=before[0], pk__gte=before[1]
            )
        columns = ("pk", entity.primary_column, "deleted_at", "deleted_by", "deletion_id")
        names = ("id", "name", "deleted_at", "deleted_by", "deletion")
        read = [
            dict(zip(names, values, strict=True)) | {"object": entity.name}
            for values in deleted.values_list(*columns)[: STEP + 1]
        ]
        found += read[:STEP]
        if len(read) > STEP:  # older ones of this object are not read yet: nothing older can be told in order
            place = _of(read[STEP - 1])
            horizon = max(horizon or place, place)
    found.sort(key=_of, reverse=True)
    if horizon is not None:
        found = [row for row in found if _of(row) >= horizon]
    return found, horizon, horizon is not None


def _of(row: dict[str, Any]) -> Place:
    return row["deleted_at"], row["id"]


def _cursor(row: dict[str, Any]) -> str:
    return f"{row['deleted_at'].astimezone(UTC).isoformat().removesuffix('+00:00')}~{row['id']}"


def _place(cursor: str) -> Place:
    moment, _sign, identifier = cursor.partition("~")
    try:
        return datetime.fromisoformat(moment).replace(tzinfo=UTC), uuid.UUID(identifier)
    except ValueError:
        raise Malformed(
            "cursor.invalid", "This cursor does not belong to this list.", field="cursor"
        ) from None


def _deletions(ids: set[uuid.UUID]) -> dict[uuid.UUID, Deletion]:
    """Per deletion its head (the last of its tree, children go first) and how many of each object went with it."""
    found: dict[uuid.UUID, Deletion] = {}
    heads: dict[uuid.UUID, str] = {}
    for entity in registry.all():
        gone = base_rows(entity, None, deleted=True).filter(deletion_id__in=ids)
        for deletion, at, pk in gone.values_list("deletion_id", "deleted_at", "pk"):
            one = found.setdefault(deletion, Deletion((at, pk)))
            one.sizes[entity.name] += 1
            if (at, pk) >= one.last:
                one.last, heads[deletion] = (at, pk), entity.name
    for deletion, name in heads.items():
        found[deletion].sizes[name] -= 1
    for deletion, name, number in _earlier_parts(ids):
        found[deletion].sizes[name] += number
    return found


def _earlier_parts(ids: set[uuid.UUID]) -> Iterator[tuple[uuid.UUID, str, int]]:
    """(deletion, object, count) of parts that were deleted before their whole and are destroyed with it, such as lines."""
    for entity in registry.all():
        for attribute in entity.attributes.values():
            if not attribute.is_part or attribute.custom:
                continue
            for column in attribute.columns.values() if attribute.columns else [attribute.column]:
                whole = f"{column}__deletion_id"
                parts = base_rows(entity, None, deleted=True).filter(**{f"{whole}__in": ids})
                parts = parts.exclude(deletion_id=F(whole)).order_by()
                for deletion, number in parts.values_list(whole).annotate(Count("pk")):
                    yield deletion, entity.name, number


def _json(page: list[dict[str, Any]], actor: Actor) -> list[dict[str, Any]]:
    people = {r["deleted_by"] for r in page if r["deleted_by"]}
    names = dict(Principal.objects.filter(pk__in=people).values_list("pk", "name"))
    return [_row_json(row, names, actor) for row in page]


def _row_json(row: dict[str, Any], names: dict[uuid.UUID, str], actor: Actor) -> dict[str, Any]:
    by = row["deleted_by"]
    told = [
        {"object": name, "label": str(e.label if n == 1 else e.label_plural), "count": n}
        for name, n in sorted(row["with"].items())
        if n > 0 and actor.depth(e := registry.get(name), "read")
    ]
    return {
        "id": str(row["id"]),
        "object": row["object"],
        "name": row["name"],
        "deleted_at": row["deleted_at"].isoformat().replace("+00:00", "Z"),
        "deleted_by": {"object": "user", "id": str(by), "name": names.get(by)} if by else None,
        "children": sum(n for n in row["with"].values() if n > 0),
        "with": told,
    }
