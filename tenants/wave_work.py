"""Migrating workspace after workspace, and when to stop (ASP-30 Upgrade, SAAS.md §1.3 row 8, F8)."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable

from django.db import OperationalError
from django.utils import timezone

from tenants import migration, wave_runs
from tenants.context import activate_public
from tenants.models import SchemaMigrationRun, TenantMigration

logger = logging.getLogger(__name__)

ATTEMPTS = 4

Run = SchemaMigrationRun
Report = Callable[[str], None]


class WaveStopped(RuntimeError):
    """Too many workspaces failed; the rest was left alone. The run's rows tell which and why."""


def work_through(run: Run, report: Report, deadline: float | None = None) -> None:
    """Migrate workspace after workspace until none is left, an operator pauses, or ``deadline`` has come."""
    while deadline is None or time.monotonic() < deadline:
        with activate_public():
            Run.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
            run.refresh_from_db()
            waiting = run.tenants.filter(state=TenantMigration.State.PENDING).order_by("wave", "id")
            row = waiting.select_related("tenant").first()
        if run.state != Run.State.RUNNING:
            return
        if row is None:
            wave_runs.end(run)
            return
        migrate_tenant(row)
        left = waiting.count()
        report(f"{row.tenant.name}: {row.state}, {left} left")
        _judge(run, row)


def _judge(run: Run, row: TenantMigration) -> None:
    """Stop the run after too many failures, hold it after the canary group where that was asked for."""
    with activate_public():
        failed = run.tenants.filter(state=TenantMigration.State.FAILED).count() - run.failures_accepted
        done = run.tenants.filter(state=TenantMigration.State.DONE).count()
        waiting = run.tenants.filter(state=TenantMigration.State.PENDING)
        holds = (
            run.hold_after_canary
            and row.wave == 0
            and waiting.exists()
            and not waiting.filter(wave=0).exists()
        )
    too_many = row.wave == 0 or failed / max(1, failed + done) > run.stop_at_failure_share
    if row.state == TenantMigration.State.FAILED and failed > 0 and too_many:
        message = f"Stopped after {failed} of {failed + done} workspaces failed."
        wave_runs.set_state(run, Run.State.STOPPED, message)
        logger.error("Migration wave %s: %s", run.pk, message)
        raise WaveStopped(message)
    if holds:
        wave_runs.set_state(run, Run.State.PAUSED, "The canary group is done.")


def migrate_tenant(row: TenantMigration) -> None:
    """Migrate one workspace; locks that can't be had are tried again, other errors end in the row."""
    _set(row, state=TenantMigration.State.RUNNING, started_at=timezone.now(), error="")
    for attempt in range(1, ATTEMPTS + 1):
        row.attempts = attempt
        try:
            migration.migrate_schema(row.tenant.schema_name)
        except OperationalError as error:
            if attempt == ATTEMPTS:
                _fail(row, error)
                return
            time.sleep(attempt * random.uniform(0.3, 0.6))  # noqa: S311 - spreads waiting, no secret
        except Exception as error:  # noqa: BLE001 - one tenant's failure must not end the run
            _fail(row, error)
            return
        else:
            _set(row, state=TenantMigration.State.DONE, finished_at=timezone.now(), attempts=attempt)
            return


def _fail(row: TenantMigration, error: Exception) -> None:
    logger.exception("Migrating workspace %s failed", row.tenant_id)
    _set(
        row,
        state=TenantMigration.State.FAILED,
        finished_at=timezone.now(),
        attempts=row.attempts,
        error=f"{type(error).__name__}: {error}"[:4000],
    )


def _set(row: TenantMigration, **values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    with activate_public():
        row.save(update_fields=list(values))
