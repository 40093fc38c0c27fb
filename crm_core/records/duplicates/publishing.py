"""Publishing a rule: its match codes are computed in the background, the rule works from then on (CUS-10.6)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from crm_core.metadata import registry, workspace
from crm_core.records import jobs
from crm_core.records.models import DuplicateRule, Job

if TYPE_CHECKING:
    from crm_core.security.actor import Actor

KIND = "duplicate_rule"
STEP = 2000


def start_publishing(row: DuplicateRule, actor: Actor | None) -> Job:
    """Queue the job that computes the codes of `row`; the rule is already in state publishing."""
    from crm_core.security.actor import system_actor

    job = jobs.create_job(
        KIND, row.name, actor or system_actor(), object_name=row.matching_object, params={"rule": str(row.pk)}
    )
    jobs.wake_job(job)
    return job


class PublishingHandler(jobs.JobHandler):
    """Computes the codes of 2,000 records a step."""

    kind = KIND

    def step(self, job: Job, actor: Actor) -> bool:
        from crm_core.records.duplicates import codes, rules

        row = DuplicateRule.objects.filter(pk=job.params["rule"], state="publishing").first()
        if row is None or job.object not in registry.current().entities:
            return True  # unpublished or deleted meanwhile
        entity = registry.get(job.object)
        records = entity.model.objects.order_by("pk")
        if entity.discriminator:
            records = records.filter(object=entity.discriminator)
        if job.cursor.get("after"):
            records = records.filter(pk__gt=uuid.UUID(job.cursor["after"]))
        batch = list(records[:STEP])
        rule = rules.compiled(row)
        if rule.keyed:
            codes.fill(entity, batch, rule)
        job.done += len(batch)
        job.total = max(job.total, job.done)
        if len(batch) == STEP and rule.keyed:
            job.cursor = {"after": str(batch[-1].pk)}
            return False
        row.state = "published"
        row.save(update_fields=["state"])
        workspace.bump("security_version")
        return True
