"""Merging two records of one object into one (CUS-11)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden, Invalid
from crm_core.metadata.hierarchy import descendants
from crm_core.metadata.record import new_id
from crm_core.metadata.types import storage
from crm_core.metadata.types.reference import Reference
from crm_core.records.change import Change
from crm_core.records.query.filters import base_rows
from crm_core.records.service import saving
from crm_core.records.service.deleting import children_of
from crm_core.records.service.parsing import parse_values, resolve_or_raise
from crm_core.records.service.writing import Written, finish_update, locked
from crm_core.security import access
from crm_core.security.actor import Actor


@transaction.atomic
def merge(
    entity: Entity,
    master_id: uuid.UUID,
    subordinate_id: uuid.UUID,
    actor: Actor,
    *,
    values: Mapping[str, Any] | None = None,
    fill_empty: bool = True,
    ignore_parent: bool = False,
) -> tuple[Written, dict[str, int]]:
    """Merge `subordinate` into `master`; returns the master and how many records of each object moved.

    Raises Invalid `merge.two_active_records`, `merge.is_ancestor`, Conflict `merge.parents_differ`, Forbidden.
    """
    access.require(entity, actor, "merge")
    if not entity.merge or master_id == subordinate_id:
        raise Invalid(
            "merge.two_active_records",
            "Two different active records of an object that can be merged are needed.",
        )
    first, second = sorted((master_id, subordinate_id))  # one lock order for everybody
    records = {i: locked(entity, i, actor, "write") for i in (first, second)}
    master, subordinate = records[master_id], records[subordinate_id]
    for record in records.values():
        if not access.allowed_on(entity, actor, record.pk, "merge"):
            raise Forbidden(
                "privilege.missing",
                "You may not merge this record.",
                details={"privilege": f"{entity.name}.merge"},
            )
        if entity.state(record.state).closed:
            raise Invalid("merge.two_active_records", "Both records must be active.")
    _check_parents(entity, master, subordinate, ignore_parent)
    group = actor.acting(actor.source, new_id())
    moved = _move_children(entity, subordinate, master, group)
    master_change = _fill(entity, master, subordinate, group, values or {}, fill_empty)
    closing = Change(entity, group, subordinate, operation="update")
    closed = next(
        (s for s in reversed(entity.states) if s.closed), None
    )  # a lead ends disqualified, not qualified
    if closed is not None:
        closing.set("state", closed.value)
        closing.set("status_reason", closed.default_reason)
    subordinate.merged_into = master.pk
    closing.columns.add("merged_into")
    finish_update(closing, operation="merged", topic="merged")
    finish_update(master_change, operation="merge", topic="merged_with")
    return Written(master.pk, master.version, master_change.warnings, master_change), moved


def _check_parents(entity: Entity, master: Any, subordinate: Any, ignore_parent: bool) -> None:
    parents = [
        a for a in entity.attributes.values() if (a.hierarchy or a.type.name == "customer") and not a.custom
    ]
    for attribute in parents:
        ours, theirs = storage.read(attribute, master), storage.read(attribute, subordinate)
        if attribute.hierarchy and _is_above(entity, master.pk, subordinate.pk):
            raise Invalid("merge.is_ancestor", "A record cannot be merged with its own parent.")
        if not ignore_parent and ours and theirs and (ours.object, ours.id) != (theirs.object, theirs.id):
            raise Conflict(
                "merge.parents_differ", "The two records have different parents.", field=attribute.name
            )


def _is_above(entity: Entity, one: uuid.UUID, other: uuid.UUID) -> bool:
    """Whether one of the two lies somewhere under the other."""
    return other in descendants(entity.name, [one]) or one in descendants(entity.name, [other])


def _move_children(entity: Entity, source: Any, target: Any, actor: Actor) -> dict[str, int]:
    """Point everything that refers to `source` at `target`; kernel write, so children's own rights are not asked (CUS-11.3)."""
    moved: dict[str, int] = {}
    name = getattr(target, entity.primary_attribute.column or "")
    for child, attribute, _behaviour, ids in children_of(entity, source.pk):
        for row in child.model.objects.select_for_update(of=("self",)).filter(pk__in=ids):
            if row.pk == target.pk:
                continue
            change = Change(child, actor, row, operation="update")
            change.set(attribute.name, Reference(entity.name, target.pk, name))
            saving.write_columns(change)
            saving.sync_links(change)
            saving.record_change(change, "reparent", "updated")
            moved[child.plural] = moved.get(child.plural, 0) + 1
    return moved


def _fill(
    entity: Entity, master: Any, subordinate: Any, actor: Actor, values: Mapping[str, Any], fill_empty: bool
) -> Change:
    change = Change(entity, actor, master, operation="update")
    parsed = parse_values(entity, values, actor, creating=False)
    resolve_or_raise(parsed, actor, child=entity)
    for attribute, value in parsed.items():
        change.set(attribute.name, value)
    for attribute in entity.attributes.values():
        if attribute.system or attribute.read_only:
            continue
        ours, theirs = change.get(attribute.name), storage.read(attribute, subordinate)
        if attribute.name.startswith("do_not_") and theirs is True:
            change.set(attribute.name, True)  # CUS-11.6: the stricter consent wins
        elif fill_empty and ours is None and theirs is not None and attribute.name not in values:
            to_itself = isinstance(theirs, Reference) and theirs.id == master.pk
            change.set(attribute.name, None if to_itself else theirs)
    return change


def live_master(entity: Entity, record_id: uuid.UUID) -> uuid.UUID | None:
    """Where a merged record's id leads to now, following several merges."""
    seen: set[uuid.UUID] = set()
    while record_id not in seen:
        seen.add(record_id)
        onward = base_rows(entity, None).filter(pk=record_id).values_list("merged_into", flat=True).first()
        if onward is None:
            break
        record_id = onward
    return record_id
