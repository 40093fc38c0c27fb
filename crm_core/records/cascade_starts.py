"""Starting the job of an act that reaches more than 1,000 records (PLT-20); what the job does is in `cascade_jobs`."""

from __future__ import annotations

import uuid
from typing import Any

from crm_core.metadata.entity import Entity
from crm_core.records import jobs
from crm_core.records.change import Change
from crm_core.records.models import AuditEntry, Job
from crm_core.records.service.cascading import Reach
from crm_core.security.actor import Actor
from crm_core.security.models import Share

KIND = "cascade"


def start(
    entity: Entity, record: Any, act: str, order: list[tuple[str, uuid.UUID]], actor: Actor, **params: Any
) -> Job:
    """Queue the job that does `act` to `record` and the records of `order`, in that order."""
    name = getattr(record, entity.primary_attribute.column or "") or ""
    steps = [[object_name, str(pk)] for object_name, pk in order]
    job = jobs.create_job(
        KIND, f"{act}:{entity.name}", actor, object_name=entity.name, total=len(steps),
        params={"act": act, "record": str(record.pk), "name": name, "steps": steps, "source": actor.source,
                "group": str(actor.job_id) if actor.job_id else None, "unlimited": actor.is_administrator, **params},
    )  # fmt: skip
    jobs.wake_job(job)
    return job


def start_assign(change: Change, reached: Reach, owner_id: uuid.UUID) -> Job:
    """Assign what follows a record that was just given to `owner_id`."""
    job = start(change.entity, change.record, "assign", reached.order, change.actor, owner=str(owner_id))
    if job.params["group"] is None:
        # the act that started it belongs to its journal, so that an undo brings the parent back too
        AuditEntry.objects.filter(
            record_id=change.record.pk, version=change.record.version, job_id=None
        ).update(job_id=job.pk)
    return job


def start_share(entity: Entity, record: Any, given: Share, reached: Reach, actor: Actor, act: str) -> Job:
    """Share (or with `act` unshare: no longer share) what follows a record."""
    kept = {
        "principal": str(given.principal_id), "rights": given.rights,
        "expires_at": given.expires_at.isoformat() if given.expires_at else None,
    }  # fmt: skip
    return start(entity, record, act, reached.order, actor, share=kept)
