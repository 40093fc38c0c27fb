"""Carrying out what was planned, through the one door, and the dry run of the same (PLT-45.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from crm_core.exchange.exporting.files import MAX_SHEET_TEXT
from crm_core.exchange.models import Import
from crm_core.exchange.planned import PRIVILEGED, PlannedRow
from crm_core.exchange.staging import Outcome
from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import CrmError, ValidationFailed
from crm_core.metadata.types import storage
from crm_core.records import service
from crm_core.records.service.parsing import parse_values, refusal, resolve_references
from crm_core.security.actor import Actor


def error_dicts(error: CrmError) -> list[dict[str, Any]]:
    """Each error of a refusal with its own field."""
    if isinstance(error, ValidationFailed):
        return [{"field": e.field, "code": e.code, "message": e.message} for e in error.errors]
    return [{"field": error.field, "code": error.code, "message": error.message}]


# dry run ----------------------------------------------------------------------------------------------------------------
def check(entity: Entity, planned: Sequence[PlannedRow], import_: Import, actor: Actor) -> list[Outcome]:
    """What would become of the rows; writes no record."""
    with transaction.atomic():
        for name in {p.object for p in planned}:
            _dry_create(
                registry.get(name),
                [p for p in planned if p.action == "create" and p.object == name],
                import_,
                actor,
            )
        transaction.set_rollback(True)  # rules may have written something of their own
    _dry_update(entity, [p for p in planned if p.action == "update"], import_, actor)
    words = {"create": "new", "update": "update", "skip": "duplicate", "error": "error"}
    return [
        Outcome(
            p.number,
            words[p.action],
            p.errors,
            p.object if p.record_id else None,
            p.record_id,
            p.pending or None,
        )
        for p in planned
    ]


def _dry_create(entity: Entity, rows: Sequence[PlannedRow], import_: Import, actor: Actor) -> None:
    if not rows:
        return
    results = service.create_many(
        entity, [p.values for p in rows], actor, privileged=PRIVILEGED, import_id=import_.pk, dry_run=True
    )
    for plan, result in zip(rows, results, strict=True):
        if result.error is not None:
            _note(plan, result.error)


def _note(plan: PlannedRow, error: CrmError) -> None:
    """Add a refusal to a row; values that the run will fill in first are not missing."""
    filled = plan.expected | set(plan.pending)
    errors = [e for e in error_dicts(error) if not (e["code"] == "value.required" and e["field"] in filled)]
    if errors:
        plan.errors.extend(errors)
        plan.action = "error"


def _dry_update(entity: Entity, rows: Sequence[PlannedRow], import_: Import, actor: Actor) -> None:
    if not rows:
        return
    if import_.match["on_conflict"] == "keep":
        for plan in rows:
            _keep(plan)
        return
    parsed = []
    for plan in rows:
        try:
            parsed.append(
                parse_values(
                    entity, update_values(plan, import_, entity), actor, creating=False, privileged=PRIVILEGED
                )
            )
        except CrmError as error:
            _note(plan, error)
            parsed.append({})
    for plan, errors in zip(rows, resolve_references(parsed, actor, child=entity), strict=True):
        if errors:
            _note(plan, refusal(errors))
    _stale(entity, rows)


def _stale(entity: Entity, rows: Sequence[PlannedRow]) -> None:
    """Rows of an exported sheet whose record was changed since (412)."""
    wanted = {p.record_id: p for p in rows if p.version is not None and p.action == "update"}
    for pk, version in entity.model._default_manager.filter(pk__in=wanted).values_list("pk", "version"):
        if version != wanted[pk].version:
            wanted[pk].fail("record.version_mismatch", "Somebody else changed this record after the export.")


def _keep(plan: PlannedRow) -> None:
    plan.action = "skip"
    plan.errors.append(
        {"field": None, "code": "import.kept", "message": "The record exists and is kept as it is."}
    )


def update_values(plan: PlannedRow, import_: Import, entity: Entity) -> dict[str, Any]:
    """The values an update sends: those of the row, and emptied ones when empty cells are to clear."""
    values = {n: v for n, v in plan.values.items() if n in entity.attributes}
    match = import_.match
    if match.get("clear_empty") and match["on_conflict"] == "overwrite":
        for options in import_.mapping["columns"].values():
            name = options["attribute"]
            attribute = entity.attributes.get(name)
            if (
                attribute is not None
                and not attribute.read_only
                and name not in plan.pending
                and name not in plan.expected
            ):
                values.setdefault(name, None)
    return values


# the run ----------------------------------------------------------------------------------------------------------------
def write(entity: Entity, planned: Sequence[PlannedRow], import_: Import, actor: Actor) -> list[Outcome]:
    """Create and update what was planned; refused rows are outcomes of their own."""
    outcomes: list[Outcome] = []
    for plan in planned:
        if plan.action == "error":
            outcomes.append(Outcome(plan.number, "failed", plan.errors))
        elif plan.action == "skip":
            outcomes.append(
                Outcome(
                    plan.number,
                    "duplicate",
                    plan.errors,
                    plan.object if plan.record_id else None,
                    plan.record_id,
                )
            )
    for name in dict.fromkeys(p.object for p in planned):
        rows = [p for p in planned if p.action == "create" and p.object == name]
        if rows:
            outcomes += _create(registry.get(name), rows, import_, actor)
    rows = [p for p in planned if p.action == "update"]
    if rows:
        outcomes += _update(entity, rows, import_, actor)
    return sorted(outcomes, key=lambda o: o.number)


def _create(entity: Entity, rows: Sequence[PlannedRow], import_: Import, actor: Actor) -> list[Outcome]:
    results = service.create_many(
        entity, [p.values for p in rows], actor, privileged=PRIVILEGED, import_id=import_.pk
    )
    return [
        Outcome(p.number, "failed", error_dicts(r.error))
        if r.error is not None
        else Outcome(p.number, "created", [], entity.name, r.id, p.pending or None)
        for p, r in zip(rows, results, strict=True)
    ]


def _update(entity: Entity, rows: Sequence[PlannedRow], import_: Import, actor: Actor) -> list[Outcome]:
    choice = import_.match["on_conflict"]
    if choice == "keep":
        for plan in rows:
            _keep(plan)
        return [Outcome(p.number, "duplicate", p.errors, entity.name, p.record_id) for p in rows]
    current: Mapping[Any, Any] = {}
    exported = any(p.version is not None for p in rows)
    if choice == "fill_empty" or exported:
        current = entity.model._default_manager.in_bulk([p.record_id for p in rows])
    changes = []
    for plan in rows:
        if plan.record_id is None:
            continue
        values, record = update_values(plan, import_, entity), current.get(plan.record_id)
        if exported and record is not None:
            values = {n: v for n, v in values.items() if not _is_cut(entity.attributes[n], v, record)}
        changes.append(
            (plan.record_id, _for_record(entity, values, record if choice == "fill_empty" else None))
        )
    versions = {p.record_id: p.version for p in rows if p.version is not None and p.record_id is not None}
    results = service.update_many(entity, changes, actor, privileged=PRIVILEGED, versions=versions)
    return [
        Outcome(p.number, "failed", error_dicts(r.error), entity.name, p.record_id)
        if r.error is not None
        else Outcome(p.number, "updated", [], entity.name, p.record_id, p.pending or None)
        for p, r in zip(rows, results, strict=True)
    ]


def _is_cut(attribute: Attribute, value: Any, record: Any) -> bool:
    """Whether `value` is as much of the stored one as an exported sheet can hold: then nobody changed it (PLT-45.3)."""
    if attribute.type.name == "memo":
        if not isinstance(value, str) or len(value) < MAX_SHEET_TEXT:
            return False
        return (storage.read(attribute, record) or "").startswith(value)
    if attribute.type.name == "datetime" and isinstance(value, dt.datetime):
        stored = storage.read(attribute, record)
        return bool(stored and stored.microsecond) and stored.replace(microsecond=0) == value
    return False


def _for_record(entity: Entity, values: dict[str, Any], record: Any) -> dict[str, Any]:
    """Of the values only those for attributes the record has nothing in, when a record is given."""
    if record is None:
        return values
    return {n: v for n, v in values.items() if storage.read(entity.attributes[n], record) is None}
