"""The jobs of this module: reading large files, checking, running and undoing imports, exporting."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from crm_core.exchange import staging, writing
from crm_core.exchange.arriving import archives as arriving
from crm_core.exchange.arriving import handlers as arriving_handlers
from crm_core.exchange.exporting.archive import ArchiveHandler
from crm_core.exchange.exporting.archives import tidy_archives
from crm_core.exchange.exporting.exports import ExportHandler
from crm_core.exchange.models import Import, ImportOutcome
from crm_core.exchange.planning import Planner
from crm_core.exchange.references import Finder
from crm_core.exchange.services.uploading import ReadHandler, forget
from crm_core.exchange.staging import Outcome
from crm_core.metadata import workspace
from crm_core.metadata.errors import CrmError, Invalid
from crm_core.metadata.types.reference import Reference
from crm_core.records import jobs, service, undo
from crm_core.records.models import Job
from crm_core.security.actor import Actor
from tenants.jobs import register_sweep
from tenants.models.tenant import REACHABLE_STATES

NAMES_KEPT = 500


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection: a step makes many objects that live as long as the step, and none in circles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _import_of(job: Job) -> Import:
    return Import.objects.select_for_update(of=("self",)).get(pk=job.params["import"])


class CheckHandler(jobs.JobHandler):
    """Dry run: what would become of each row. Each step treats a block and keeps its outcomes."""

    kind = "import_check"

    def step(self, job: Job, actor: Actor) -> bool:
        import_ = _import_of(job)
        after = job.cursor.get("after")
        if after is None:
            staging.forget_outcomes(import_.pk)
        rows = staging.rows(import_.pk, after=after or 0)
        planner = Planner(import_, actor, dry=True)
        with _uncollected():
            staging.keep_outcomes(import_.pk, check_rows(planner, rows))
        job.done += len(rows)
        job.total = import_.row_count
        job.cursor = {
            "after": rows[-1].number if rows else after or 0,
            "creates": _with(job.cursor.get("creates", {}), planner),
        }
        return len(rows) < staging.BLOCK

    def finished(self, job: Job, actor: Actor) -> None:
        counts = staging.counts(job.params["import"])
        stats: dict[str, Any] = {
            name: counts.get(name, 0) for name in ("new", "update", "duplicate", "error")
        }
        stats["creates"] = {name: len(found) for name, found in job.cursor.get("creates", {}).items()}
        Import.objects.filter(pk=job.params["import"]).update(state="checked", stats=stats)
        job.result = stats
        job.failed = stats["error"]


def check_rows(planner: Planner, rows: list[staging.StagedRow]) -> list[Outcome]:
    """Outcomes of a dry run over some rows."""
    return writing.check(planner.entity, planner.plan(rows), planner.import_, planner.actor) if rows else []


def _with(creates: dict[str, list[str]], planner: Planner) -> dict[str, list[str]]:
    """Names of records the run would create, joined over the blocks; at most 500 per object are told apart."""
    found = dict(creates)
    for name, names in planner.to_create.items():
        found[name] = sorted({*found.get(name, ()), *names})[:NAMES_KEPT]
    return found


class RunHandler(jobs.JobHandler):
    """The import itself: a block of rows, its records, outcomes and progress commit together, so nothing comes twice."""

    kind = "import_run"
    can_undo = True

    def step(self, job: Job, actor: Actor) -> bool:
        import_ = _import_of(job)
        if job.cursor.get("phase") == "references":
            return self._set_references(job, import_, actor)
        after = job.cursor.get("after")
        if after is None:
            staging.forget_outcomes(import_.pk)
        rows = staging.rows(import_.pk, after=after or 0, limit=staging.RUN_BLOCK)
        if rows:
            planner = Planner(import_, actor, dry=False)
            with _uncollected():
                outcomes = writing.write(planner.entity, planner.plan(rows), import_, actor)
            staging.keep_outcomes(import_.pk, outcomes)
            _note_failures(job, outcomes)
        job.done += len(rows)
        job.total = import_.row_count
        if len(rows) == staging.RUN_BLOCK:
            job.cursor = {"after": rows[-1].number}
            return False
        job.cursor = {"phase": "references", "after": 0}
        return not ImportOutcome.objects.filter(import_id=import_.pk, pending__isnull=False).exists()

    def _set_references(self, job: Job, import_: Import, actor: Actor) -> bool:
        """Second pass: references to records that stood further down in the file."""
        found = ImportOutcome.objects.filter(
            import_id=import_.pk, number__gt=job.cursor["after"], pending__isnull=False
        )
        outcomes = list(found.order_by("number")[: staging.RUN_BLOCK])
        if not outcomes:
            return True
        entity = Planner(import_, actor, dry=False).entity
        for name in sorted({n for o in outcomes for n in o.pending}):
            rows = [o for o in outcomes if name in o.pending]
            finder = Finder(entity.attributes[name], actor)
            finder.prepare(o.pending[name] for o in rows)
            references = {o.number: finder.find(o.pending[name]) for o in rows}
            changes = [
                (o.record_id, {name: references[o.number]})
                for o in rows
                if isinstance(references[o.number], Reference)
            ]
            results = {r.id: r for r in service.update_many(entity, changes, actor)}
            for outcome in rows:
                error: CrmError | None = None
                if not isinstance(references[outcome.number], Reference):
                    message = (
                        f"{entity.attributes[name].label}: “{outcome.pending[name][:80]}” was not imported."
                    )
                    error = Invalid("lookup.does_not_exist", message, field=name)
                elif results[outcome.record_id].error is not None:
                    error = results[outcome.record_id].error
                if error is not None:
                    outcome.errors = [*(outcome.errors or []), *writing.error_dicts(error)]
                    jobs.note_failures(job, [(outcome.record_id, f"Row {outcome.number}", error)])
        for outcome in outcomes:
            ImportOutcome.objects.filter(import_id=import_.pk, number=outcome.number).update(
                pending=None, errors=outcome.errors
            )
        job.cursor = {"phase": "references", "after": outcomes[-1].number}
        return len(outcomes) < staging.RUN_BLOCK

    def finished(self, job: Job, actor: Actor) -> None:
        counts = staging.counts(job.params["import"])
        stats = {name: counts.get(name, 0) for name in ("created", "updated", "duplicate", "failed")}
        Import.objects.filter(pk=job.params["import"]).update(state="done", stats=stats)
        with connection.cursor() as cursor:  # the keys have served; outcomes stay for the report
            cursor.execute("DELETE FROM exchange_importkey WHERE import_id = %s", [job.params["import"]])
        job.result = stats

    def undo_step(self, job: Job, actor: Actor) -> bool:
        return undo.undo_step(job, actor)


def _note_failures(job: Job, outcomes: list[Outcome]) -> None:
    failures: list[tuple[Any, str, Invalid]] = [
        (
            None,
            f"Row {o.number}",
            Invalid(o.errors[0]["code"], o.errors[0]["message"], field=o.errors[0]["field"]),
        )
        for o in outcomes
        if o.status == "failed" and o.errors
    ]
    jobs.note_failures(job, failures)


def forget_old() -> None:
    """Forget files, staged rows and reports of imports nobody has touched for 30 days; imported records stay. A sweep."""
    workspace.begin()
    limit = timezone.now() - timedelta(hours=jobs.UNDO_HOURS)
    old = Import.objects.filter(created_at__lt=limit).exclude(job__state__in=("queued", "running", "undoing"))
    for import_ in old.select_related("file")[:200]:
        forget(import_)


def register() -> None:
    """Called once when the app is ready."""
    for handler in (
        ReadHandler(),
        CheckHandler(),
        RunHandler(),
        ExportHandler(),
        ArchiveHandler(),
        arriving_handlers.CheckHandler(),
        arriving_handlers.ImportHandler(),
    ):
        jobs.register(handler)
    register_sweep("exchange.tidy", 86_400, forget_old)
    register_sweep("exchange.archives", 3_600, tidy_archives, states=REACHABLE_STATES)
    register_sweep("exchange.arriving", 3_600, arriving.tidy)
