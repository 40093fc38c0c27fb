"""Wake-ups: one step of a job, one delivery of the outbox."""

from __future__ import annotations

import uuid

from celery import shared_task

from crm_core.metadata import workspace
from crm_core.records import jobs, outbox
from tenants.jobs import WorkspaceTask, wake
from tenants.models.tenant import REACHABLE_STATES


# Exports run in suspended and canceled workspaces too; `jobs.may_run` holds back what changes records.
@shared_task(base=WorkspaceTask, name="records.run_job_step", allowed_states=REACHABLE_STATES)
def run_job_step(job_id: str) -> None:
    """One step in one transaction; the next step is another task, so that workspaces take turns."""
    workspace.begin()
    if jobs.run_next_step(uuid.UUID(job_id)):
        wake(run_job_step, job_id)


@shared_task(base=WorkspaceTask, name="records.deliver_outbox")
def deliver_outbox() -> None:
    """Deliver due events."""
    workspace.begin()
    outbox.deliver_due()
