"""What the import wizard does: look at an import, change it, check, run, undo, correct rows, fetch failures (PLT-45.5)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from crm_core.exchange import staging
from crm_core.exchange.analysis.targets import targets_of
from crm_core.exchange.handlers import check_rows
from crm_core.exchange.models import Import, ImportOutcome
from crm_core.exchange.planning import Planner
from crm_core.exchange.services import mapping as mappings
from crm_core.exchange.services import mapping_checks, uploading
from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict, Malformed, NotFound
from crm_core.records import files, jobs
from crm_core.records.query.selecting import names_of
from crm_core.security.actor import Actor

AT_ONCE = 300  # rows up to this many are checked and run without waiting for a worker
STATUSES = ("new", "update", "duplicate", "error", "created", "updated", "failed")
_BUSY = ("reading", "checking", "running", "undoing")
_BY_JOB = {
    "import_read": {"queued": "reading", "running": "reading", "failed": "failed", "canceled": "failed"},
    "import_check": {"queued": "checking", "running": "checking", "failed": "failed", "canceled": "mapped"},
    "import_run": {"queued": "running", "running": "running", "failed": "failed", "canceled": "canceled", "undoing": "undoing", "undone": "undone"},
}  # fmt: skip


def find(import_id: uuid.UUID, actor: Actor, *, lock: bool = False) -> Import:
    """An import of the actor, or any for administrators. Raises NotFound."""
    rows = Import.objects.select_related("job", "file").filter(pk=import_id)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None or (found.created_by != actor.user_id and not actor.is_administrator):
        raise NotFound("import.not_found", "There is no such import.")
    return found


def recent(actor: Actor, limit: int = 50) -> list[Import]:
    """The actor's latest imports."""
    return list(
        Import.objects.select_related("job", "file")
        .filter(created_by=actor.user_id)
        .order_by("-created_at")[:limit]
    )


def state_of(import_: Import) -> str:
    """What the wizard shows; the job knows best while there is one at work."""
    if import_.job is None or import_.state in ("mapped", "uploaded", "checked"):
        return import_.state
    return _BY_JOB.get(import_.job.kind, {}).get(import_.job.state, import_.state)


def describe(import_: Import, actor: Actor) -> dict[str, Any]:
    """The import document of the HTTP interface, without its job."""
    columns = import_.mapping.get("columns", {})
    document: dict[str, Any] = {
        "id": str(import_.pk),
        "file_name": import_.file_name,
        "state": state_of(import_),
        "format": {k: v for k, v in import_.format.items() if k not in ("quote", "escape", "notices")},
        "notices": [n["message"] for n in import_.format.get("notices", [])],
        "row_count": import_.row_count,
        "object": import_.object,
        "object_guesses": import_.object_guesses,
        "columns": [
            {
                "index": index, "header": c["header"], "samples": c["samples"], "filled": c["filled"], "distinct": c["distinct"],
                "kind": c["kind"], "date_formats": c["date_formats"], "decimal_comma": c["decimal_comma"],
                "mapping": columns.get(str(index)), "guess_score": (c.get("guess") or {}).get("score"),
            }
            for index, c in enumerate(import_.columns)
        ],
        "mapping": import_.mapping,
        "match": import_.match,
        "stats": import_.stats,
        "error": import_.error,
        "targets": [],
        "missing": [],
        "created_at": import_.created_at.isoformat().replace("+00:00", "Z") if hasattr(import_.created_at, "isoformat") else None,
    }  # fmt: skip
    if import_.object is not None:
        entity = registry.get(import_.object)
        targets = targets_of(entity, actor)
        document["targets"] = [
            {"name": t.name, "label": t.label, "type": t.type, "required": t.required, "options": list(t.options),
             "targets": list(t.attribute.targets) if t.attribute else []}
            for t in targets
        ]  # fmt: skip
        given = {o["attribute"] for o in columns.values()} | set(import_.mapping.get("constants", {}))
        if "full_name" in given:
            given |= {"first_name", "last_name"}
        document["missing"] = [t.name for t in targets if t.required and t.name not in given]
    return document


def _editable(import_: Import) -> None:
    state = state_of(import_)
    # a run that failed half-way is resumed or undone by its job; beginning again would bring its rows twice
    begun = import_.job is not None and import_.job.kind == "import_run" and import_.job.done > 0
    if (
        begun
        or state in _BUSY
        or state in ("done", "undone", "canceled")
        or (state == "failed" and not import_.columns)
    ):
        raise Conflict("import.not_possible", "This is not possible now.", details={"state": state})


