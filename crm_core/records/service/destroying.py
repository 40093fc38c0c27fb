"""Emptying the recycle bin: destroying records for good, and what still refers to them (CUS-16.4, PLT-20)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import CASCADE, F, Func, JSONField, ProtectedError, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, NotFound
from crm_core.records import duplicates, files
from crm_core.records.models import (
    AuditEntry,
    DuplicatePair,
    RecordLink,
    RelatedPair,
    StoredFile,
    UniqueValue,
)
from crm_core.records.query.filters import base_rows
from crm_core.records.service.cascading import referring
from crm_core.records.service.deleting import can_be_without, members_of
from crm_core.security import access
from crm_core.security.actor import Actor, system_actor
from crm_core.security.models import Principal, Share


@transaction.atomic
def purge(entity: Entity, record_id: uuid.UUID, actor: Actor) -> None:
    """Destroy a record of the recycle bin, with exactly what its row there says.

    Raises NotFound, Conflict `record.restrict_delete` with counts when another record, in the bin or not, cannot be without it.
    """
    record = base_rows(entity, actor, "delete", deleted=True).filter(pk=record_id).first()
    if record is None:
        raise NotFound()
    members = members_of(record.deletion_id)
    heads = head_of(record.deletion_id)
    doomed = members if heads == record_id else {record_id: entity.name}
    by_object: dict[str, list[uuid.UUID]] = {}
    for member, name in doomed.items():
        by_object.setdefault(name, []).append(member)
    for name, ids in by_object.items():
        _refuse_needed(registry.get(name), ids, doomed, actor)
    for name in sorted(by_object, key=lambda n: n == entity.name):  # what hung on it first
        parts = destroy(registry.get(name), by_object[name], along=doomed)
        doomed |= {pk: part for part, pk in parts}
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


def destroy(
    entity: Entity, ids: Sequence[uuid.UUID], *, along: Collection[uuid.UUID] = ()
) -> list[tuple[str, uuid.UUID]]:
    """Remove rows and what only belongs to them: links, unique values, shares, files. Kernel code only.

    `along` are records destroyed in the same act. What lies in the bin and refers to one of `ids` loses the reference, parts
    of it go too and are returned as (object, id). Live records are the caller's to look after. Raises Conflict
    `record.restrict_delete` when something in the bin cannot be without one of them.
    """
    ids, parts = list(ids), []
    _refuse_needed(entity, ids, along, None)
    for child, attribute in referring(entity):
        if attribute.custom or not (attribute.is_part or _is_loose(child, attribute)):
            continue  # what the database, or the row of the link, looks after
        binned = _holders(child, attribute, entity.name, ids).exclude(deleted_at=None)
        left = [pk for pk in binned.values_list("pk", flat=True) if pk not in along and pk not in ids]
        if left and attribute.is_part:
            parts += [(child.name, pk) for pk in left] + destroy(child, left, along=[*along, *ids])
        elif left:
            _empty(child, attribute, left)
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
    return parts


def _is_loose(child: Entity, attribute: Attribute) -> bool:
    """Whether destroying the record referred to would not empty the reference by itself."""
    names = attribute.columns.values() if attribute.columns else [str(attribute.column)]
    fields: list[Any] = [child.model._meta.get_field(name) for name in names]
    return any(f.remote_field is None or f.remote_field.on_delete is CASCADE for f in fields)


def _holders(child: Entity, attribute: Attribute, target: str, ids: Collection[uuid.UUID]) -> QuerySet:
    """Rows of `child`, in the bin or not, whose `attribute` refers to one of the records."""
    rows = child.model._default_manager.all()
    if child.discriminator:
        rows = rows.filter(object=child.discriminator)
    if attribute.custom:
        links = RecordLink.objects.filter(
            source_object=child.name, attribute=attribute.name, target_id__in=ids
        )
        return rows.filter(pk__in=links.values("source_id"))
    if attribute.type.name == "regarding":
        return rows.filter(**{f"{attribute.columns['id']}__in": ids, attribute.columns["object"]: target})
    column = attribute.columns[target] if attribute.columns else attribute.column
    return rows.filter(**{f"{column}_id__in": ids})


def _refuse_needed(
    entity: Entity, ids: Sequence[uuid.UUID], along: Collection[uuid.UUID], actor: Actor | None
) -> None:
    """Raises Conflict `record.restrict_delete` when a record that stays cannot be without one of `ids`.

    With `actor` live records count too, which a caller that is none has looked after.
    """
    needed, blocking = False, Counter[str]()
    for child, attribute in referring(entity):
        if can_be_without(attribute) or (attribute.is_part and actor is None):
            continue
        rows = _holders(child, attribute, entity.name, ids)
        if actor is None or attribute.is_part:
            rows = rows.filter(deleted_at__isnull=attribute.is_part)
        if staying := [pk for pk in rows.values_list("pk", flat=True) if pk not in along and pk not in ids]:
            needed = True
            if actor is None or access.readable(child, attribute, actor):
                blocking[child.plural] += len(staying)
    if needed:
        raise Conflict("record.restrict_delete", "Other records need this one.", details=dict(blocking))


def _empty(child: Entity, attribute: Attribute, ids: Sequence[uuid.UUID]) -> None:
    """Empty a reference of records in the bin: restored, they refer to nothing."""
    columns = attribute.columns.values() if attribute.columns else [str(attribute.column)]
    child.model._default_manager.filter(pk__in=ids).update(**dict.fromkeys(columns))


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
                    _refuse_needed(entity, [record_id], (), actor)
                    parts = destroy(entity, [record_id])
                    _note_purged([(entity.name, record_id), *parts], actor)
                count += 1
            except Conflict:
                continue  # something still needs it; it stays in the bin until that is gone
    return count
