"""Renewing what records are found by, after the attributes that count for it changed (PLT-41, PLT-45.1)."""

from __future__ import annotations

import uuid

from crm_core.metadata import registry, workspace
from crm_core.metadata.searching import search_text
from crm_core.records import jobs
from crm_core.records.models import Job
from crm_core.security.actor import Actor

STEP = 500


class ReindexHandler(jobs.JobHandler):
    """Recomputes `search_text` of 500 rows a step; no version, audit entry or event: nobody decided anything."""

    kind = "reindex"

    def step(self, job: Job, actor: Actor) -> bool:
        entity = registry.get(job.object or "")
        rows = entity.model.objects.order_by("pk").select_for_update(of=("self",))
        if entity.discriminator:
            rows = rows.filter(object=entity.discriminator)
        if after := job.cursor.get("after"):
            rows = rows.filter(pk__gt=uuid.UUID(after))
        batch = list(rows[:STEP])
        changed = []
        for record in batch:
            text = search_text(entity, record, workspace.current().country)
            if text != record.search_text:
                record.search_text = text
                changed.append(record)
        entity.model.objects.bulk_update(changed, ["search_text"])
        job.done += len(batch)
        if batch:
            job.cursor = {"after": str(batch[-1].pk)}
        return len(batch) < STEP


def reindex(object_name: str, actor: Actor) -> Job:
    """Start renewing the search texts of an object; up to 500 rows are done at once, more by a job."""
    entity = registry.get(object_name)
    rows = entity.model.objects.all()
    total = (rows.filter(object=entity.discriminator) if entity.discriminator else rows).count()
    job = jobs.create_job(
        "reindex", str(entity.label_plural), actor, object_name=object_name, params={}, total=total
    )
    if total < STEP:
        return jobs.run_inline(job, actor.acting(actor.source, job.pk))
    jobs.wake_job(job)
    return job


def register() -> None:
    jobs.register(ReindexHandler())
