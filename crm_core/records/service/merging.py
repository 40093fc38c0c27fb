"""Merging two records of one object into one, as a job that can be undone (CUS-11)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm_core.metadata import workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden, Invalid
from crm_core.metadata.hierarchy import descendants
from crm_core.metadata.types import storage
from crm_core.metadata.types.reference import Reference
from crm_core.records import jobs
from crm_core.records.change import Change
from crm_core.records.models import Job
from crm_core.records.service import moving, unmerging
from crm_core.records.service.merged import live_master
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
    """Merge `subordinate` into `master`; returns the master (`job_id` undoes the merge) and how many of each object moved.

    Raises Invalid `merge.two_active_records`, `merge.is_ancestor`, Conflict `merge.already_merged`,
    `merge.parents_differ`, Forbidden.
    """
    master, subordinate = _both(entity, master_id, subordinate_id, actor)
    _check_parents(entity, master, subordinate, ignore_parent)
    job = _journal(entity, master, subordinate, actor)
    group = actor.acting(actor.source, job.pk)
    before = unmerging.derived(entity, master)
    moved, journal = moving.move(entity, subordinate, master, group)
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
    job.params["moved"] = journal
    job.params["derived"] = [before, unmerging.derived(entity, entity.model.objects.get(pk=master.pk))]
    job.total = job.done = sum(moved.values()) + 2
    job.result = {"moved": moved}
    job.save()
    if journal["shares"]:
        workspace.bump("security_version")
    return Written(master.pk, master.version, master_change.warnings, master_change, job.pk), moved


@transaction.atomic
def preview(entity: Entity, master_id: uuid.UUID, subordinate_id: uuid.UUID, actor: Actor) -> dict[str, Any]:
    """`{"moves": {plural: count}, "parents_differ"}` of a merge that was not made. Raises as `merge` does."""
    master, subordinate = _both(entity, master_id, subordinate_id, actor)
    differ = False
    try:
        _check_parents(entity, master, subordinate, ignore_parent=False)
    except Conflict:
        differ = True
    return {"moves": moving.count(entity, subordinate_id, master_id, actor), "parents_differ": differ}


def _both(entity: Entity, master_id: uuid.UUID, subordinate_id: uuid.UUID, actor: Actor) -> tuple[Any, Any]:
    """Both records under locks, with the rights to merge them. Must run in a transaction."""
    access.require(entity, actor, "merge")
    if not entity.merge or master_id == subordinate_id:
        raise Invalid(
            "merge.two_active_records",
            "Two different active records of an object that can be merged are needed.",
        )
    first, second = sorted((master_id, subordinate_id))  # one lock order for everybody
    records = {i: locked(entity, i, actor, "write") for i in (first, second)}
    for record in records.values():
        if not access.allowed_on(entity, actor, record.pk, "merge"):
            raise Forbidden(
                "privilege.missing",
                "You may not merge this record.",
                details={"privilege": f"{entity.name}.merge"},
            )
        if record.merged_into is not None:
            raise Conflict(
                "merge.already_merged",
                "One of the two was merged into another record already.",
                details={"id": str(record.pk), "merged_into": str(live_master(entity, record.pk))},
            )
        if entity.state(record.state).closed:
            raise Invalid("merge.two_active_records", "Both records must be active.")
    return records[master_id], records[subordinate_id]


def _journal(entity: Entity, master: Any, subordinate: Any, actor: Actor) -> Job:
    name = getattr(master, entity.primary_attribute.column or "")
    job = jobs.create_job(
        unmerging.KIND, f"merge:{entity.name}", actor, object_name=entity.name,
        params={"master": str(master.pk), "subordinate": str(subordinate.pk), "name": name, "source": actor.source},
    )  # fmt: skip
    job.state, job.finished_at = "succeeded", timezone.now()
    return job


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
