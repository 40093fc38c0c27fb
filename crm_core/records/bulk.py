"""Bulk edit, assign, delete and actions over a selection, as a job with progress, failures and undo (CUS-12, CUS-16.4)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError, Forbidden, Malformed
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import cascade_jobs, jobs, notices, undo
from crm_core.records.models import Job
from crm_core.records.query.query import Query
from crm_core.records.service.actions import actions_of, run_action
from crm_core.records.service.assigning import assign, followers
from crm_core.records.service.parsing import parse_values
from crm_core.records.service.writing import update
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.models import Principal

OPERATIONS = {"edit": "write", "assign": "assign", "delete": "delete", "action": "write"}
INLINE_LIMIT = 100
MAX_ROWS = 10_000
STEP = 100


def _privilege(entity: Entity, request: Mapping[str, Any]) -> str:
    operation = request.get("operation")
    if operation not in OPERATIONS:
        raise Malformed(
            "bulk.unknown_operation", "Operations are edit, assign, delete and action.", field="operation"
        )
    if operation == "action":
        action = actions_of(entity).get(str(request.get("action")))
        if action is None or action.scope != "record":
            raise Malformed("action.unknown", "There is no such action.", field="action")
        return action.privilege
    return OPERATIONS[operation]


def selection(entity: Entity, request: Mapping[str, Any], actor: Actor, privilege: str = "read") -> Query:
    """The query of the selected records: by ids, or by filter and search text."""
    query = Query(entity, actor, privilege=privilege)
    ids = request.get("ids")
    if ids is not None:
        if not isinstance(ids, list) or len(ids) > MAX_ROWS or None in (parsed := [as_uuid(i) for i in ids]):
            raise Malformed("bulk.ids", f"A list of at most {MAX_ROWS} ids is needed.", field="ids")
        from django.db.models import Q

        return query.where(Q(pk__in=parsed))
    if not request.get("filter") and not request.get("q") and not request.get("all"):
        raise Malformed("bulk.nothing_selected", "Give ids, a filter, or all.", field="ids")
    return query.filter(request.get("filter")).search(request.get("q"))


def preview(entity: Entity, request: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """How many are selected, how many the actor may treat, and why the others are skipped."""
    privilege = _privilege(entity, request)
    selected = selection(entity, request, actor).rows_.order_by().count()
    allowed = (
        selection(entity, request, actor, privilege).rows_.order_by().count()
        if actor.depth(entity, privilege)
        else 0
    )
    reasons = [{"code": "privilege.missing", "count": selected - allowed}] if selected > allowed else []
    return {"selected": selected, "allowed": allowed, "skipped": selected - allowed, "reasons": reasons}


@transaction.atomic
def start(entity: Entity, request: Mapping[str, Any], actor: Actor) -> Job:
    """Start a bulk operation; up to 100 records are treated at once, more by a job.

    Raises Forbidden without the capability or privilege, Malformed for an unusable request, ValidationFailed for wrong values.
    """
    privilege = _privilege(entity, request)
    access.require(entity, actor, privilege)
    ids = selection(entity, request, actor).ids(MAX_ROWS + 1)
    if len(ids) > INLINE_LIMIT and not actor.can("bulk"):
        raise Forbidden(
            "privilege.missing",
            "You may not treat more than 100 records at once.",
            details={"privilege": "bulk"},
        )
    if len(ids) > MAX_ROWS:
        raise Malformed("bulk.too_many", f"At most {MAX_ROWS} records at once.", field="filter")
    values = request.get("values") or {}
    if request["operation"] == "edit":
        if not isinstance(values, Mapping) or not values:
            raise Malformed("bulk.no_values", "Say what to change.", field="values")
        parse_values(entity, values, actor, creating=False)
    params = {"operation": request["operation"], "ids": [str(i) for i in ids], "values": values, "action": request.get("action"),
              "owner": request.get("owner"), "source": actor.source}  # fmt: skip
    label = f"{request['operation']}:{entity.name}"
    job = jobs.create_job("bulk", label, actor, object_name=entity.name, params=params, total=len(ids))
    if len(ids) <= INLINE_LIMIT:
        return jobs.run_inline(job, actor.acting(actor.source, job.pk))
    jobs.wake_job(job)
    return job


def details(found: Iterable[Job]) -> dict[uuid.UUID, list[str]]:
    """What mass changes were about, by job, for whoever looks for them later: labels of the fields they set, or the new
    owner's name; one statement for all of them."""
    entities, told = registry.current().entities, {}
    owners: dict[uuid.UUID, uuid.UUID] = {}
    for job in found:
        entity = entities.get(job.object or "")
        if job.kind != "bulk" or entity is None:
            continue
        if job.params.get("operation") == "assign" and (owner := as_uuid(job.params.get("owner"))):
            owners[job.pk] = owner
        else:
            values = job.params.get("values") or {}
            told[job.pk] = [str(a.label) for name, a in entity.attributes.items() if name in values]
    names = (
        dict(Principal.objects.filter(pk__in=set(owners.values())).values_list("pk", "name"))
        if owners
        else {}
    )
    return told | {job: [names[owner]] for job, owner in owners.items() if owner in names}


class BulkHandler(jobs.JobHandler):
    """Treats 100 records a step, each in a savepoint of its own."""

    kind = "bulk"
    can_undo = True

    def step(self, job: Job, actor: Actor) -> bool:
        entity = registry.get(job.object or "")
        start_at = job.cursor.get("index", 0)
        ids = [uuid.UUID(i) for i in job.params["ids"][start_at : start_at + STEP]]
        failures = []
        followed = job.result.get("followed", 0)
        for record_id in ids:
            try:
                with transaction.atomic():
                    followed += self._treat(entity, record_id, job, actor)
            except CrmError as error:
                failures.append((record_id, _name(entity, record_id), error))
        jobs.note_failures(job, failures)
        job.cursor = {"index": start_at + len(ids)}
        job.done = start_at + len(ids)
        job.result = {
            "succeeded": job.done - job.failed,
            "failed": job.failed,
            **({"followed": followed} if followed else {}),
        }
        return job.done >= len(job.params["ids"])

    def _treat(self, entity: Entity, record_id: uuid.UUID, job: Job, actor: Actor) -> int:
        """Treat one record; returns how many others followed it at once."""
        operation = job.params["operation"]
        if operation == "edit":
            update(entity, record_id, job.params["values"], actor)
        elif operation == "assign":
            return followers(assign(entity, record_id, job.params["owner"], actor))
        elif operation == "delete":
            cascade_jobs.delete_or_start(entity, record_id, actor)
        else:
            run_action(entity, job.params["action"], record_id, job.params["values"], actor)
        return 0

    def finished(self, job: Job, actor: Actor) -> None:
        owner = job.params.get("owner")
        if job.params["operation"] == "assign" and (
            owner_id := as_uuid(owner["id"] if isinstance(owner, dict) else owner)
        ):
            notices.note_assigned(job, owner_id, job.result["succeeded"] + job.result.get("followed", 0))

    def undo_step(self, job: Job, actor: Actor) -> bool:
        return undo.undo_step(job, actor)


def _name(entity: Entity, record_id: uuid.UUID) -> str:
    return (
        entity.model.objects.filter(pk=record_id)
        .values_list(entity.primary_attribute.column, flat=True)
        .first()
        or ""
    )


def register() -> None:
    jobs.register(BulkHandler())