@transaction.atomic
def update(import_id: uuid.UUID, changes: Mapping[str, Any], actor: Actor) -> Import:
    """Change object, mapping, match rule or file format. What was checked has to be checked again.

    Raises Malformed with the path of what is wrong, Conflict `import.not_possible` while a job works.
    """
    import_ = find(import_id, actor, lock=True)
    _editable(import_)
    if unknown := set(changes) - {"object", "mapping", "match", "format"}:
        raise Malformed(
            "request.unknown_parameter", f"Unknown key “{sorted(unknown)[0]}”.", field=sorted(unknown)[0]
        )
    if "format" in changes:
        uploading.change_format(import_, changes["format"], actor)
    if "object" in changes and changes["object"] != import_.object:
        if not isinstance(changes["object"], str):
            raise Malformed("import.object", "The name of an object is needed.", field="object")
        uploading.require_import(changes["object"], actor)
        import_.object = changes["object"]
        mappings.guess(import_, actor)
    if import_.object is None and set(changes) & {"mapping", "match"}:
        raise Malformed("import.object", "Say first what the file holds.", field="object")
    if "mapping" in changes:
        import_.mapping = mapping_checks.check_mapping(
            registry.get(import_.object or ""), import_, changes["mapping"], actor
        )
        mapped = {o["attribute"] for o in import_.mapping["columns"].values()}
        if any(k not in mapped for k in import_.match["keys"]):
            import_.match = {**import_.match, "keys": [k for k in import_.match["keys"] if k in mapped]}
            if not import_.match["keys"]:
                import_.match["mode"] = "create"
    if "match" in changes:
        merged = (
            {**import_.match, **changes["match"]}
            if isinstance(changes["match"], Mapping)
            else changes["match"]
        )
        import_.match = mapping_checks.check_match(
            registry.get(import_.object or ""), merged, import_.mapping
        )
    import_.state = "mapped" if import_.object else "uploaded"
    import_.stats, import_.job = {}, None
    import_.save()
    return import_


@transaction.atomic
def act(import_id: uuid.UUID, action: str, actor: Actor) -> Import:
    """check, run, undo or cancel.

    Raises NotFound `action.unknown`, Conflict `import.not_possible`, TenantRefusal 402 `quota.storage` for a run.
    """
    import_ = find(import_id, actor, lock=True)
    if action in ("undo", "cancel"):
        if import_.job is None or (action == "undo" and import_.job.kind != "import_run"):
            raise Conflict(
                "import.not_possible", "This is not possible now.", details={"state": state_of(import_)}
            )
        job = jobs.control(import_.job.pk, action, actor)
        if action == "undo" and import_.row_count <= AT_ONCE:
            jobs.run_inline(job, jobs.actor_of(job))
        return find(import_id, actor)
    if action not in ("check", "run"):
        raise NotFound("action.unknown", "Imports have check, run, undo and cancel.")
    _editable(import_)
    if import_.object is None or not import_.mapping.get("columns"):
        raise Conflict(
            "import.not_mapped",
            "Say first what the file holds and what its columns are.",
            details={"state": state_of(import_)},
        )
    uploading.require_import(import_.object, actor)
    if action == "run":
        files.require_room(1)
    import_.state = {"check": "checking", "run": "running"}[action]
    import_.stats = {}
    job = uploading.start_job(import_, f"import_{action}", actor, import_.row_count)
    import_.save(update_fields=["stats"])
    if import_.row_count <= AT_ONCE:
        jobs.run_inline(job, jobs.actor_of(job))
    return find(import_id, actor)


@transaction.atomic
def delete(import_id: uuid.UUID, actor: Actor) -> None:
    """Forget an import that is not at work: file, staged rows, report. Imported records stay."""
    import_ = find(import_id, actor, lock=True)
    if state_of(import_) in _BUSY:
        raise Conflict(
            "import.not_possible", "This is not possible now.", details={"state": state_of(import_)}
        )
    uploading.forget(import_)


