"""Giving everything a person or team owns to somebody else, before an account is disabled (CUS-12 Bulk, reassign all)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.db import transaction

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError, Invalid, NotFound
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import jobs, notices, undo
from crm_core.records.models import Job
from crm_core.records.query.filters import base_rows
from crm_core.records.service.assigning import assign, followers, require_capable_owner
from crm_core.security.actor import Actor
from crm_core.security.models import Principal
from crm_core.security.services.people import owned_counts

STEP = 100
INLINE_LIMIT = 200


@transaction.atomic
def reassign_all(owner_id: uuid.UUID, new_owner: Any, actor: Actor) -> Job:
    """Start giving all live records of a user or team to `new_owner` (id or reference); up to 200 at once, more by a job.

    Raises Forbidden without manage_users, NotFound, Invalid for a new owner who is unknown, the same or not active.
    """
    actor.require("manage_users")
    principal = Principal.objects.filter(pk=owner_id).first()
    if principal is None:
        raise NotFound()
    target_id = as_uuid(new_owner.get("id") if isinstance(new_owner, dict) else new_owner)
    target = Principal.objects.filter(pk=target_id).first() if target_id else None
    if target is None:
        raise Invalid("lookup.does_not_exist", "There is no such user or team.", field="owner")
    if target.pk == principal.pk:
        raise Invalid("assign.same_owner", "Choose somebody else.", field="owner")
    if not target.is_active:
        raise Invalid("assign.owner_lacks_privilege", "The new owner is not active.", field="owner")
    total = sum(owned_counts(owner_id).values())
    params = {"from": str(principal.pk), "owner": str(target.pk), "source": actor.source}
    label = f"{principal.name} → {target.name}"
    job = jobs.create_job("reassign", label, actor, params=params, total=total)
    if total <= INLINE_LIMIT:
        return jobs.run_inline(job, actor.acting(actor.source, job.pk))
    jobs.wake_job(job)
    return job


def refused(plurals: Collection[str], new_owner_id: uuid.UUID) -> set[str]:
    """Which of these objects' records the new owner could not take over, because he may not read such (CUS-12 Who).

    Raises NotFound for somebody who does not exist.
    """
    if not Principal.objects.filter(pk=new_owner_id).exists():
        raise NotFound()
    found = set()
    for plural in plurals:
        try:
            require_capable_owner(registry.by_plural(plural), new_owner_id)
        except Invalid:
            found.add(plural)
    return found


class ReassignHandler(jobs.JobHandler):
    """Treats 100 records a step, object after object; records the new owner may not read stay and are listed."""

    kind = "reassign"
    can_undo = True

    def step(self, job: Job, actor: Actor) -> bool:
        if not actor.can("manage_users"):
            raise Conflict("job.actor_gone", "The person who started this may not manage users any more.")
        # who manages users gives away what others own, whatever he may do with those records himself
        managing = replace(actor, is_administrator=True)
        entities = sorted((e for e in registry.all() if e.has_owner), key=lambda e: e.name)
        room, cursor, followed = STEP, dict(job.cursor), job.result.get("followed", 0)
        failures: list[tuple[uuid.UUID, str, CrmError]] = []
        for index in range(cursor.get("object", 0), len(entities)):
            entity = entities[index]
            ids = self._next(entity, job, cursor.get("after"), room)
            for record_id in ids:
                try:
                    with transaction.atomic():
                        followed += followers(assign(entity, record_id, job.params["owner"], managing))
                except CrmError as error:
                    failures.append((record_id, str(entity.label), error))
            job.done += len(ids)
            room -= len(ids)
            if room <= 0:
                cursor = {"object": index, "after": str(ids[-1])}
                break
            cursor = {"object": index + 1}
        jobs.note_failures(job, failures)
        job.cursor = cursor
        job.result = {
            "succeeded": job.done - job.failed,
            "failed": job.failed,
            **({"followed": followed} if followed else {}),
        }
        if room > 0:
            job.total = job.done  # what followed its parent was not treated once more
        return room > 0

    def _next(self, entity: Entity, job: Job, after: str | None, room: int) -> list[uuid.UUID]:
        rows = base_rows(entity, None).filter(owner_id=job.params["from"]).order_by("pk")
        if after:
            rows = rows.filter(pk__gt=uuid.UUID(after))
        return list(rows.values_list("pk", flat=True)[:room])

    def finished(self, job: Job, actor: Actor) -> None:
        notices.note_assigned(
            job, uuid.UUID(job.params["owner"]), job.result["succeeded"] + job.result.get("followed", 0)
        )

    def undo_step(self, job: Job, actor: Actor) -> bool:
        return undo.undo_step(job, replace(actor, is_administrator=True))


def register() -> None:
    jobs.register(ReassignHandler())
