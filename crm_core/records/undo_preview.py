"""What undoing a job would do, and which of its records somebody changed since: asked before anything happens."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.records.models import AuditEntry, Job
from crm_core.records.query.selecting import names_of
from crm_core.records.undo import OF_LISTS, OF_UNDOING, entries_of
from crm_core.security import access
from crm_core.security.actor import Actor

MAX_LISTED = 500


def preview(job: Job, actor: Actor) -> dict[str, Any]:
    """`{"operations": {operation: count}, "records", "conflicts": [...], "more"}`.

    A conflict is a record whose values of the job were changed again; it names what, by whom and when, and is kept
    unless its id is given to the undo.
    """
    entries = entries_of(job)
    counted = entries.order_by().values("operation").annotate(n=Count("id"))
    conflicts = _conflicts(job, actor)
    return {
        "operations": {row["operation"]: row["n"] for row in counted},
        "records": entries.order_by().values("record_id").distinct().count(),
        "conflicts": conflicts[:MAX_LISTED],
        "more": len(conflicts) > MAX_LISTED,
    }


def _conflicts(job: Job, actor: Actor) -> list[dict[str, Any]]:
    of_record = AuditEntry.objects.filter(job_id=job.pk, record_id=OuterRef("record_id"))
    written_by_job = entries_of(job).exclude(operation__in=OF_LISTS)  # members have no version of their own
    newest = of_record.exclude(operation__in=OF_UNDOING).order_by("-version").values("version")[:1]
    later = (
        AuditEntry.objects.filter(record_id__in=written_by_job.values("record_id"))
        .exclude(job_id=job.pk)
        .annotate(mine=Subquery(newest))
        .filter(Q(version__gt=F("mine")) | Q(operation="purge"))  # what is destroyed has no version any more
        .order_by("record_id", "-id")
    )
    since: dict[uuid.UUID, list[AuditEntry]] = {}
    for entry in later[: 20 * MAX_LISTED]:
        since.setdefault(entry.record_id, []).append(entry)
    written: dict[uuid.UUID, list[AuditEntry]] = {}
    for entry in written_by_job.filter(record_id__in=since):
        written.setdefault(entry.record_id, []).append(entry)
    found = [_conflict(job, written[i], entries, actor) for i, entries in since.items() if i in written]
    listed = [c for c in found if c is not None]
    for name in {c["object"] for c in listed}:
        names = names_of(name, {c["id"] for c in listed if c["object"] == name})
        for conflict in listed:
            if conflict["object"] == name:
                conflict["name"] = names.get(conflict["id"], "")
    return listed


def _conflict(
    job: Job, mine: list[AuditEntry], later: list[AuditEntry], actor: Actor
) -> dict[str, Any] | None:
    entity = registry.current().entities.get(mine[0].object)
    if entity is None or not actor.depth(entity, "read"):
        return None
    created = any(e.operation == "create" for e in mine)
    ours = {name for e in mine for name in e.changes}
    theirs = {name for e in later for name in e.changes}
    changed = theirs if created else ours & theirs
    gone = any(e.operation in ("delete", "purge") for e in later)
    if not changed and not gone and not created:
        return None  # somebody changed something else; both stand
    last = later[0]
    return {
        "object": entity.name,
        "id": str(mine[0].record_id),
        "name": "",
        "changed": _labels(entity, changed, actor),
        "deleted": gone,
        "created": created,
        "by": last.actor_name,
        "at": last.at.isoformat().replace("+00:00", "Z"),
    }


def _labels(entity: Entity, names: set[str], actor: Actor) -> list[str]:
    attributes = [a for n, a in entity.attributes.items() if n in names]
    return [
        str(a.label) for a in attributes if access.readable(entity, a, actor) and not a.name.endswith("_base")
    ]
