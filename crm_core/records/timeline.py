"""One stream per record: open activities, then what happened — activities, notes, changes — newest first (CUS-7)."""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from typing import Any

from django.db.models import DateTimeField, F, Q, Value
from django.db.models.fields import CharField
from django.db.models.functions import Coalesce

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.records.query import Query
from crm_core.records.query.filters import base_rows
from crm_core.records.query.prepared import Statement, kept, slot, slots_for
from crm_core.records.query.selecting import names_of
from crm_core.records.timeline_changes import changes_of, moment_json
from crm_core.security import access
from crm_core.security.actor import Actor

MAX_ITEMS = 100
MAX_OPEN = 50


def regarding_ids(entity: Entity, record_id: uuid.UUID, actor: Actor) -> list[uuid.UUID]:
    """The record and those whose activities roll up to it: contacts, opportunities … of a customer (CUS-7.2)."""
    statement = kept(actor, ("timeline ids", entity.name), lambda: _ids_statement(entity, actor))
    return [record_id, *[row[0] for row in statement.run({slot(0): record_id})]] if statement else [record_id]


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
    return Statement(_united(pieces), shared=True) if pieces else None


def activity_entities(actor: Actor) -> list[Entity]:
    """Activity objects the actor may read, notes included."""
    return [e for e in registry.all() if _regarding(e) is not None and actor.depth(e, "read")]


def _regarding(entity: Entity) -> Any:
    return next((a for a in entity.attributes.values() if a.type.name == "regarding"), None)


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
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_ITEMS:
        raise Malformed("request.limit", f"1 to {MAX_ITEMS} items.", field="limit")
    before = _decode(cursor) if cursor else None
    ids = regarding_ids(entity, record_id, actor)
    sources = [e for e in activity_entities(actor) if not kinds or e.name in kinds]
    items = _activities(sources, ids, actor, before, limit)
    if not kinds or {"change", "created"} & set(kinds):
        items += changes_of(entity, record_id, actor, before, limit)
    items.sort(key=lambda i: (i["at"], i["id"]), reverse=True)
    more, items = len(items) > limit, items[:limit]
    _add_files(items, sources, actor)
    _add_names(items)
    return {
        "open": [] if before else _open(sources, ids, actor),
        "items": items,
        "next": _encode(items[-1]) if more else None,
    }


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


def _columns(entity: Entity, actor: Actor) -> list[Any]:
    regarding = _regarding(entity).columns
    body = next((n for n in ("body", "description") if n in entity.attributes), None)
    if body and not access.readable(entity, entity.attributes[body], actor):
        body = None
    return [
        F("pk"), F(entity.primary_column), F(body) if body else Value("", output_field=CharField()), F("state"),
        F("created_by_id"), F("created_by__name"), F(regarding["object"]), F(regarding["id"]), F(regarding["name"]),
        F("scheduled_end") if "scheduled_end" in entity.attributes else Value(None, output_field=DateTimeField()),
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
    }


def _is_open(entity: Entity) -> list[str]:
    return [s.value for s in entity.states if not s.closed] if entity.is_activity else []


def _activities(
    sources: list[Entity], ids: list[uuid.UUID], actor: Actor, before: Any, limit: int
) -> list[dict[str, Any]]:
    """Closed activities and notes by one UNION ALL."""
    if before:
        return [_item(row) for row in _union(_closed_pieces(sources, ids, actor, before, limit))]
    places, values = slots_for(ids)
    statement = kept(
        actor,
        ("timeline", tuple(e.name for e in sources), len(places), limit),
        lambda: _statement(_closed_pieces(sources, places, actor, None, limit)),
    )
    return [_item(row) for row in statement.run(values)] if statement else []


def _closed_pieces(
    sources: list[Entity], ids: list[uuid.UUID], actor: Actor, before: Any, limit: int
) -> list[Any]:
    pieces = []
    for entity in sources:
        rows = _pieces(entity, ids, actor).exclude(state__in=_is_open(entity)).annotate(_at=_moment(entity))
        if before:
            rows = rows.filter(Q(_at__lt=before[0]) | Q(_at=before[0], pk__lt=before[1]))
        pieces.append(rows.order_by("-_at", "-pk").values_list("_at", *_columns(entity, actor))[: limit + 1])
    return pieces


def _open(sources: list[Entity], ids: list[uuid.UUID], actor: Actor) -> list[dict[str, Any]]:
    """Open activities by due date, those without one last."""
    places, values = slots_for(ids)
    statement = kept(
        actor,
        ("timeline open", tuple(e.name for e in sources), len(places)),
        lambda: _statement(_open_pieces(sources, places, actor)),
    )
    items = [_item(row) for row in statement.run(values)] if statement else []
    return sorted(items, key=lambda i: (i["due"] is None, i["due"] or i["at"]))[:MAX_OPEN]


def _open_pieces(sources: list[Entity], ids: list[uuid.UUID], actor: Actor) -> list[Any]:
    pieces = []
    for entity in sources:
        if states := _is_open(entity):
            rows = _pieces(entity, ids, actor).filter(state__in=states).annotate(_at=F("created_at"))
            order = [F("scheduled_end").asc(nulls_last=True)] if "scheduled_end" in entity.attributes else []
            pieces.append(rows.order_by(*order, "pk").values_list("_at", *_columns(entity, actor))[:MAX_OPEN])
    return pieces


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


def _united(pieces: list[Any]) -> Any:
    return pieces[0] if len(pieces) == 1 else pieces[0].union(*pieces[1:], all=True)


def _statement(pieces: list[Any]) -> Statement | None:
    return Statement(_united(pieces), shared=True) if pieces else None


def _union(pieces: list[Any]) -> list[tuple[Any, ...]]:
    return list(_united(pieces)) if pieces else []


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
