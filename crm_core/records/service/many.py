"""Writing many records at once: one statement per table, a result per row. Used by imports, bulk jobs and batches."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.base import ModelState
from django.utils import timezone

from crm_core.metadata import workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import CrmError, Invalid
from crm_core.metadata.record import new_id
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import duplicates, erased
from crm_core.records.change import Change
from crm_core.records.models import AuditEntry, OutboxEvent, RecordLink, UniqueValue
from crm_core.records.rules import run_rules
from crm_core.records.service import inheriting, numbering, saving
from crm_core.records.service.copying import copy_in, copy_rows
from crm_core.records.service.deleting import delete
from crm_core.records.service.parsing import SPECIAL, parse_values, refusal, resolve_references
from crm_core.records.service.writing import check_reason, new_change, prepare_create, update
from crm_core.security import access
from crm_core.security.actor import Actor, system_actor
from crm_core.security.models import Principal

BATCH = 500
MAX_EVENT_IDS = 1000


@dataclass
class RowResult:
    """What became of one row: the record's id, or the refusal."""

    id: uuid.UUID | None = None
    error: CrmError | None = None
    version: int = 0


@transaction.atomic
def create_many(
    entity: Entity,
    rows: Sequence[Mapping[str, Any]],
    actor: Actor,
    *,
    privileged: frozenset[str] = frozenset(),
    import_id: uuid.UUID | None = None,
    sample: bool = False,
    dry_run: bool = False,
) -> list[RowResult]:
    """Create many records from JSON values; a wrong row is reported and does not keep the others from being created.

    Rows may carry `id`, and with the name in `privileged` also `state`, `status_reason`, `created_at` and read-only
    attributes (imports bring closed records). Values already in stored form are accepted.
    With `dry_run` nothing is inserted; rules that write are for the caller to roll back.
    Raises Forbidden without the create privilege.
    """
    access.require(entity, actor, "create")
    results = [RowResult() for _ in rows]
    parsed = [_parsed(entity, row, actor, privileged, results[i]) for i, row in enumerate(rows)]
    errors = resolve_references([p or {} for p in parsed], actor, child=entity)
    money = saving.currencies()
    units = {p.pk: p for p in Principal.objects.select_related(None)}
    blank = _blank_records(entity)
    country = workspace.current().country
    changes: list[tuple[int, Change]] = []
    for index, (row, values) in enumerate(zip(rows, parsed, strict=True)):
        if values is None:
            continue
        try:
            if errors[index]:
                raise refusal(errors[index])
            change = _prepared(entity, actor, row, values, privileged, blank(), money, units, country)
            change.record.import_id = import_id
            change.record.is_sample = sample
            changes.append((index, change))
        except CrmError as error:
            results[index].error = error
    back = erased.refusals(entity, [change for _index, change in changes])
    for place, refused in back.items():
        results[changes[place][0]].error = refused
    changes = [each for place, each in enumerate(changes) if place not in back]
    if not dry_run:
        numbering.assign(entity, [change for _index, change in changes])
        saving.start_roll_ups(change for _index, change in changes)
    for start in range(0, 0 if dry_run else len(changes), BATCH):
        _insert(entity, changes[start : start + BATCH], results, actor)
    return results


def _parsed(
    entity: Entity, row: Mapping[str, Any], actor: Actor, privileged: frozenset[str], result: RowResult
) -> dict[Attribute, Any] | None:
    try:
        return parse_values(
            entity,
            row,
            actor,
            creating=True,
            defaults=False,
            carried=SPECIAL,
            privileged=privileged - {"created_at"} if "created_at" in privileged else privileged,
        )
    except CrmError as error:
        result.error = error
        return None


def _blank_records(entity: Entity) -> Callable[[], Any]:
    """A maker of new records with all defaults in place; copying one is far cheaper than building each anew."""
    model = entity.model
    pattern = new_change(entity, system_actor()).record.__dict__
    fresh = [
        f.attname for f in model._meta.concrete_fields if isinstance(pattern.get(f.attname), (dict, list))
    ]
    key = model._meta.pk.attname

    def blank() -> Any:
        record = model.__new__(model)
        record.__dict__.update(pattern)
        record._state = ModelState()
        for name in fresh:
            setattr(record, name, copy(pattern[name]))
        setattr(record, key, new_id())
        return record

    return blank


