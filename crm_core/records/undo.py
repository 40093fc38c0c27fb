"""Undoing a job from its audit entries: created rows vanish, changed values return, deleted rows come back.

A record that somebody changed after the job is left alone and listed as a conflict, unless the person who undoes says
for this record that the job's values go all the same (`force`).
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, CrmError, Forbidden
from crm_core.metadata.types.reference import Reference, as_uuid
from crm_core.records import duplicates
from crm_core.records.change import Change
from crm_core.records.jobs import note_failures
from crm_core.records.models import AuditEntry, Job, RecordLink
from crm_core.records.query.filters import base_rows
from crm_core.records.service import inheriting, membership, saving, sharing
from crm_core.records.service.deleting import part_from_deleted, undelete
from crm_core.records.service.destroying import destroy
from crm_core.records.service.writing import own_again
from crm_core.security.actor import Actor

STEP = 200
#: What an undo itself leaves behind is not undone again.
OF_UNDOING = ("undo", "restore")
#: Members put on lists and taken off: what may be taken back is up to the list.
OF_LISTS = (membership.ADDED, membership.REMOVED)
_PRIVILEGES = {"create": "delete", "delete": "delete", **dict.fromkeys(OF_LISTS, "read")}

Failure = tuple[Any, str, CrmError]


def undo_step(job: Job, actor: Actor) -> bool:
    """Take back the next entries of `job`, newest first; returns whether none is left."""
    entries = entries_of(job).order_by("-id")
    if job.cursor.get("before"):
        entries = entries.filter(pk__lt=job.cursor["before"])
    else:
        job.total = entries.count()
    batch = list(entries[:STEP])
    conflicts: list[Failure] = []
    for object_name, operation, group in _runs(batch):
        entity = registry.current().entities.get(object_name)
        if entity is not None:
            conflicts += _undo_group(entity, operation, group, job, actor)
    note_failures(job, conflicts)
    job.done += len(batch)
    if batch:
        job.cursor = {"before": str(batch[-1].pk)}
    job.result = {**job.result, "undo_conflicts": job.result.get("undo_conflicts", 0) + len(conflicts)}
    return len(batch) < STEP


def entries_of(job: Job) -> Any:
    """The undo journal of `job`."""
    return AuditEntry.objects.filter(job_id=job.pk).exclude(operation__in=OF_UNDOING)


def _runs(batch: list[AuditEntry]) -> list[tuple[str, str, list[AuditEntry]]]:
    """Neighbouring entries of one object and operation; creations of one object together, whatever stands between.

    Changes go back strictly newest first. A created row goes after the changes made to it, which are newer.
    """
    found: list[tuple[str, str, list[AuditEntry]]] = []
    created: dict[str, list[AuditEntry]] = {}
    for entry in batch:
        if entry.operation == "create":
            created.setdefault(entry.object, []).append(entry)
        elif found and found[-1][:2] == (entry.object, entry.operation):
            found[-1][2].append(entry)
        else:
            found.append((entry.object, entry.operation, [entry]))
    return found + [(name, "create", entries) for name, entries in created.items()]


def _undo_group(
    entity: Entity, operation: str, entries: list[AuditEntry], job: Job, actor: Actor
) -> list[Failure]:
    if not actor.depth(entity, _PRIVILEGES.get(operation, "write")):
        refused = Forbidden("privilege.missing", f"You may not change {entity.label_plural} any more.")
        return [(entry.record_id, "", refused) for entry in entries]
    if operation == "create":
        return _vanish(entity, entries, job)
    force = _forced(job)
    conflicts: list[Failure] = []
    purged = AuditEntry.objects.filter(operation="purge", record_id__in={e.record_id for e in entries})
    destroyed = set(purged.values_list("record_id", flat=True))
    for entry in entries:
        if entry.record_id in destroyed:
            gone = Conflict("undo.destroyed_since", "It was deleted for good after the job; nothing is left.")
            conflicts.append((entry.record_id, "", gone))
            continue
        try:
            with transaction.atomic():
                _undo_entry(entity, operation, entry, actor, force=str(entry.record_id) in force)
        except CrmError as error:
            conflicts.append((entry.record_id, _name(entity, entry.record_id), error))
    return conflicts


def _forced(job: Job) -> set[str]:
    return set(job.params.get("force", ()))


def _name(entity: Entity, record_id: uuid.UUID) -> str:
    column = entity.primary_attribute.column
    return entity.model.objects.filter(pk=record_id).values_list(column, flat=True).first() or ""


def _vanish(entity: Entity, entries: list[AuditEntry], job: Job) -> list[Failure]:
    """Destroy created rows nobody touched since; their audit goes with them, as if they had never been."""
    written = {e.record_id: e.version for e in entries}
    later = dict(
        AuditEntry.objects.filter(job_id=job.pk, record_id__in=written)
        .order_by("version")
        .values_list("record_id", "version")
    )
    rows = {
        r[0]: r[1:]
        for r in entity.model.objects.filter(pk__in=written).values_list(
            "pk", "version", entity.primary_attribute.column
        )
    }
    conflicts: list[Failure] = []
    untouched = []
    used = _in_use(entity, list(rows), job)
    force = _forced(job)
    for record_id, (version, name) in rows.items():
        touched = version > max(later.get(record_id, 0), written[record_id])
        if touched and str(record_id) not in force and not _only_children_moved(record_id, job):
            error = Conflict("undo.changed_since", "It was changed after the job; it stays.")
            conflicts.append((record_id, name, error))
        elif record_id in used:
            conflicts.append((record_id, name, _stays(used[record_id])))
        else:
            untouched.append(record_id)
    return conflicts + _destroy(entity, untouched, {i: n for i, (_v, n) in rows.items()}, job)


def _stays(plurals: set[str]) -> Conflict:
    return Conflict("undo.in_use", f"Other records refer to it ({', '.join(sorted(plurals))}); it stays.")


def _destroy(entity: Entity, ids: list[Any], names: dict[Any, str], job: Job) -> list[Failure]:
    """Destroy the rows and their later audit; when something protects one of them, all but that one."""
    if not ids:
        return []
    try:
        with transaction.atomic():
            destroy(entity, ids)
    except Conflict as error:
        if len(ids) == 1:
            return [(ids[0], names[ids[0]], error)]
        return [conflict for record_id in ids for conflict in _destroy(entity, [record_id], names, job)]
    AuditEntry.objects.filter(record_id__in=ids).exclude(job_id=job.pk).delete()
    return []


def _only_children_moved(record_id: Any, job: Job) -> bool:
    """Whether every change after the job came from undoing the job itself."""
    return not AuditEntry.objects.filter(record_id=record_id).exclude(job_id=job.pk).exists()


def _in_use(entity: Entity, ids: list[Any], job: Job) -> dict[Any, set[str]]:
    """Which of the records are referred to by records this job did not make, and by which objects; a query per reference."""
    found: list[tuple[str, Any, Any]] = []
    for child, attribute in registry.referring(entity.name):
        if attribute.custom:
            links = RecordLink.objects.filter(
                source_object=child.name, attribute=attribute.name, target_id__in=ids
            )
            pairs = links.filter(source_id__in=base_rows(child, None).values("pk")).values_list(
                "source_id", "target_id"
            )
        else:
            column = f"{attribute.columns[entity.name] if attribute.columns else attribute.column}_id"
            pairs = base_rows(child, None).filter(**{f"{column}__in": ids}).values_list("pk", column)
        found += [(child.plural, pk, parent) for pk, parent in pairs]
    for child in registry.all():
        owners = ["owner_id"] if child.has_owner and entity.name in ("user", "team") else []
        regarding = [a.columns["id"] for a in child.attributes.values() if a.type.name == "regarding"]
        for column in owners + regarding:
            pairs = base_rows(child, None).filter(**{f"{column}__in": ids}).values_list("pk", column)
            found += [(child.plural, pk, parent) for pk, parent in pairs]
    mine = set(
        AuditEntry.objects.filter(
            job_id=job.pk, operation="create", record_id__in={pk for _p, pk, _i in found}
        ).values_list("record_id", flat=True)
    )
    used: dict[Any, set[str]] = {}
    for plural, pk, parent in found:
        if pk not in mine:
            used.setdefault(parent, set()).add(plural)
    return used


def _undo_entry(entity: Entity, operation: str, entry: AuditEntry, actor: Actor, *, force: bool) -> None:
    if operation == "delete":
        part_from_deleted({entry.record_id: entity.name}, actor)
        undelete(entity, entry.record_id, actor)
        return
    if operation in OF_LISTS:
        membership.take_back(entity, entry, actor)
        return
    if operation == "share":
        sharing.take_back(entry)
        return
    record = base_rows(entity, None).select_for_update(of=("self",)).filter(pk=entry.record_id).first()
    if record is None:
        if entity.model.objects.filter(pk=entry.record_id).exists():
            raise Conflict("undo.deleted_since", "It was deleted after the job; restore it first.")
        return
    change = Change(entity, actor, record, operation="update")
    for name, (old, new) in entry.changes.items():
        attribute = entity.attributes.get(name)
        if attribute is None:
            continue
        old = _option_there(attribute, old)
        current = change.get(name)
        same = attribute.type.to_json(attribute, current) == new or _same_reference(current, new)
        if not same and not force:
            raise Conflict(
                "undo.changed_since", f"{attribute.label} was changed after the job; it stays.", field=name
            )
        change.set(name, stored(attribute, old))
    if operation == "merged":
        record.merged_into = None
        change.columns.add("merged_into")
    if change.changed_names or operation == "merged":
        saving.apply_money(change)
        saving.refresh_search_text(change)
        if change.changed("owner"):
            own_again(change)
        saving.update(change, "undo", "updated")
        saving.sync_links(change)
        saving.sync_unique_values(change)
        duplicates.sync(change)
        inheriting.changed(change)


def _option_there(attribute: Attribute, old: Any) -> Any:
    """`old` without options that were deleted meanwhile: what took their place stands for them (PLT-4)."""
    if attribute.type.name not in ("pick", "multi") or old is None:
        return old
    found = [_stand_in(attribute, value) for value in (old if isinstance(old, list) else [old])]
    kept = sorted({v for v in found if v is not None})
    return (kept or None) if isinstance(old, list) else (kept[0] if kept else None)


def _stand_in(attribute: Attribute, value: int) -> int | None:
    if value in attribute.option_by_value:
        return value
    former = attribute.former_by_value.get(value)
    if former is None:
        raise Conflict(
            "option.gone", f"{attribute.label} has no option {value} any more.", field=attribute.name
        )
    return former.replacement


def _same_reference(value: Any, new: Any) -> bool:
    return isinstance(new, dict) and getattr(value, "id", None) == as_uuid(new.get("id"))


def stored(attribute: Any, old: Any) -> Any:
    """The stored form of a value as the journal keeps it."""
    if isinstance(old, dict) and "id" in old and "object" in old:
        return Reference(old["object"], uuid.UUID(old["id"]), old.get("name"))
    return None if old is None else attribute.type.decode(attribute, old)
