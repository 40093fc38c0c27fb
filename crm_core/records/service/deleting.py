"""Recycle bin: deleting with cascades, restoring what went together, purging for good (CUS-1.5, CUS-16.4, PLT-20)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Func, JSONField, ProtectedError, Q, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, NotFound
from crm_core.metadata.record import new_id
from crm_core.metadata.types.reference import Reference
from crm_core.records import duplicates, files
from crm_core.records.change import Change
from crm_core.records.models import (
    AuditEntry,
    DuplicatePair,
    RecordLink,
    RelatedPair,
    StoredFile,
    UniqueValue,
)
from crm_core.records.query.filters import base_rows
from crm_core.records.rules import run_rules
from crm_core.records.service import cascading, inheriting, saving
from crm_core.records.service.writing import locked
from crm_core.security import access
from crm_core.security.actor import Actor, system_actor
from crm_core.security.models import Principal, Share

MAX_CASCADE = cascading.INLINE


class CascadeTooLarge(Conflict):
    """More records go with a deletion than are treated at once; `cascade_jobs` does it step by step."""

    def __init__(self) -> None:
        message = f"More than {MAX_CASCADE} records hang on this one; they are deleted by a job."
        super().__init__("record.cascade_too_large", message)


def children_of(entity: Entity, record_id: uuid.UUID) -> list[tuple[Entity, Attribute, str, list[uuid.UUID]]]:
    """(object, attribute, delete behaviour, ids) of the live records that refer to this one."""
    found = []
    for child, attribute in cascading.referring(entity):
        ids = [one.id for one in cascading.children(child, attribute, entity.name, [record_id])]
        if ids:
            found.append((child, attribute, attribute.on_delete, ids))
    return found


@transaction.atomic
def delete(
    entity: Entity,
    record_id: uuid.UUID,
    actor: Actor,
    *,
    version: int | None = None,
    deletion_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Move a record to the recycle bin, with its children as their relationship says; returns the deletion's id.

    Raises NotFound, Forbidden, VersionMismatch, Conflict `record.restrict_delete` with counts per object.
    """
    access.require(entity, actor, "delete")
    if not entity.deletable:
        raise Conflict("record.not_deletable", f"{entity.label_plural} are not deleted, they are disabled.")
    record = locked(entity, record_id, actor, "delete", version=version)
    deletion = deletion_id or new_id()
    # In a job the audit entries are the job's, so that it can be undone; what went together says the deletion's id.
    _delete_tree(entity, record, actor.acting(actor.source, actor.job_id or deletion), deletion, seen=set())
    return deletion


def _delete_tree(
    entity: Entity, record: Any, actor: Actor, deletion: uuid.UUID, seen: set[uuid.UUID]
) -> None:
    if record.pk in seen:
        return
    cascaded = bool(seen)
    seen.add(record.pk)
    if len(seen) > MAX_CASCADE + 1:
        raise CascadeTooLarge()
    children = children_of(entity, record.pk)
    blocking: dict[str, int] = {}
    needed = False
    for child, attribute, behaviour, ids in children:
        left = [i for i in ids if i not in seen]
        if behaviour == "restrict" and left:
            needed = True
            if access.readable(child, attribute, actor):
                blocking[child.plural] = blocking.get(child.plural, 0) + len(left)
    if needed:
        raise Conflict("record.restrict_delete", "Other records need this one.", details=blocking)
    for child, attribute, behaviour, ids in children:
        for row in child.model.objects.select_for_update(of=("self",)).filter(
            pk__in=[i for i in ids if i not in seen]
        ):
            if behaviour == "cascade":
                _delete_tree(child, row, actor, deletion, seen)
            else:
                _unlink(child, attribute, row, actor)
    change = Change(entity, actor, record, operation="delete", options={"cascaded": cascaded})
    run_rules(change, "delete")
    now = timezone.now()
    entity.model.objects.filter(pk=record.pk).update(
        deleted_at=now, deleted_by=actor.user_id, deletion_id=deletion, version=record.version + 1
    )
    record.version += 1
    UniqueValue.objects.filter(record_id=record.pk).delete()
    saving.record_change(change, "delete", "deleted")
    run_rules(change, "after_delete")


def delete_planned(
    entity: Entity, record_id: uuid.UUID, actor: Actor, deletion: uuid.UUID, *, cascaded: bool
) -> int:
    """Delete one record of a planned deletion, what hangs on it having gone before; 0 when it is gone already.

    Raises Conflict `record.restrict_delete` for what was linked to it meanwhile.
    """
    rows = entity.model.objects.select_for_update(of=("self",)).filter(pk=record_id, deleted_at=None)
    record = rows.first()
    if record is None:
        return 0
    _delete_tree(entity, record, actor, deletion, seen={new_id()} if cascaded else set())
    return 1


