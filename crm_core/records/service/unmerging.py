"""Undoing a merge: what moved goes back, what the merge derived too, unless something newer happened (CUS-11)."""

from __future__ import annotations

import uuid
from typing import Any

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.records import jobs, undo
from crm_core.records.models import Job
from crm_core.records.query.rows import base_rows
from crm_core.records.service import moving
from crm_core.security.actor import Actor

KIND = "merge"


def derived(entity: Entity, record: Any) -> dict[str, Any]:
    """Values the workspace keeps itself, which no audit entry tells."""
    return {
        a.name: a.type.to_json(a, getattr(record, a.column))
        for a in entity.attributes.values()
        if a.read_only and not a.importable and not a.system and a.column and a.type.name == "datetime"
    }


class MergeHandler(jobs.JobHandler):
    """A merge is done at once; as a job it can be undone like every other mass operation."""

    kind = KIND
    can_undo = True

    def undo_step(self, job: Job, actor: Actor) -> bool:
        if not undo.undo_step(job, actor):
            return False
        entity = registry.get(job.object or "")
        master, subordinate = uuid.UUID(job.params["master"]), uuid.UUID(job.params["subordinate"])
        moving.move_back(entity, subordinate, master, job.params.get("moved", {}))
        if job.params.get("moved", {}).get("shares"):
            workspace.bump("security_version")
        _derive_back(entity, master, *job.params.get("derived", ({}, {})))
        return True


def _derive_back(entity: Entity, master_id: uuid.UUID, before: dict[str, Any], after: dict[str, Any]) -> None:
    """What the merge derived goes back to what it was, unless something newer happened."""
    record = base_rows(entity, None).filter(pk=master_id).first()
    if record is None:
        return
    now = derived(entity, record)
    back = {
        str(entity.attributes[n].column): entity.attributes[n].type.decode(
            entity.attributes[n], before.get(n)
        )
        for n in before
        if n in now and now[n] == after.get(n) and before[n] != after.get(n)
    }
    if back:
        entity.model.objects.filter(pk=master_id).update(**back)
