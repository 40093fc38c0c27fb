"""Members of lists (MKT-1): put on them, taken off, and put back by an undo. What is a member is a link of records."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden
from crm_core.records.models import AuditEntry, OutboxEvent, RelatedPair
from crm_core.records.query.members import sheet_of
from crm_core.security import access
from crm_core.security.actor import Actor

ADDED, REMOVED = "link", "unlink_records"


def add(of: Entity, list_id: uuid.UUID, entity: Entity, ids: Sequence[uuid.UUID], actor: Actor) -> None:
    """Make records of `entity` members of a list of the object `of`; who is one already stays. The list's row is locked by the caller."""
    RelatedPair.objects.bulk_create([_pair(of, list_id, entity, one) for one in ids], ignore_conflicts=True)
    _note(ADDED, of, list_id, entity, ids, actor)


def remove(of: Entity, list_id: uuid.UUID, entity: Entity, ids: Sequence[uuid.UUID], actor: Actor) -> None:
    """Take members off a list. The list's row is locked by the caller."""
    _pairs(of, list_id).filter(second_id__in=ids).delete()
    _note(REMOVED, of, list_id, entity, ids, actor)


def _pair(of: Entity, list_id: uuid.UUID, entity: Entity, member_id: uuid.UUID) -> RelatedPair:
    return RelatedPair(
        relationship=sheet_of(of).link, first_object=of.name, first_id=list_id,
        second_object=entity.name, second_id=member_id,
    )  # fmt: skip


def _pairs(of: Entity, list_id: uuid.UUID) -> Any:
    return RelatedPair.objects.filter(relationship=sheet_of(of).link, first_id=list_id)


def _note(
    operation: str, of: Entity, list_id: uuid.UUID, entity: Entity, ids: Sequence[uuid.UUID], actor: Actor
) -> None:
    """An audit entry with each member, and one event that names them."""
    reference = {"object": of.name, "id": str(list_id)}
    change = [None, reference] if operation == ADDED else [reference, None]
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                object=entity.name, record_id=one, actor_id=actor.user_id, actor_name=actor.name,
                source=actor.source, via=actor.via, version=0, operation=operation, changes={of.plural: change},
                job_id=actor.job_id,
            )
            for one in ids
        ]
    )  # fmt: skip
    topic = "members_added" if operation == ADDED else "members_removed"
    OutboxEvent.objects.create(
        topic=f"{of.name}.{topic}", object=of.name, record_id=list_id,
        payload={"actor": str(actor.user_id or ""), "source": actor.source, "member_object": entity.name,
                 "ids": [str(one) for one in ids]},
    )  # fmt: skip


def take_back(entity: Entity, entry: AuditEntry, actor: Actor) -> None:
    """Undo one entry of a member: off the list it was put on, or on it again.

    Raises Forbidden without the right to change the list, Conflict `list.locked`, `undo.deleted_since` when it or the
    member is gone.
    """
    for old, new in entry.changes.values():
        reference = new or old
        of, list_id = registry.get(reference["object"]), uuid.UUID(reference["id"])
        row = of.model.objects.select_for_update(of=("self",)).filter(pk=list_id).first()
        if row is None:
            raise Conflict("undo.deleted_since", "The list was deleted after the job.")
        if row.deleted_at is None and not access.allowed_on(of, actor, list_id, "write"):
            raise Forbidden("privilege.missing", f"You may not change {of.label_plural} any more.")
        refuse_locked(row)
        pair = _pairs(of, list_id).filter(second_id=entry.record_id)
        if new is not None:
            pair.delete()
        elif not entity.model.objects.filter(pk=entry.record_id).exists():
            raise Conflict("undo.deleted_since", "It was deleted after the job; restore it first.")
        elif not pair.exists():
            again = _pair(of, list_id, entity, entry.record_id)
            RelatedPair.objects.bulk_create([again], ignore_conflicts=True)


def refuse_locked(row: Any) -> None:
    """Raises Conflict `list.locked` for a list whose members stay as they are."""
    if row.locked:
        raise Conflict("list.locked", "This list is locked; its members stay as they are.", field="locked")
