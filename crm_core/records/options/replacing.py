"""Rewriting records whose option was deleted (PLT-4): by a job with audit and undo, until no record holds it any more.

A few records are rewritten in the publishing transaction itself. Somebody who was saving at that very moment may still
store the option that goes; a sweep looks again for a while afterwards and writes under the same job.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.customization import option_removal, publishing
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict
from crm_core.records import duplicates, jobs, undo
from crm_core.records.change import Change
from crm_core.records.models import Job
from crm_core.records.options.holding import counted, rows_holding
from crm_core.records.service import saving
from crm_core.security.actor import Actor, actor_for, system_actor

KIND = "replace_options"
STEP = 200
INLINE_LIMIT = 100
LOOKED_AFTER = timedelta(days=1)


class ReplacingHandler(jobs.JobHandler):
    """Rewrites 200 records a step, field after field."""

    kind = KIND
    can_undo = True

    def step(self, job: Job, actor: Actor) -> bool:
        rewritten = rewrite(job, actor, STEP)
        job.done += rewritten
        job.total = max(job.total, job.done)
        job.result = {"succeeded": job.done, "failed": 0}
        return rewritten < STEP

    def check_undo(self, job: Job) -> None:
        """Only options that are there again can be given back. Raises Conflict `option.gone`."""
        for entity, attribute in _fields(job):
            if gone := set(_mapping(job)) - set(attribute.option_by_value):
                labels = [str(o.label) for o in attribute.former_options if o.value in gone]
                named = ", ".join(labels) or job.label
                raise Conflict(
                    "option.gone",
                    f"{entity.label} has no {named} any more: roll back the change of the options first.",
                )

    def undo_step(self, job: Job, actor: Actor) -> bool:
        return undo.undo_step(job, actor)


def rewrite(job: Job, actor: Actor, limit: int) -> int:
    """Rewrite at most `limit` records that hold an option this job replaces; returns how many."""
    rewritten = 0
    for entity, attribute in _fields(job):
        mapping = {old: new for old, new in _mapping(job).items() if old not in attribute.option_by_value}
        if not mapping or rewritten >= limit:
            continue
        rows = rows_holding(entity, attribute, mapping).order_by("pk")
        for record in rows.select_for_update(of=("self",))[: limit - rewritten]:
            _rewrite(entity, attribute, record, mapping, actor)
            rewritten += 1
    return rewritten


def _rewrite(
    entity: Entity, attribute: Attribute, record: Any, mapping: dict[int, int | None], actor: Actor
) -> None:
    """No rule looks at it: it is the list that changed, and nobody can be asked."""
    change = Change(entity, actor, record, operation="update")
    held = change.get(attribute.name)
    if isinstance(held, list):
        kept = {mapping.get(value, value) for value in held}
        change.set(attribute.name, sorted(v for v in kept if v is not None) or None)
    else:
        change.set(attribute.name, mapping.get(held, held))
    saving.update(change, "update", "updated")
    if record.deleted_at is None:
        duplicates.sync(change)


def _fields(job: Job) -> list[tuple[Entity, Attribute]]:
    entities = registry.current().entities
    named = [(entities.get(o), a) for o, a in job.params["fields"]]
    return [(e, e.attributes[a]) for e, a in named if e is not None and a in e.attributes]


def _mapping(job: Job) -> dict[int, int | None]:
    return {int(old): new for old, new in job.params["replacements"].items()}


def start(removal: option_removal.Removal, by: uuid.UUID | None) -> None:
    """After a publication that deleted options: give the records that hold them what takes their place."""
    person = actor_for(by, "job") if by else None
    job = jobs.create_job(
        KIND, f"{removal.label}: {', '.join(g.label for g in removal.gone)}", person or system_actor("job"),
        object_name=removal.fields[0][0] if removal.fields else removal.object, total=sum(removal.records().values()),
        params={"list": removal.key, "fields": [list(f) for f in removal.fields],
                "replacements": {str(g.value): g.replacement for g in removal.gone}},
    )  # fmt: skip
    if job.total <= INLINE_LIMIT:
        jobs.run_inline(job, (person or system_actor("job")).acting("job", job.pk))
    else:
        jobs.wake_job(job)


def look_again() -> None:
    """Rewrite what was stored while options were being deleted; for the sweep."""
    recent = Job.objects.filter(
        kind=KIND, state__in=("succeeded", "failed"), created_at__gt=timezone.now() - LOOKED_AFTER
    )
    for job in recent.select_for_update(of=("self",), skip_locked=True):
        job.done += (late := rewrite(job, system_actor("job").acting("job", job.pk), STEP))
        if late:
            job.total = max(job.total, job.done)
            job.result = {"succeeded": job.done, "failed": 0}
            job.save(update_fields=["done", "total", "result"])


def register() -> None:
    """Called once when the app is ready."""
    jobs.register(ReplacingHandler())
    option_removal.register_holders(counted)
    publishing.register_after_removal(start)
