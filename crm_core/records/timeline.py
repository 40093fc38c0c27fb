"""One stream per record: open activities, then what happened — activities, notes, changes — newest first (CUS-7)."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from itertools import chain
from typing import Any

from django.db.models import Q

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.records import timeline_activities, timeline_changes
from crm_core.records.query import Query, rounds
from crm_core.records.query.selecting import names_of
from crm_core.security.actor import Actor

MAX_ITEMS = 100


def read(
    entity: Entity,
    record_id: uuid.UUID,
    actor: Actor,
    *,
    cursor: str | None = None,
    kinds: list[str] | None = None,
    limit: int = 30,
) -> dict[str, Any]:
    """`{"open", "items", "next"}` of one record. Raises Malformed for an unusable cursor or limit."""
    return rounds.run(reading(entity, record_id, actor, cursor=cursor, kinds=kinds, limit=limit))


def reading(
    entity: Entity,
    record_id: uuid.UUID,
    actor: Actor,
    *,
    cursor: str | None = None,
    kinds: list[str] | None = None,
    limit: int = 30,
) -> rounds.Reader[dict[str, Any]]:
    """`read` as a reader, for who asks for more of the record in the same rounds. Raises what `read` raises."""
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_ITEMS:
        raise Malformed("request.limit", f"1 to {MAX_ITEMS} items.", field="limit")
    before = _decode(cursor) if cursor else None
    sources = timeline_activities.sources_for(actor, kinds)
    readers: list[rounds.Reader[Any]] = [
        timeline_activities.reading(entity, record_id, sources, actor, before, limit)
    ]
    if not kinds or {"change", "created"} & set(kinds):
        readers.append(timeline_changes.reading(entity, record_id, actor, before, limit))
    (still_open, items), *changes = yield from rounds.together(*readers)
    items = sorted([*items, *chain(*changes)], key=lambda i: (i["at"], i["id"]), reverse=True)
    more, items = len(items) > limit, items[:limit]
    _add_files(items, sources, actor)
    _add_names(items)
    return {"open": still_open, "items": items, "next": _encode(items[-1]) if more else None}


def _add_files(items: list[dict[str, Any]], sources: list[Entity], actor: Actor) -> None:
    """The file of each entry that has one, with an address signed for the caller (CUS-6)."""
    for entity in sources:
        name = next((a.name for a in entity.attributes.values() if a.type.name == "file"), None)
        found = {i["id"]: i for i in items if i["kind"] == entity.name}
        if name is None or not found:
            continue
        rows = Query(entity, actor).where(Q(pk__in=list(found))).page([name], limit=len(found)).rows
        for row in rows:
            found[row["id"]]["attachment"] = row[name]


def _add_names(items: list[dict[str, Any]]) -> None:
    """Names of the records that changed references point to; audit keeps ids where a name was not at hand."""
    nameless: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        for change in item.get("changes") or []:
            for value in (change["old"], change["new"]):
                if (
                    isinstance(value, dict)
                    and value.get("id")
                    and value.get("object")
                    and not value.get("name")
                ):
                    nameless.setdefault(value["object"], []).append(value)
    for object_name, values in nameless.items():
        if object_name not in registry.current().entities:
            continue
        names = names_of(object_name, {v["id"] for v in values})
        for value in values:
            value["name"] = names.get(value["id"])


def _encode(item: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(f"{item['at']}|{item['id']}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    try:
        at, identifier = (
            base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode().split("|")
        )
        moment = dt.datetime.fromisoformat(at)
        if moment.tzinfo is None or not 1 < moment.year < 9999:
            raise ValueError
        return moment, uuid.UUID(identifier)
    except (ValueError, AttributeError, TypeError):
        raise Malformed(
            "cursor.invalid", "This cursor does not belong to this timeline.", field="cursor"
        ) from None