def _prepared(
    entity: Entity, actor: Actor, row: Mapping[str, Any], values: dict[Attribute, Any], privileged: frozenset[str],
    record: Any, money: dict, units: dict, country: str,
) -> Change:  # fmt: skip
    change = Change(entity, actor, record, operation="create")
    if row.get("id") is not None:
        record.pk = as_uuid(row["id"])
        if record.pk is None:
            raise Invalid("value.not_an_id", "The id is no UUID.", field="id")
    change.options["created_at"] = row.get("created_at") if "created_at" in privileged else None
    for attribute, value in values.items():
        change.set(attribute.name, value)
    reasons = (
        {r.value for r in entity.state(record.state).reasons} if entity.states else {record.status_reason}
    )
    if record.status_reason not in reasons:
        if any(a.name == "status_reason" for a in values):
            check_reason(change)
        record.status_reason = entity.state(record.state).default_reason
    if row.get("source_system") and "source_system" in privileged:
        record.source_system = row["source_system"]
    prepare_create(change, money, units, country)
    now = timezone.now()
    record.created_at = change.options["created_at"] or now
    record.modified_at = now
    record.created_by_id = record.modified_by_id = actor.user_id
    return change


def _insert(entity: Entity, batch: list[tuple[int, Change]], results: list[RowResult], actor: Actor) -> None:
    """Insert a batch; when a constraint refuses it, row by row, so that only the guilty row fails."""
    changes = [change for _index, change in batch]
    try:
        with transaction.atomic():
            copy_in([c.record for c in changes])
            _leave_traces(entity, changes, actor)
    except (IntegrityError, CrmError) as error:
        if len(batch) == 1:
            index = batch[0][0]
            results[index].error = error if isinstance(error, CrmError) else saving.integrity_conflict(error)
            return
        for each in batch:
            _insert(entity, [each], results, actor)
        return
    for index, change in batch:
        results[index].id = change.record.pk
        results[index].version = change.record.version


def _leave_traces(entity: Entity, changes: list[Change], actor: Actor) -> None:
    RecordLink.objects.bulk_create([link for c in changes for link in saving.link_rows(c)])
    if len(changes) > 1:
        UniqueValue.objects.bulk_create([value for c in changes for value in saving.unique_rows(c)])
    else:
        saving.sync_unique_values(changes[0])
    duplicates.add_many(entity, [c.record for c in changes])
    inheriting.created(entity, changes)
    copy_rows(AuditEntry, [{"id": new_id(), **saving.audit_row(c, "create")} for c in changes])
    OutboxEvent(
        topic=f"{entity.name}.created", object=entity.name,
        payload={"ids": [str(c.record.pk) for c in changes][:MAX_EVENT_IDS], "actor": str(actor.user_id or ""), "source": actor.source},
    ).save(force_insert=True)  # fmt: skip
    if any("after_create" in rule.on for rule in entity.rules):
        for change in changes:
            run_rules(change, "after_create")


def update_many(
    entity: Entity,
    rows: Sequence[tuple[uuid.UUID, Mapping[str, Any]]],
    actor: Actor,
    *,
    privileged: frozenset[str] = frozenset(),
    versions: Mapping[uuid.UUID, int] | None = None,
) -> list[RowResult]:
    """Update many records, each in its own savepoint: a refused row is reported and the others are written."""
    return _each(
        rows, lambda i, v: update(entity, i, v, actor, privileged=privileged, version=(versions or {}).get(i))
    )


def delete_many(entity: Entity, ids: Sequence[uuid.UUID], actor: Actor) -> list[RowResult]:
    """Move many records to the recycle bin; the actor's job id is their common deletion."""
    return _each([(i, {}) for i in ids], lambda i, _v: delete(entity, i, actor))


def _each(rows: Sequence[tuple[uuid.UUID, Mapping[str, Any]]], write: Any) -> list[RowResult]:
    results = []
    for record_id, values in rows:
        result = RowResult(id=record_id)
        try:
            with transaction.atomic():
                written = write(record_id, values)
                result.version = getattr(written, "version", 0)
        except CrmError as error:
            result.error = error
        results.append(result)
    return results
