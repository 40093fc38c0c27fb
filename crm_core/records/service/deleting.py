"""Recycle bin: deleting with cascades, restoring what went together (CUS-1.5, CUS-16.4, PLT-20); `destroying` empties it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, NotFound
from crm_core.metadata.record import new_id
from crm_core.metadata.types.reference import Reference
from crm_core.records.change import Change
from crm_core.records.models import AuditEntry, UniqueValue
from crm_core.records.query.filters import base_rows
from crm_core.records.rules import run_rules
from crm_core.records.service import cascading, inheriting, saving
from crm_core.records.service.writing import locked
from crm_core.security import access
from crm_core.security.actor import Actor

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

    Raises NotFound when it is not in the bin or may not be seen, Conflict `record.parent_deleted`.
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
    part_from_deleted({member: members[member] for member in known}, actor)
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


def part_from_deleted(returning: Mapping[uuid.UUID, str], actor: Actor) -> None:
    """Records about to leave the bin refer to nothing that stays there, as if they had been live when it was deleted.

    `returning` are their objects by id. What can be without the other record is unlinked by that record's own deletion, so
    that restoring it links them again. Raises Conflict `record.parent_deleted` for what cannot (PLT-20).
    """
    by_object: dict[str, list[uuid.UUID]] = {}
    for record_id, name in returning.items():
        by_object.setdefault(name, []).append(record_id)
    for name, ids in by_object.items():
        entity = registry.get(name)
        rows = base_rows(entity, None, deleted=True).filter(pk__in=ids)
        changes = [Change(entity, actor, record, operation="update") for record in rows]
        found = [
            (c, a, value) for c in changes for a in entity.attributes.values() if (value := _refers(c, a))
        ]
        gone = _deleted({(v.object, v.id) for _c, _a, v in found if v.id not in returning})
        for change, attribute, value in found:
            if (value.object, value.id) in gone:
                _part(change, attribute, value, actor)


def _refers(change: Change, attribute: Attribute) -> Reference | None:
    if attribute.system or attribute.type.name not in ("lookup", "customer", "regarding"):
        return None
    value = change.get(attribute.name)
    return value if isinstance(value, Reference) and value.object not in ("user", "team") else None


def _deleted(wanted: set[tuple[str, uuid.UUID]]) -> set[tuple[str, uuid.UUID]]:
    """Which of the records lie in the bin; those that do not are locked, so that none goes there meanwhile."""
    found = set()
    for name in sorted({name for name, _id in wanted} & set(registry.current().entities)):
        rows = registry.get(name).model.objects.filter(pk__in=[i for n, i in wanted if n == name])
        locked_rows = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
        found |= {(name, pk) for pk, at in locked_rows.values_list("pk", "deleted_at") if at is not None}
    return found


def _part(change: Change, attribute: Attribute, value: Reference, actor: Actor) -> None:
    if not can_be_without(attribute):
        raise Conflict(
            "record.parent_deleted",
            f"What “{attribute.label}” refers to lies in the recycle bin; restore that first.",
            field=attribute.name,
            details={"object": value.object, "id": str(value.id)},
        )
    last = AuditEntry.objects.filter(record_id=value.id, operation="delete").order_by("-id").first()
    _unlink(
        change.entity, attribute, change.record, actor.acting(actor.source, last.job_id if last else None)
    )


def can_be_without(attribute: Attribute) -> bool:
    """Whether a record may stay when the one its `attribute` refers to goes for good."""
    return (
        attribute.on_delete != "restrict"
        and not attribute.is_part
        and (attribute.custom or not attribute.required)
    )


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
