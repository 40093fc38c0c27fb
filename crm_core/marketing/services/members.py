"""Putting records on a list and taking them off, as a job with progress and undo (MKT-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from crm_core.marketing.option_lists import DYNAMIC, MEMBER_OBJECTS
from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden
from crm_core.records import bulk, jobs, undo
from crm_core.records.models import Job
from crm_core.records.query import Query
from crm_core.records.query.members import kept
from crm_core.records.service import membership
from crm_core.records.service.writing import locked
from crm_core.security.actor import Actor

KIND = "list_members"
STEP = 500
LIST = "marketing_list"


def object_of(member_type: int) -> Entity:
    """The object whose records a list of this type holds."""
    return registry.get(MEMBER_OBJECTS[member_type])


def refuse_change(record: Any) -> None:
    """Raises Conflict for a list whose members cannot be changed: `list.dynamic`, `list.inactive`, `list.locked`."""
    if record.kind == DYNAMIC:
        raise Conflict("list.dynamic", "The members of a dynamic list are found by its filter.", field="kind")
    if record.state != "active":
        raise Conflict(
            "list.inactive", "This list is inactive; activate it first.", details={"state": record.state}
        )
    membership.refuse_locked(record)


def selected(entity: Entity, asked: Mapping[str, Any], actor: Actor) -> Query:
    """What is asked for and may be read: by `ids`, or by `filter` and search text `q`; with `but` all except those."""
    query = Query(entity, actor)
    if asked.get("ids") is not None:
        return query.where(Q(pk__in=[uuid.UUID(one) for one in asked["ids"]]))
    if asked.get("but"):
        return query.filter({"not": asked["but"]})
    return query.filter(asked.get("filter")).search(asked.get("q"))


def _left(entity: Entity, list_id: uuid.UUID, adding: bool, asked: Mapping[str, Any], actor: Actor) -> Query:
    """Those of the selected that are still to be added, or removed."""
    members = Q(pk__in=kept(entity, [list_id]))
    return selected(entity, asked, actor).where(~members if adding else members)


def prepared(
    record_id: uuid.UUID, name: str, adding: bool, asked: Mapping[str, Any], actor: Actor, operation: str
) -> Job:
    """The job that adds what is asked for to a list, or removes it; nothing runs yet."""
    params = {"list": str(record_id), "adding": adding, "asked": dict(asked), "source": actor.source,
              "operation": operation, "name": name}  # fmt: skip
    return jobs.create_job(KIND, f"{operation}:{LIST}", actor, object_name=LIST, params=params)


def started(job: Job, entity: Entity, actor: Actor) -> dict[str, Any]:
    """Count, and run at once what is small. Returns how many are added or removed, how many were ignored, and the job.

    Raises Forbidden for more than 100 records without the right to treat many at once.
    """
    adding, asked = job.params["adding"], job.params["asked"]
    list_id = uuid.UUID(job.params["list"])
    job.total = _left(entity, list_id, adding, asked, actor).total()
    if job.total > bulk.INLINE_LIMIT and not actor.can("bulk"):
        raise Forbidden(
            "privilege.missing", "You may not treat more than 100 records at once.", details={"privilege": "bulk"}
        )  # fmt: skip
    matching = len(asked["ids"]) if asked.get("ids") else selected(entity, asked, actor).total()
    job.params = {**job.params, "ignored": matching - job.total if adding or asked.get("ids") else 0}
    job.save()
    if job.total <= bulk.INLINE_LIMIT:
        job = jobs.run_inline(job, actor.acting(actor.source, job.pk))
    else:
        jobs.wake_job(job)
    done = {"added" if adding else "removed": job.total, "ignored": job.params["ignored"]}
    return {**done, "job_id": str(job.pk), "running": job.state in ("queued", "running")}


class MembersHandler(jobs.JobHandler):
    """Treats 500 records a step, in the order of their ids, with the rights its starter has by then."""

    kind = KIND
    can_undo = True

    def step(self, job: Job, actor: Actor) -> bool:
        lists, adding = registry.get(LIST), job.params["adding"]
        list_id = uuid.UUID(job.params["list"])
        record = locked(lists, list_id, actor, "write")
        refuse_change(record)
        entity = object_of(record.member_type)
        left = _left(entity, list_id, adding, job.params["asked"], actor)
        if job.cursor.get("after"):
            left = left.where(Q(pk__gt=uuid.UUID(job.cursor["after"])))
        ids = left.ids(STEP)
        if ids:
            (membership.add if adding else membership.remove)(lists, list_id, entity, ids, actor)
            job.cursor = {"after": str(ids[-1])}
        job.done += len(ids)
        job.result = {"succeeded": job.done, "ignored": job.params.get("ignored", 0), "failed": 0}
        return len(ids) < STEP

    def undo_step(self, job: Job, actor: Actor) -> bool:
        return undo.undo_step(job, actor)


def register() -> None:
    jobs.register(MembersHandler())
