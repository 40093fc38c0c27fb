"""The audit as a whole: notes of what is no record's change, the list with its filters, restoring a value, retention (PLT-41)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Malformed, NotFound
from crm_core.metadata.record import new_id
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import audit_changes
from crm_core.records.models import AuditEntry
from crm_core.records.query.filters import base_rows
from crm_core.records.query.selecting import names_of
from crm_core.records.service.writing import Written, update
from crm_core.security import access
from crm_core.security.actor import Actor

KINDS = {
    "login": (
        "login", "login_failed", "app_allowed", "secret_replayed", "second_factor_on", "second_factor_off",
        "second_factor_reset", "recovery_codes_renewed", "recovery_code_used", "code_refused", "codes_locked",
    ),
    "export": ("export",),
    "rights": ("rights", "roles", "members", "share", "unshare"),
}  # fmt: skip
SOURCES = ("screen", "api", "import", "rule", "system", "job")
KEYS = {"object", "record", "user", "source", "operation", "kind", "from", "to"}
MAX_ROWS = 200
MAX_EXPORT = 100_000
MIN_DAYS = 30  # the undo of jobs reads the same rows


def note(
    actor: Actor,
    object_name: str,
    operation: str,
    changes: dict[str, Any],
    record_id: uuid.UUID | None = None,
) -> AuditEntry:
    """Keep that `actor` did `operation`; `changes` is {what: [before, after]} in JSON form."""
    return AuditEntry.objects.create(
        object=object_name, record_id=record_id or new_id(), actor_id=actor.user_id, actor_name=actor.name,
        source=actor.source, via=actor.via, operation=operation, changes=changes, version=0, job_id=actor.job_id,
    )  # fmt: skip


def condition(wanted: Mapping[str, Any], zone: tzinfo) -> Q:
    """The entries asked for, days counted in `zone`. Raises Malformed for unknown keys and unusable values."""
    found = Q()
    for key, value in wanted.items():
        if key not in KEYS or not isinstance(value, str) or len(value) > 100 or "\x00" in value:
            raise Malformed(
                "request.invalid_parameter", "Unknown or unusable condition.", field=str(key)[:60]
            )
        if key in ("record", "user"):
            identifier = as_uuid(value)
            if identifier is None:
                raise Malformed("request.invalid_parameter", "An id is needed.", field=key)
            found &= Q(record_id=identifier) if key == "record" else Q(actor_id=identifier)
        elif key in ("from", "to"):
            found &= _day(key, value, zone)
        elif key == "kind":
            if value not in KINDS:
                raise Malformed("request.invalid_parameter", "Kinds are login, export and rights.", field=key)
            found &= Q(operation__in=KINDS[value])
        else:
            found &= Q((key, value))
    return found


def _day(key: str, value: str, zone: tzinfo) -> Q:
    """Entries since a day began or until it was over where the person is who asks."""
    try:
        day = parse_date(value)
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year < 9999:
        raise Malformed("request.invalid_parameter", "A date is needed.", field=key)
    if key == "from":
        return Q(at__gte=datetime.combine(day, time(), zone))
    return Q(at__lt=datetime.combine(day + timedelta(days=1), time(), zone))


def page(
    actor: Actor, wanted: Mapping[str, Any], *, cursor: str | None = None, limit: int = 50
) -> dict[str, Any]:
    """`{"rows", "next"}`, newest first. Raises Forbidden without view_audit, Malformed."""
    actor.require("view_audit")
    if not 1 <= limit <= MAX_ROWS:
        raise Malformed("request.limit", f"1 to {MAX_ROWS} rows.", field="limit")
    rows = AuditEntry.objects.filter(condition(wanted, actor.time_zone)).order_by("-id")
    if cursor:
        before = as_uuid(cursor)
        if before is None:
            raise Malformed("cursor.invalid", "This cursor does not belong to this list.", field="cursor")
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    return {"rows": entries_json(found, actor), "next": str(found[-1].pk) if more else None}


def every(actor: Actor, wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All entries asked for, at most 100,000, for an export."""
    cursor, count = None, 0
    while count < MAX_EXPORT:
        answer = page(actor, wanted, cursor=cursor, limit=MAX_ROWS)
        yield from answer["rows"]
        count += len(answer["rows"])
        cursor = answer["next"]
        if cursor is None:
            return


