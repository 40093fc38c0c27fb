"""Roll-ups (PLT-3): count, sum, smallest, largest and average over the records that refer to one; kept, and renewed by a job.

Nobody decided anything when a roll-up changes: no version, audit entry or event. Only the changed keys of `custom` are
written, so that somebody who edits the record meanwhile loses nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Avg, Count, Max, Min, OuterRef, QuerySet, Subquery, Sum, Value
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.customization.roll_up_definitions import ROLL_UP, of_nothing, personal_operator, stamp
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import CrmError, Invalid, NotFound
from crm_core.records import jobs
from crm_core.records.models import Job, RollUpState
from crm_core.records.query import Query
from crm_core.records.query.filters import compile_filter, referring_rows
from crm_core.records.query.measuring import measured
from crm_core.security import access
from crm_core.security.actor import Actor, system_actor

STEP = 500
KIND = "roll_up"
_FUNCTIONS = {"count": Count, "sum": Sum, "min": Min, "max": Max, "avg": Avg}
_UNFINISHED = ("queued", "running")


def key_of(entity: Entity, attribute: Attribute) -> str:
    """The row of `RollUpState` of an attribute."""
    return f"{entity.name}.{attribute.name}"


# computing -----------------------------------------------------------------------------------------------------------
def values_of(entity: Entity, attribute: Attribute, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """What the roll-up is now for each of these records, in stored form.

    Everything counts that is not in the recycle bin, whoever may see it: the value is the workspace's, not a person's.
    Raises Malformed when the filter names what is gone.
    """
    rows = entity.model._default_manager.filter(pk__in=ids).order_by()
    rows = rows.annotate(_rolled=_aggregated(entity, attribute)).values_list("pk", "_rolled")
    return {pk: _stored(attribute, value) for pk, value in rows}


def _aggregated(entity: Entity, attribute: Attribute) -> Subquery:
    roll_up = attribute.roll_up
    if roll_up is None:
        raise ValueError(f"{attribute.name} is no roll-up")
    child = registry.get(roll_up.object)
    actor = system_actor()
    rows: QuerySet = referring_rows(child, child.attribute(roll_up.link), entity.name, OuterRef("pk"), None)
    condition, aliases = compile_filter(child, roll_up.filter, actor, within=None)
    rows = rows.alias(**aliases).filter(condition) if condition or aliases else rows
    of_child = None if roll_up.measure is None else child.attribute(roll_up.measure)
    value = _FUNCTIONS[roll_up.function]("pk" if of_child is None else measured(child, of_child, actor)[1])
    return Subquery(
        rows.order_by().annotate(_all=Value(1)).values("_all").annotate(_value=value).values("_value")
    )


def _stored(attribute: Attribute, value: Any) -> Any:
    if value is None:
        return of_nothing(attribute)
    if attribute.type.name in ("int", "duration"):
        value = int(value)
    elif isinstance(value, float):
        value = Decimal(repr(value))
    try:
        return attribute.type.encode(attribute, attribute.type.parse(attribute, value))
    except Invalid:
        return None  # beyond what a field of this type can hold


def _write(entity: Entity, patches: dict[uuid.UUID, dict[str, Any]]) -> None:
    """Set and remove keys of `custom`; None removes."""
    if not patches:
        return
    table = connection.ops.quote_name(entity.model._meta.db_table)
    rows = [
        {"id": str(pk), "patch": {k: v for k, v in patch.items() if v is not None}, "gone": [k for k, v in patch.items() if v is None]}
        for pk, patch in patches.items()
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS target SET custom = (target.custom - ARRAY(SELECT jsonb_array_elements_text(data.gone)))"  # noqa: S608
            " || data.patch FROM jsonb_to_recordset(%s::jsonb) AS data(id uuid, patch jsonb, gone jsonb)"
            " WHERE target.id = data.id",
            [json.dumps(rows)],
        )


def renew(entity: Entity, attribute: Attribute, ids: Sequence[uuid.UUID]) -> int:
    """Compute the roll-up of these records and write those that changed; returns how many did."""
    found = values_of(entity, attribute, ids)
    current = dict(
        entity.model._default_manager.filter(pk__in=ids).values_list("pk", f"custom__{attribute.name}")
    )
    patches = {pk: {attribute.name: value} for pk, value in found.items() if current.get(pk) != value}
    _write(entity, patches)
    return len(patches)


# on demand -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def renew_one(entity: Entity, record_id: uuid.UUID, name: str, actor: Actor) -> dict[str, Any]:
    """Compute one roll-up of one record now; its new value and the moment it is of.

    Raises NotFound when the record may not be read or the attribute is no roll-up, Forbidden when it is masked.
    """
    attribute = entity.attributes.get(name)
    if attribute is None or attribute.roll_up is None:
        raise NotFound("attribute.no_roll_up", "There is no such roll-up.")
    query = Query(entity, actor)
    query.one(record_id, [entity.primary])
    access.require_readable(entity, attribute, actor)
    now = timezone.now()
    value = values_of(entity, attribute, [record_id])[record_id]
    _write(entity, {record_id: {name: value, stamp(name): now.isoformat()}})
    row = query.one(record_id, [name, stamp(name)])
    return {"name": name, "value": row[name], "as_of": row[stamp(name)], "version": row["version"]}


# the job -------------------------------------------------------------------------------------------------------------
class RollUpHandler(jobs.JobHandler):
    """Renews 500 records of one roll-up a step, roll-up after roll-up; `cursor` says where it is."""

    kind = KIND

    def step(self, job: Job, actor: Actor) -> bool:
        names: list[str] = job.params["roll_ups"]
        at = job.cursor.get("at", 0)
        if at >= len(names):
            return True
        started = job.cursor.get("started") or timezone.now().isoformat()
        after = job.cursor.get("after")
        finished = True
        found = find(names[at])
        if found is not None:
            try:
                finished, after = self._batch(job, *found, after)
            except CrmError as error:
                jobs.note_failures(job, [(None, names[at], error)])
            else:
                if finished:
                    _stamp_all(names[at], dt.datetime.fromisoformat(started))
        job.cursor = {"at": at + 1} if finished else {"at": at, "after": after, "started": started}
        return finished and at + 1 >= len(names)

    def _batch(
        self, job: Job, entity: Entity, attribute: Attribute, after: str | None
    ) -> tuple[bool, str | None]:
        rows = entity.model._default_manager.order_by("pk")
        if entity.discriminator:
            rows = rows.filter(object=entity.discriminator)
        if after:
            rows = rows.filter(pk__gt=uuid.UUID(after))
        ids = list(rows.values_list("pk", flat=True)[:STEP])
        renew(entity, attribute, ids)
        job.done += len(ids)
        job.total = max(job.total, job.done)
        return len(ids) < STEP, str(ids[-1]) if ids else after


def _stamp_all(key: str, started: dt.datetime) -> None:
    RollUpState.objects.update_or_create(key=key, defaults={"renewed_at": started})


def find(key: str) -> tuple[Entity, Attribute] | None:
    """The object and attribute of a key; None when they are gone."""
    object_name, _dot, name = key.partition(".")
    entity = registry.current().entities.get(object_name)
    attribute = entity.attributes.get(name) if entity else None
    return (entity, attribute) if entity and attribute and attribute.roll_up else None


def every() -> list[str]:
    """Keys of all roll-ups of the workspace; those that others are made of come first."""
    found = {
        key_of(e, a): {f"{o}.{n}" for o, n in a.sources}
        for e in registry.all()
        for a in e.custom_attributes
        if a.roll_up is not None
    }
    return sorted(found, key=lambda key: (len(found[key] & set(found)), key))


def start(keys: Sequence[str]) -> Job | None:
    """Renew these roll-ups in the background; None when there is none or a job for the same ones still runs."""
    if not keys:
        return None
    own = Job.objects.filter(kind=KIND, created_by=None)
    if own.filter(state__in=_UNFINISHED, params={"roll_ups": list(keys)}).exists():
        return None
    # one remains to be seen, not one for every hour
    own.filter(state="succeeded", params={"roll_ups": list(keys)}).delete()
    job = jobs.create_job(KIND, "Roll-ups", system_actor("job"), params={"roll_ups": list(keys)})
    jobs.wake_job(job)
    return job


def start_changed(old: dict[str, Any], new: dict[str, Any]) -> None:
    """After a publication: renew the roll-ups that are new or defined otherwise."""
    before = {(o, a["name"]): a for o, rows in old.get("attributes", {}).items() for a in rows}
    changed = {
        f"{o}.{a['name']}"
        for o, rows in new.get("attributes", {}).items()
        for a in rows
        if a["type"] == ROLL_UP and before.get((o, a["name"])) != a
    }
    start([key for key in every() if key in changed])


def check(entity: Entity, definition: dict[str, Any]) -> None:
    """Whether the filter works for the workspace as a whole. Raises Invalid with field `filter`."""
    child = registry.get(definition["object"])
    tree = definition.get("filter")
    try:
        compile_filter(child, tree, system_actor(), within=None)
    except CrmError as error:
        raise Invalid(error.code, error.message, field="filter", details={"at": error.field}) from None
    if personal := personal_operator(tree):
        raise Invalid(
            "roll_up.personal_filter", f"“{personal}” means somebody else for everyone.", field="filter"
        )


def register() -> None:
    """Called once when the app is ready."""
    jobs.register(RollUpHandler())
    publishing.register_checker(ROLL_UP, check)
    publishing.register_after_publish(start_changed)
