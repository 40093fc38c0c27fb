"""Undoing a job from its audit entries: created rows vanish, changed values return, deleted rows come back.

A record that somebody changed after the job is left alone and listed as a conflict.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError
from crm_core.metadata.types.reference import Reference, as_uuid
from crm_core.records import duplicates
from crm_core.records.change import Change
from crm_core.records.jobs import note_failures
from crm_core.records.models import AuditEntry, Job, RecordLink
from crm_core.records.query.filters import base_rows
from crm_core.records.service import saving
from crm_core.records.service.deleting import destroy, restore
from crm_core.security.actor import Actor

STEP = 200


def undo_step(job: Job, actor: Actor) -> bool:
    """Take back the next entries of `job`, newest first; returns whether none is left."""
    entries = AuditEntry.objects.filter(job_id=job.pk).order_by("-id")
    if job.cursor.get("before"):
        entries = entries.filter(pk__lt=job.cursor["before"])
    else:
        job.total = entries.count()
    batch = list(entries[:STEP])
    conflicts: list[tuple[Any, str, CrmError]] = []
    groups: dict[tuple[str, str], list[AuditEntry]] = {}
    for entry in batch:
        groups.setdefault((entry.object, entry.operation), []).append(entry)
    for (object_name, operation), group in groups.items():
        entity = registry.current().entities.get(object_name)
        if entity is not None:
            conflicts += _undo_group(entity, operation, group, job, actor)
    note_failures(job, conflicts)
    job.done += len(batch)
    if batch:
        job.cursor = {"before": str(batch[-1].pk)}
    job.result = {**job.result, "undo_conflicts": job.result.get("undo_conflicts", 0) + len(conflicts)}
    return len(batch) < STEP


def _undo_group(
    entity: Entity, operation: str, entries: list[AuditEntry], job: Job, actor: Actor
) -> list[tuple[Any, str, CrmError]]:
    if operation == "create":
        return _vanish(entity, entries, job)
    conflicts = []
    for entry in entries:
        try:
            _undo_entry(entity, operation, entry, actor)
        except CrmError as error:
            conflicts.append((entry.record_id, "", error))
    return conflicts


def _vanish(entity: Entity, entries: list[AuditEntry], job: Job) -> list[tuple[Any, str, CrmError]]:
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
    conflicts: list[tuple[Any, str, CrmError]] = []
    untouched = []
    used = _in_use(entity, list(rows), job)
    for record_id, (version, name) in rows.items():
        touched = version > max(later.get(record_id, 0), written[record_id])
        if touched and not _only_children_moved(record_id, job):
            error = Conflict("undo.changed_since", "It was changed after the job; it stays.")
            conflicts.append((record_id, name, error))
        elif record_id in used:
            conflicts.append((record_id, name, _stays(used[record_id])))
        else:
            untouched.append(record_id)
    return conflicts + _destroy(entity, untouched, {i: n for i, (_v, n) in rows.items()}, job)


def _stays(plurals: set[str]) -> Conflict:
    return Conflict("undo.in_use", f"Other records refer to it ({', '.join(sorted(plurals))}); it stays.")


def _destroy(
    entity: Entity, ids: list[Any], names: dict[Any, str], job: Job
) -> list[tuple[Any, str, CrmError]]:
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


def _undo_entry(entity: Entity, operation: str, entry: AuditEntry, actor: Actor) -> None:
    if operation == "delete":
        if base_rows(entity, None, deleted=True).filter(pk=entry.record_id).exists():
            restore(entity, entry.record_id, actor)
        return
    record = base_rows(entity, None).select_for_update(of=("self",)).filter(pk=entry.record_id).first()
    if record is None:
        return
    change = Change(entity, actor, record, operation="update")
    for name, (old, new) in entry.changes.items():
        attribute = entity.attributes.get(name)
        if attribute is None:
            continue
        if attribute.type.to_json(attribute, change.get(name)) != new and not _same_reference(
            change.get(name), new
        ):
            raise Conflict(
                "undo.changed_since", f"{attribute.label} was changed after the job; it stays.", field=name
            )
        change.set(name, _stored(attribute, old))
    if change.changed_names:
        saving.apply_money(change)
        saving.refresh_search_text(change)
        if change.changed("owner"):
            from crm_core.records.service.writing import own

            own(change)
        saving.write_columns(change)
        saving.sync_links(change)
        saving.sync_unique_values(change)
        duplicates.sync(change)
        saving.record_change(change, "undo", "updated")


def _same_reference(value: Any, new: Any) -> bool:
    return isinstance(new, dict) and getattr(value, "id", None) == as_uuid(new.get("id"))


def _stored(attribute: Any, old: Any) -> Any:
    if isinstance(old, dict) and "id" in old:
        return Reference(old["object"], as_uuid(old["id"]), old.get("name"))
    return None if old is None else attribute.type.parse(attribute, old)