def entries_json(entries: list[AuditEntry], actor: Actor) -> list[dict[str, Any]]:
    """Entries with names; of records and attributes the actor may not see only that something happened."""
    known = registry.current().entities
    names: dict[str, dict[str, str]] = {}
    seen: dict[str, set[uuid.UUID]] = {}
    for object_name in {e.object for e in entries if e.object in known}:
        ids = {e.record_id for e in entries if e.object == object_name}
        seen[object_name] = _visible_ids(known[object_name], ids, actor)
        names[object_name] = names_of(object_name, {str(i) for i in seen[object_name]})
    titles = audit_changes.titles_of(entries)
    return [
        _entry_json(e, known.get(e.object), names.get(e.object, {}), seen.get(e.object), actor, titles)
        for e in entries
    ]


def _visible_ids(entity: Entity, ids: set[uuid.UUID], actor: Actor) -> set[uuid.UUID]:
    if not actor.depth(entity, "read"):
        return set()
    live = base_rows(entity, actor).filter(pk__in=ids).values_list("pk", flat=True)
    binned = base_rows(entity, actor, deleted=True).filter(pk__in=ids).values_list("pk", flat=True)
    found = {*live, *binned}
    if actor.is_administrator:
        found |= ids  # what was destroyed is nobody's any more, and its trace the administrators'
    return found


def _entry_json(
    entry: AuditEntry,
    entity: Entity | None,
    names: dict[str, str],
    seen: set[uuid.UUID] | None,
    actor: Actor,
    titles: audit_changes.Titles,
) -> dict[str, Any]:
    hidden = seen is not None and entry.record_id not in seen
    return {
        "id": str(entry.pk),
        "at": entry.at.isoformat().replace("+00:00", "Z"),
        "actor": {"id": str(entry.actor_id) if entry.actor_id else None, "name": entry.actor_name},
        "source": entry.source,
        "via": entry.via or None,
        "operation": entry.operation,
        "object": entry.object,
        "object_label": str(entity.label) if entity else None,
        "plural": entity.plural if entity else None,
        "record": {"id": str(entry.record_id), "name": names.get(str(entry.record_id))},
        "job": str(entry.job_id) if entry.job_id else None,
        "hidden": hidden,
        "changes": [] if hidden else audit_changes.of(entry, entity, actor, titles, _visible_ids),
    }


def restore_value(entry_id: uuid.UUID, name: str, actor: Actor) -> tuple[Entity, Written]:
    """Put an attribute back to what it was before the entry, as an ordinary update with the actor's own rights.

    Returns the object and what was written.

    Raises NotFound for an unknown entry or record, Conflict `audit.not_restorable`, and what `service.update` raises.
    """
    entry = AuditEntry.objects.filter(pk=entry_id).first()
    entity = registry.current().entities.get(entry.object) if entry else None
    if entry is None or entity is None:
        raise NotFound("audit.unknown", "There is no such entry.")
    attribute = entity.attributes.get(name)
    if (
        attribute is None
        or name not in entry.changes
        or attribute.read_only
        or entry.operation in ("create", "purge")
    ):
        raise Conflict("audit.not_restorable", "This value cannot be put back.", field=name)
    access.require_readable(entity, attribute, actor)
    old = entry.changes[name][0]
    return entity, update(entity, entry.record_id, {name: old}, actor)


def forget_old(days: int) -> int:
    """Delete entries older than `days` (at least 30) in pieces; returns how many. Run by a sweep with the plan's retention."""
    limit = timezone.now() - timedelta(days=max(days, MIN_DAYS))
    count = 0
    for _piece in range(20):
        ids = list(AuditEntry.objects.filter(at__lt=limit).order_by("id").values_list("pk", flat=True)[:5000])
        if not ids:
            break
        count += AuditEntry.objects.filter(pk__in=ids).delete()[0]
    return count
