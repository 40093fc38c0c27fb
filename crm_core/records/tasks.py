"""Wake-ups: one step of a job, one delivery of the outbox."""

from __future__ import annotations

import time
import uuid

from celery import shared_task

from crm_core.metadata import workspace
from crm_core.records import jobs, outbox
from tenants.jobs import WorkspaceTask, next_turn, wake_in_turn
from tenants.models.tenant import REACHABLE_STATES


# Exports run in suspended and canceled workspaces too; `jobs.may_run` holds back what changes records.
@shared_task(base=WorkspaceTask, name="records.run_job_step", allowed_states=REACHABLE_STATES)
def run_job_step(job_id: str) -> None:
    """One step in one transaction of a job woken by a version before turns; it goes on in turns."""
    workspace.begin()
    if jobs.run_next_step(uuid.UUID(job_id)):
        wake_in_turn(take_turn, jobs.QUEUE)


@shared_task(base=WorkspaceTask, name="records.take_turn", allowed_states=REACHABLE_STATES)
def take_turn(place: int, mark: str) -> None:
    """One step of the job that waits longest, in one transaction; then the workspace's next turn queues up again."""
    workspace.begin()
    began = time.monotonic()
    more = jobs.run_waiting_step()
    next_turn(take_turn, jobs.QUEUE, place, mark, more=more, took=time.monotonic() - began)


@shared_task(base=WorkspaceTask, name="records.deliver_outbox")
def deliver_outbox() -> None:
    """Deliver due events."""
    workspace.begin()
    outbox.deliver_due()