# rows -------------------------------------------------------------------------------------------------------------------
def rows(
    import_id: uuid.UUID, actor: Actor, *, status: str | None = None, cursor: int = 0, limit: int = 50
) -> dict[str, Any]:
    """A page of rows with status, cells by column, errors and the record concerned."""
    import_ = find(import_id, actor)
    if status is not None and status not in STATUSES:
        raise Malformed("import.status", "One of " + ", ".join(STATUSES) + ".", field="status")
    found = ImportOutcome.objects.filter(import_id=import_.pk, number__gt=cursor).order_by("number")
    if status:
        found = found.filter(status=status)
    outcomes = {o.number: o for o in found[: limit + 1]}
    if outcomes or status:
        numbers = list(outcomes)
    else:  # nothing checked yet: the plain rows
        numbers = [r.number for r in staging.rows(import_.pk, after=cursor, limit=limit + 1)]
    more = len(numbers) > limit
    numbers = numbers[:limit]
    staged = staging.rows(import_.pk, numbers=numbers)
    records = _records([o for o in outcomes.values() if o.record_id], actor)
    return {
        "rows": [_row(r.number, r.cells, outcomes.get(r.number), records) for r in staged],
        "next": str(numbers[-1]) if more else None,
    }


def _records(outcomes: list[ImportOutcome], actor: Actor) -> dict[tuple[str, str], str]:
    """Names of records the actor may read, by (object, id)."""
    from crm_core.records.query.filters import base_rows

    found: dict[tuple[str, str], str] = {}
    for name in {o.object for o in outcomes if o.object}:
        entity = registry.get(name)
        ids = [o.record_id for o in outcomes if o.object == name]
        seen = {str(i) for i in base_rows(entity, actor).filter(pk__in=ids).values_list("pk", flat=True)}
        found.update({(name, i): n for i, n in names_of(name, seen).items()})
    return found


def _row(
    number: int, cells: list[str], outcome: ImportOutcome | None, records: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    record = None
    if (
        outcome is not None
        and outcome.record_id
        and (key := (outcome.object or "", str(outcome.record_id))) in records
    ):
        record = {"object": key[0], "id": key[1], "name": records[key]}
    return {
        "number": number,
        "status": outcome.status if outcome else None,
        "values": {str(i): cell for i, cell in enumerate(cells)},
        "errors": (outcome.errors or []) if outcome else [],
        "record": record,
    }


@transaction.atomic
def edit_row(import_id: uuid.UUID, number: int, values: Any, actor: Actor) -> dict[str, Any]:
    """Type over cells of a row; only this row (and rows called repetitions of it) is checked again.

    Raises NotFound for a row there is not, Malformed for unknown columns, Conflict after the run.
    """
    import_ = find(import_id, actor, lock=True)
    _editable(import_)
    if not isinstance(values, Mapping) or not values:
        raise Malformed("import.values", "Values by column are needed.", field="values")
    for key, text in values.items():
        if not str(key).isdigit() or int(key) >= len(import_.columns):
            raise Malformed("import.column", "There is no such column.", field=f"values.{str(key)[:20]}")
        if not isinstance(text, str) or len(text) > 100_000 or "\x00" in text:
            raise Malformed("import.values", "A text is needed.", field=f"values.{key}")
    if not staging.override(import_.pk, number, {str(int(k)): v for k, v in values.items()}):
        raise NotFound("import.row_not_found", "There is no such row.")
    if state_of(import_) == "checked":
        _check_again(import_, number, actor)
    outcome = ImportOutcome.objects.filter(import_id=import_.pk, number=number).first()
    (staged,) = staging.rows(import_.pk, numbers=[number])
    records = _records([outcome] if outcome and outcome.record_id else [], actor)
    return {"row": _row(number, staged.cells, outcome, records), "stats": import_.stats}


def _check_again(import_: Import, number: int, actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM exchange_importoutcome WHERE import_id = %s AND errors @> %s::jsonb",
            [import_.pk, f'[{{"row": {number}}}]'],
        )
        numbers = [number, *(row[0] for row in cursor.fetchall())]
    staging.forget_outcomes(import_.pk, numbers)
    planner = Planner(import_, actor.acting("import"), dry=True)
    staging.keep_outcomes(import_.pk, check_rows(planner, staging.rows(import_.pk, numbers=numbers)))
    counts = staging.counts(import_.pk)
    import_.stats = {
        **import_.stats,
        **{n: counts.get(n, 0) for n in ("new", "update", "duplicate", "error")},
    }
    import_.save(update_fields=["stats"])