def _unlink(entity: Entity, attribute: Attribute, record: Any, actor: Actor) -> None:
    change = Change(entity, actor, record, operation="update")
    change.set(attribute.name, None)
    saving.write_columns(change)
    saving.sync_links(change)
    inheriting.changed(change)
    saving.record_change(change, "unlink", "updated")


@transaction.atomic
def restore(entity: Entity, record_id: uuid.UUID, actor: Actor) -> list[tuple[str, uuid.UUID]]:
    """Bring a record back with everything that was deleted or unlinked with it; returns (object, id) of what came back.

    Raises NotFound when it is not in the bin or may not be seen.
    """
    rows = base_rows(entity, actor, "delete", deleted=True)
    record = rows.filter(pk=record_id).first()
    if record is None:
        raise NotFound()
    members = members_of(record.deletion_id)
    last = AuditEntry.objects.filter(record_id=record_id, operation="delete").order_by("-id").first()
    entries = AuditEntry.objects.filter(job_id=last.job_id) if last else AuditEntry.objects.none()
    order = list(entries.filter(operation="delete", record_id__in=members).order_by("-id"))
    back: list[tuple[str, uuid.UUID]] = []
    known = dict.fromkeys([record_id, *[e.record_id for e in order], *members])
    for member in known:
        back.extend(undelete(registry.get(members[member]), member, actor))
    restored = {str(i) for _name, i in back}
    for entry in entries.filter(operation="unlink").order_by("-id"):
        target = registry.current().entities.get(entry.object)
        if target is not None and any(
            isinstance(o, dict) and o.get("id") in restored for o, _n in entry.changes.values()
        ):
            _relink(target, entry, actor)
    return back


def members_of(deletion: uuid.UUID | None) -> dict[uuid.UUID, str]:
    """Records that lie in the bin together, by id with their object."""
    found: dict[uuid.UUID, str] = {}
    if deletion is None:
        return found
    for entity in registry.all():
        rows = base_rows(entity, None, deleted=True).filter(deletion_id=deletion)
        found.update(dict.fromkeys(rows.values_list("pk", flat=True), entity.name))
    return found


def undelete(entity: Entity, record_id: uuid.UUID, actor: Actor) -> list[tuple[str, uuid.UUID]]:
    """Bring one record back without what went with it; nothing when it is not in the bin. Kernel code only."""
    record = (
        base_rows(entity, None, deleted=True).select_for_update(of=("self",)).filter(pk=record_id).first()
    )
    if record is None:
        return []
    change = Change(entity, actor, record, operation="restore")
    run_rules(change, "restore")
    entity.model.objects.filter(pk=record_id).update(
        deleted_at=None, deleted_by=None, deletion_id=None, version=record.version + 1
    )
    record.version += 1
    for attribute in entity.custom_attributes:
        if attribute.unique and (value := change.get(attribute.name)) is not None:
            kept, _created = UniqueValue.objects.get_or_create(
                object=entity.name,
                attribute=attribute.name,
                value=saving.unique_text(attribute, value),
                defaults={"record_id": record_id},
            )
            if kept.record_id != record_id:
                raise Conflict(
                    "value.not_unique",
                    f"{attribute.label}: this value is already in use.",
                    field=attribute.name,
                )
    saving.record_change(change, "restore", "restored")
    run_rules(change, "after_restore")
    return [(entity.name, record_id)]


def _relink(entity: Entity, entry: AuditEntry, actor: Actor) -> None:
    """Set an unlinked reference again, unless somebody gave it another value meanwhile."""
    record = base_rows(entity, None).filter(pk=entry.record_id).first()
    if record is None:
        return
    change = Change(entity, actor, record, operation="update")
    for name, (old, _new) in entry.changes.items():
        attribute = entity.attributes.get(name)
        if attribute is None or old is None or change.get(name) is not None:
            continue
        change.set(name, Reference(old["object"], uuid.UUID(old["id"]), old.get("name")))
    if change.changed_names:
        saving.write_columns(change)
        saving.sync_links(change)
        inheriting.changed(change)
        saving.record_change(change, "restore", "updated")


