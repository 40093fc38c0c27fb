"""The job that computes the match codes of a rule being published (CUS-10.6)."""

from __future__ import annotations

import uuid

from crm_core.metadata import registry, workspace
from crm_core.records import jobs
from crm_core.records.duplicates import codes, publishing, rules
from crm_core.records.models import DuplicateRule, Job
from crm_core.security.actor import Actor

STEP = 2000


class PublishingHandler(jobs.JobHandler):
    """Computes the codes of 2,000 records a step."""

    kind = publishing.KIND

    def step(self, job: Job, actor: Actor) -> bool:
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
