"""Publishing a rule: its match codes are computed in the background, the rule works from then on (CUS-10.6)."""

from __future__ import annotations

from crm_core.records import jobs
from crm_core.records.models import DuplicateRule, Job
from crm_core.security.actor import Actor, system_actor

KIND = "duplicate_rule"


def start_publishing(row: DuplicateRule, actor: Actor | None) -> Job:
    """Queue the job that computes the codes of `row`; the rule is already in state publishing."""
    job = jobs.create_job(
        KIND, row.name, actor or system_actor(), object_name=row.matching_object, params={"rule": str(row.pk)}
    )
    jobs.wake_job(job)
    return job
