"""Acts that reach more than 1,000 records, as a job: batch after batch, each whole or not at all (PLT-20).

A batch that fails stops the job and says why; what was done before it stays, and the job can be undone. A job that was
started by another one (a bulk operation) writes its journal under that one's id, so that undoing that one brings all back.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.db import transaction
from django.utils.dateparse import parse_datetime

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import NotFound
from crm_core.metadata.record import new_id
from crm_core.metadata.types.reference import Reference
from crm_core.records import cascade_starts, jobs, undo
from crm_core.records.models import Job
from crm_core.records.service import assigning, sharing
from crm_core.records.service.cascading import doomed
from crm_core.records.service.deleting import CascadeTooLarge, delete, delete_planned
from crm_core.records.service.writing import locked
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.models import Principal, Share

STEP = 200


def delete_or_start(
    entity: Entity, record_id: uuid.UUID, actor: Actor, *, version: int | None = None
) -> Job | None:
    """Delete a record at once, or start the job that does when more than 1,000 records go with it.

    Raises what `service.delete` raises; nothing is deleted then.
    """
    try:
        with transaction.atomic():
            delete(entity, record_id, actor, version=version)
        return None
    except CascadeTooLarge:
        access.require(entity, actor, "delete")
        record = locked(entity, record_id, actor, "delete", version=version)
        order = [*reversed(doomed(entity, record_id, actor).order), (entity.name, record_id)]
        return cascade_starts.start(entity, record, "delete", order, actor, deletion=str(new_id()))


class CascadeHandler(jobs.JobHandler):
    """Treats 200 records a step."""

    kind = cascade_starts.KIND
    can_undo = True

    def step(self, job: Job, actor: Actor) -> bool:
        if job.params["unlimited"]:  # somebody's rights as manager of users, or a rule's, go with the act
            actor = replace(actor, is_administrator=True)
        if job.params["group"]:
            actor = actor.acting(actor.source, uuid.UUID(job.params["group"]))
        start = job.cursor.get("index", 0)
        batch = job.params["steps"][start : start + STEP]
        done = self._treat(job, batch, actor)
        job.cursor = {"index": start + len(batch)}
        job.done = start + len(batch)
        result = dict(job.result)
        result["succeeded"] = result.get("succeeded", 0) + done
        job.result = {**result, "left": job.done - result["succeeded"]}
        return job.done >= len(job.params["steps"])

    def _treat(self, job: Job, batch: list[list[str]], actor: Actor) -> int:
        act = job.params["act"]
        if act == "delete":
            deletion = uuid.UUID(job.params["deletion"])
            head = job.params["record"]
            return sum(
                delete_planned(registry.get(name), uuid.UUID(pk), actor, deletion, cascaded=pk != head)
                for name, pk in batch
            )
        by_object: dict[str, list[uuid.UUID]] = {}
        for name, pk in batch:
            by_object.setdefault(name, []).append(uuid.UUID(pk))
        if act == "assign":
            outcome = assigning.Outcome()
            owner = _owner(job)
            for name, ids in by_object.items():
                assigning.assign_children(registry.get(name), ids, owner, actor, outcome)
            return sum(outcome.assigned.values())
        treat = sharing.share_children if act == "share" else sharing.unshare_children
        given = _share(job)
        return sum(treat(registry.get(name), ids, given, actor) for name, ids in by_object.items())

    def undo_step(self, job: Job, actor: Actor) -> bool:
        return undo.undo_step(job, actor)


def _owner(job: Job) -> Reference:
    principal = Principal.objects.filter(pk=job.params["owner"]).first()
    if principal is None:
        raise NotFound()
    return Reference(principal.kind, principal.pk, principal.name)


def _share(job: Job) -> Share:
    """The share the job's records follow from, as it was given; it need not exist any more."""
    kept = job.params["share"]
    principal = Principal.objects.filter(pk=kept["principal"]).first()
    if principal is None:
        raise NotFound()
    return Share(
        object=job.object or "", record_id=uuid.UUID(job.params["record"]), principal=principal, rights=kept["rights"],
        expires_at=parse_datetime(kept["expires_at"]) if kept["expires_at"] else None, granted_by=job.created_by,
    )  # fmt: skip


def register() -> None:
    jobs.register(CascadeHandler())