@transaction.atomic
def purge(entity: Entity, record_id: uuid.UUID, actor: Actor) -> None:
    """Destroy a record of the recycle bin. Raises NotFound, Conflict `record.restrict_delete`."""
    record = base_rows(entity, actor, "delete", deleted=True).filter(pk=record_id).first()
    if record is None:
        raise NotFound()
    members = members_of(record.deletion_id)
    heads = head_of(record.deletion_id)
    doomed = members if heads == record_id else {record_id: entity.name}
    by_object: dict[str, list[uuid.UUID]] = {}
    for member, name in doomed.items():
        by_object.setdefault(name, []).append(member)
    for name in sorted(by_object, key=lambda n: n == entity.name):  # what hung on it first
        destroy(registry.get(name), by_object[name])
    _note_purged([(name, member) for member, name in doomed.items()], actor)


def _note_purged(records: Sequence[tuple[str, uuid.UUID]], actor: Actor) -> None:
    """Who destroyed what and when; nothing of what the record said is kept (CUS-16.4, CUS-15.8)."""
    AuditEntry.objects.bulk_create(
        AuditEntry(object=name, record_id=pk, actor_id=actor.user_id, actor_name=actor.name, source=actor.source,
                   operation="purge", changes={}, version=0, via=actor.via, job_id=actor.job_id)
        for name, pk in records
    )  # fmt: skip


def head_of(deletion: uuid.UUID | None) -> uuid.UUID | None:
    """The record that was deleted by name: the last of its tree, children go first."""
    last: tuple[Any, uuid.UUID] | None = None
    for entity in registry.all():
        rows = base_rows(entity, None, deleted=True).filter(deletion_id=deletion).order_by("-deleted_at")
        for at, pk in rows.values_list("deleted_at", "pk")[:1]:
            last = max(last, (at, pk)) if last else (at, pk)
    return last[1] if last else None


def destroy(entity: Entity, ids: list[uuid.UUID]) -> None:
    """Remove rows and what only belongs to them: links, unique values, shares, files. Kernel code only."""
    _forget_in_bin(ids)
    RecordLink.objects.filter(Q(source_id__in=ids) | Q(target_id__in=ids)).delete()
    UniqueValue.objects.filter(record_id__in=ids).delete()
    RelatedPair.objects.filter(Q(first_id__in=ids) | Q(second_id__in=ids)).delete()
    Share.objects.filter(Q(object=entity.name, record_id__in=ids) | Q(inherited_from__in=ids)).delete()
    duplicates.remove(ids)
    DuplicatePair.objects.filter(Q(first_id__in=ids) | Q(second_id__in=ids)).delete()
    held = files.held_by(entity, ids)
    StoredFile.objects.filter(regarding_id__in=ids).update(deleted_at=timezone.now())
    try:
        entity.model.objects.filter(pk__in=ids).delete()
        if entity.name in ("user", "team"):
            Principal.objects.filter(pk__in=ids).delete()
    except ProtectedError as error:
        raise Conflict(
            "record.restrict_delete",
            "Other records need this one.",
            details={"records": len(error.protected_objects)},
        ) from None
    files.free(held)


def _forget_in_bin(ids: list[uuid.UUID]) -> None:
    """Empty the own references of records that lie in the bin themselves: restored, they refer to nothing, as columns do."""
    links = RecordLink.objects.filter(target_id__in=ids).exclude(source_id__in=ids)
    holders: dict[tuple[str, str], list[uuid.UUID]] = {}
    for object_name, attribute, source in links.values_list("source_object", "attribute", "source_id"):
        holders.setdefault((object_name, attribute), []).append(source)
    for (object_name, attribute), sources in holders.items():
        if (holder := registry.current().entities.get(object_name)) is not None:
            key = Cast(Value(attribute), TextField())
            without = Func(
                F("custom"), key, template="(%(expressions)s)", arg_joiner=" - ", output_field=JSONField()
            )
            holder.model.objects.filter(pk__in=sources).update(custom=without)


def purge_expired(days: int = 30) -> int:
    """Destroy what has been in the bin longer than `days`, each with its audit entry; returns how many. Run by a sweep."""
    limit = timezone.now() - timedelta(days=days)
    count, actor = 0, system_actor()
    for entity in registry.all():
        rows = base_rows(entity, actor, deleted=True).filter(deleted_at__lt=limit)
        for record_id in list(rows.values_list("pk", flat=True)[:500]):
            try:
                with transaction.atomic():
                    destroy(entity, [record_id])
                    _note_purged([(entity.name, record_id)], actor)
                count += 1
            except Conflict:
                continue  # something still needs it; it stays in the bin until that is gone
    return count
