"""Numbering the records that were there before their automatic number was (PLT-16): oldest first, in the background."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from crm_core.metadata import registry, workspace
from crm_core.metadata.customization import publishing
from crm_core.metadata.searching import search_text
from crm_core.metadata.types import storage
from crm_core.records import jobs
from crm_core.records.models import Job, UniqueValue
from crm_core.records.service import numbering, saving
from crm_core.security.actor import Actor, system_actor

STEP = 500


class NumberingHandler(jobs.JobHandler):
    """Numbers 500 records a step; no version, audit entry or event: nobody decided anything."""

    kind = "number_existing"

    def step(self, job: Job, actor: Actor) -> bool:
        entity = registry.current().entities.get(job.object or "")
        attribute = entity.attributes.get(job.params["attribute"]) if entity else None
        if entity is None or attribute is None or attribute.numbering is None:
            return True  # taken back meanwhile
        rows = entity.model.objects.filter(~Q(custom__has_key=attribute.name))
        if entity.discriminator:
            rows = rows.filter(object=entity.discriminator)
        batch = list(rows.order_by("created_at", "pk").select_for_update(of=("self",))[:STEP])
        country = workspace.current().country
        for record, text in zip(batch, numbering.take(entity, attribute, len(batch)), strict=True):
            storage.assign(attribute, record, text)
            record.search_text = search_text(entity, record, country)
        UniqueValue.objects.bulk_create([
            UniqueValue(object=entity.name, attribute=attribute.name, record_id=r.pk,
                        value=saving.unique_text(attribute, r.custom[attribute.name]))
            for r in batch if r.deleted_at is None  # the others' values come back with them
        ])  # fmt: skip
        entity.model.objects.bulk_update(batch, ["custom", "search_text"])
        job.done += len(batch)
        job.total = max(job.total, job.done)
        return len(batch) < STEP


def start_new(old: dict[str, Any], new: dict[str, Any]) -> None:
    """After a publication: number the records of every object that got an automatic number."""
    before = {(o, a["name"]) for o, rows in old.get("attributes", {}).items() for a in rows}
    for object_name, rows in new.get("attributes", {}).items():
        for row in rows:
            if row["type"] != "auto" or (object_name, row["name"]) in before:
                continue
            entity = registry.get(object_name)
            found = entity.model.objects.filter(~Q(custom__has_key=row["name"]))
            if entity.discriminator:
                found = found.filter(object=entity.discriminator)
            if total := found.count():
                job = jobs.create_job(
                    NumberingHandler.kind, f"{entity.label_plural}: {row['label']}", system_actor("job"),
                    object_name=object_name, params={"attribute": row["name"]}, total=total,
                )  # fmt: skip
                jobs.wake_job(job)


def register() -> None:
    """Called once when the app is ready."""
    jobs.register(NumberingHandler())
    publishing.register_after_publish(start_new)
