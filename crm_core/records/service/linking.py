"""Linking records by a many-to-many relationship and taking links away (PLT-6)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity, Relationship
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.records.models import AuditEntry, OutboxEvent, RelatedPair
from crm_core.records.query.filters import base_rows
from crm_core.records.service.writing import locked
from crm_core.security import access
from crm_core.security.actor import Actor

MOST_AT_ONCE = 100
MOST_PER_RECORD = 10_000


def pairs_of(relation: Relationship, record_id: uuid.UUID) -> Any:
    """The links of one record."""
    rows = RelatedPair.objects.filter(relationship=relation.link)
    if relation.end == "both":
        return rows.filter(Q(first_id=record_id) | Q(second_id=record_id))
    return rows.filter(**{f"{relation.end}_id": record_id})


def _pair(entity: Entity, relation: Relationship, record_id: uuid.UUID, other_id: uuid.UUID) -> RelatedPair:
    """The row of one link; where both ends are equal in rank, the smaller id comes first."""
    mine, theirs = (entity.name, record_id), (relation.object, other_id)
    swap = relation.end == "second" or (relation.end == "both" and other_id < record_id)
    first, second = (theirs, mine) if swap else (mine, theirs)
    return RelatedPair(
        relationship=relation.link, first_object=first[0], first_id=first[1], second_object=second[0], second_id=second[1]
    )  # fmt: skip


@transaction.atomic
def link(
    entity: Entity, record_id: uuid.UUID, relation: Relationship, other_ids: Sequence[uuid.UUID], actor: Actor
) -> int:
    """Link a record with others, at most 100 at once; those linked already stay. Returns how many are new.

    Needs Append on the record and Append to on each other one. Raises NotFound, Forbidden, Invalid
    `lookup.does_not_exist` for what is absent or not visible, Conflict `record.read_only` for a closed record.
    """
    target, wanted = registry.get(relation.object), set(other_ids)
    _locked_both(entity, target, record_id, wanted, actor)
    if relation.object == entity.name and record_id in wanted:
        raise Invalid("relationship.to_itself", "A record is not linked with itself.", field="ids")
    known = set(base_rows(target, actor).filter(pk__in=wanted).values_list("pk", flat=True))
    if known != wanted:
        raise Invalid("lookup.does_not_exist", "There is no such record.", field="ids")
    allowed = (
        base_rows(target, actor, "append_to")
        if actor.depth(target, "append_to")
        else target.model.objects.none()
    )
    if allowed.filter(pk__in=wanted).count() != len(wanted):
        raise Forbidden(
            "privilege.missing", "You may not link to this record.", field="ids",
            details={"privilege": f"{target.name}.append_to"},
        )  # fmt: skip
    there = pairs_of(relation, record_id)
    linked = {i for row in there.values_list("first_id", "second_id") for i in row}
    fresh = sorted(wanted - linked)
    if len(linked) + len(fresh) > MOST_PER_RECORD:
        raise Conflict("relationship.too_many", f"A record has at most {MOST_PER_RECORD} links of a kind.")
    RelatedPair.objects.bulk_create([_pair(entity, relation, record_id, i) for i in fresh])
    _noted(entity, relation, record_id, fresh, actor, "link")
    return len(fresh)


@transaction.atomic
def unlink(
    entity: Entity, record_id: uuid.UUID, relation: Relationship, other_id: uuid.UUID, actor: Actor
) -> None:
    """Take one link away. Needs what linking needs. Raises NotFound `relationship.not_linked`."""
    target = registry.get(relation.object)
    _locked_both(entity, target, record_id, {other_id}, actor)
    if not base_rows(target, actor).filter(pk=other_id).exists():
        raise NotFound("relationship.not_linked", "The two are not linked.")
    if not access.allowed_on(target, actor, other_id, "append_to"):
        raise Forbidden(
            "privilege.missing", "You may not link to this record.", details={"privilege": f"{target.name}.append_to"}
        )  # fmt: skip
    pair = _pair(entity, relation, record_id, other_id)
    gone, _per_model = RelatedPair.objects.filter(
        relationship=pair.relationship, first_id=pair.first_id, second_id=pair.second_id
    ).delete()
    if not gone:
        raise NotFound("relationship.not_linked", "The two are not linked.")
    _noted(entity, relation, record_id, [other_id], actor, "unlink_records")


def _locked_both(
    entity: Entity, target: Entity, record_id: uuid.UUID, others: Collection[uuid.UUID], actor: Actor
) -> None:
    """The record and the others under locks, so that neither is destroyed nor linked twice meanwhile."""
    access.require(entity, actor, "append")
    rows = {(entity.name, record_id), *((target.name, i) for i in others)}
    for name, pk in sorted(rows):  # one order for everybody
        if (name, pk) == (entity.name, record_id):
            record = locked(entity, record_id, actor, "append")
            if entity.states and entity.state(record.state).closed:
                raise Conflict(
                    "record.read_only", "This record is closed; reopen it to change it.", details={"state": record.state}
                )  # fmt: skip
        else:
            list(target.model.objects.select_for_update(of=("self",)).filter(pk=pk).values_list("pk"))


def _noted(
    entity: Entity,
    relation: Relationship,
    record_id: uuid.UUID,
    others: Sequence[uuid.UUID],
    actor: Actor,
    operation: str,
) -> None:
    """An audit entry and an event on each end."""
    ends = [(entity.name, record_id, relation.name, relation.object, i) for i in others]
    ends += [(relation.object, i, relation.reverse, entity.name, record_id) for i in others]
    entries, events = [], []
    for name, pk, relationship, other, other_id in ends:
        reference = {"object": other, "id": str(other_id)}
        entries.append(AuditEntry(
            object=name, record_id=pk, actor_id=actor.user_id, actor_name=actor.name, source=actor.source, version=0,
            operation=operation, changes={relationship: [None, reference] if operation == "link" else [reference, None]},
            via=actor.via, job_id=actor.job_id,
        ))  # fmt: skip
        events.append(OutboxEvent(
            topic=f"{name}.{'linked' if operation == 'link' else 'unlinked'}", object=name, record_id=pk,
            payload={"actor": str(actor.user_id or ""), "source": actor.source, "relationship": relationship, "other": reference},
        ))  # fmt: skip
    AuditEntry.objects.bulk_create(entries)
    OutboxEvent.objects.bulk_create(events)


def move(source: uuid.UUID, target: uuid.UUID) -> list[dict[str, Any]]:
    """Links of a merged record go to the one that stays; equal ones collapse. Returns the journal for `move_back`."""
    journal: list[dict[str, Any]] = []
    for pair in RelatedPair.objects.filter(Q(first_id=source) | Q(second_id=source)).order_by("pk"):
        was = {"id": str(pair.pk), "relationship": pair.relationship, "first_object": pair.first_object,
               "first_id": str(pair.first_id), "second_object": pair.second_object, "second_id": str(pair.second_id)}  # fmt: skip
        first = target if pair.first_id == source else pair.first_id
        second = target if pair.second_id == source else pair.second_id
        if _is_symmetric(pair) and second < first:
            first, second = second, first
        twice = RelatedPair.objects.filter(relationship=pair.relationship, first_id=first, second_id=second)
        kept = first != second and not twice.exists()
        if kept:
            RelatedPair.objects.filter(pk=pair.pk).update(first_id=first, second_id=second)
        else:
            RelatedPair.objects.filter(pk=pair.pk).delete()
        journal.append({"was": was, "now": [str(first), str(second)] if kept else None})
    return journal


def move_back(journal: Collection[dict[str, Any]]) -> None:
    """Links as before a merge, but for those somebody took away since."""
    for entry in journal:
        was, now = entry["was"], entry["now"]
        if now is None:
            RelatedPair.objects.bulk_create([RelatedPair(**was)], ignore_conflicts=True)
        else:
            RelatedPair.objects.filter(pk=was["id"], first_id=now[0], second_id=now[1]).update(
                first_id=was["first_id"], second_id=was["second_id"]
            )


def _is_symmetric(pair: RelatedPair) -> bool:
    entity = registry.current().entities.get(pair.first_object)
    return entity is not None and any(
        r.link == pair.relationship and r.end == "both" for r in entity.relationships
    )
