"""Brings workspace schemas to the migrations on disk: one schema, or all of them in waves (ASP-30 upgrade).

A wave keeps one row per tenant, so it can be stopped, resumed and looked at. The application serves
schemas at level N and N-1 while it runs (SAAS.md §1.3 row 8).
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django_tenants.routers import TenantSyncRouter
from django_tenants.utils import quote_schema_name

from tenants.context import activate_public, activate_schema
from tenants.models import SchemaMigrationRun, Tenant, TenantMigration, TenantState

logger = logging.getLogger(__name__)

LOCK_TIMEOUT = "2s"
ATTEMPTS = 4
CANARY_TENANTS = 1
FIRST_WAVE_SHARE = 0.1
SCHEMAS_PER_QUERY = 200
# Released by the server when this process dies, so a killed run can be resumed at once.
_RUN_LOCK = 1_263_424_335

Report = Callable[[str], None]


class WaveStopped(RuntimeError):
    """Too many workspaces failed; the rest was left alone. The run's rows tell which and why."""


def _is_tenant_app(app_label: str) -> bool:
    return TenantSyncRouter().app_in_list(app_label, settings.TENANT_APPS)


@lru_cache(maxsize=1)
def expected_migrations() -> tuple[tuple[str, str], ...]:
    """(app, name) of every migration on disk that belongs into a workspace schema."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return tuple(sorted(key for key in loader.disk_migrations if _is_tenant_app(key[0])))


@lru_cache(maxsize=1)
def current_level() -> str:
    """Digest of the workspace migrations on disk, contents included; what template and pool are built for."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    digest = hashlib.sha256()
    for key in expected_migrations():
        source = inspect.getsource(sys.modules[type(loader.disk_migrations[key]).__module__])
        digest.update(f"{key[0]}.{key[1]}\0{source}\0".encode())
    return digest.hexdigest()


@contextmanager
def single_runner() -> Iterator[bool]:
    """Yields whether this process may roll out; a second one at the same time gets False."""
    with activate_public():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_RUN_LOCK])
            held = cursor.fetchone()[0]
        try:
            yield held
        finally:
            if held:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_RUN_LOCK])


def migrate_public(verbosity: int = 0) -> None:
    """Apply the migrations of the control data."""
    with activate_public():
        _migrate(verbosity)


def migrate_schema(schema_name: str, verbosity: int = 0) -> None:
    """Apply the workspace migrations to one schema, with nothing else on the path.

    Waits at most two seconds for each lock. Raises whatever a migration raises.
    """
    with activate_schema(schema_name):
        _migrate(verbosity)


def _migrate(verbosity: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        statement_timeout = cursor.fetchone()[0]
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute("SET statement_timeout = 0")
    try:
        call_command(MigrateCommand(), verbosity=verbosity, interactive=False)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [statement_timeout])


def lagging_schemas(schema_names: Sequence[str]) -> list[str]:
    """Those of the given schemas that miss a migration on disk (or do not exist), found by one statement
    per 200 schemas instead of one pass per schema."""
    wanted = [f"{app}.{name}" for app, name in expected_migrations()]
    with activate_public(), connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relname = 'django_migrations' AND n.nspname = ANY(%s)""",
            [list(schema_names)],
        )
        present = {row[0] for row in cursor.fetchall()}
        complete: set[str] = set()
        names = sorted(present)
        for start in range(0, len(names), SCHEMAS_PER_QUERY):
            part = names[start : start + SCHEMAS_PER_QUERY]
            selects = " UNION ALL ".join(
                # The names are our own and quoted.
                f"SELECT %s AS schema_name, count(DISTINCT (app, name)) AS applied"  # noqa: S608
                f" FROM {quote_schema_name(name)}.django_migrations WHERE app || '.' || name = ANY(%s)"
                for name in part
            )
            parameters = [value for name in part for value in (name, wanted)]
            cursor.execute(f"SELECT schema_name FROM ({selects}) s WHERE applied = {len(wanted)}", parameters)  # noqa: S608
            complete.update(row[0] for row in cursor.fetchall())
    return [name for name in schema_names if name not in complete]


def migrate_all(
    report: Report = lambda _line: None, stop_at_failure_share: float = 0.05
) -> SchemaMigrationRun | None:
    """Roll the migrations out over every lagging workspace: canary, a tenth, the rest.

    Returns the run, or None when nothing lags. A run that was interrupted is resumed. Raises WaveStopped
    when a canary fails or more than ``stop_at_failure_share`` of those done so far failed, and
    RuntimeError when another process rolls out.
    """
    with single_runner() as alone:
        if not alone:
            raise RuntimeError("Another process is rolling out migrations.")
        run = _open_run()
        if run is None:
            report("Every workspace is up to date.")
            return None
        _work_through(run, report, stop_at_failure_share)
        return run


def _open_run() -> SchemaMigrationRun | None:
    """The run to work on: the interrupted one of this level, completed by newly lagging tenants, or a new one."""
    level = current_level()
    with activate_public():
        SchemaMigrationRun.objects.filter(state="running").exclude(target=level).update(
            state="stopped", message="Replaced by a newer level.", finished_at=timezone.now()
        )
        run = SchemaMigrationRun.objects.filter(target=level, state="running").first()
        tenants = Tenant.objects.exclude(state__in=[TenantState.DELETED]).order_by("created_at")
        by_schema = {tenant.schema_name: tenant for tenant in tenants}
        lagging = lagging_schemas(list(by_schema))
        if run is None and not lagging:
            return None
        if run is None:
            run = SchemaMigrationRun.objects.create(target=level)
        # Left behind by a killed process: the migrations themselves are transactional and can be repeated.
        run.tenants.filter(state=TenantMigration.State.RUNNING).update(state=TenantMigration.State.PENDING)
        known = set(run.tenants.values_list("tenant_id", flat=True))
        fresh = [by_schema[name] for name in lagging if by_schema[name].pk not in known]
        _plan_waves(run, fresh)
        return run


def _plan_waves(run: SchemaMigrationRun, tenants: list[Tenant]) -> None:
    """Wave 0: the canary, wave 1: a tenth, wave 2: the rest. Small runs have fewer waves."""
    first = CANARY_TENANTS + max(1, int(len(tenants) * FIRST_WAVE_SHARE))
    rows = []
    for position, tenant in enumerate(tenants):
        wave = 0 if position < CANARY_TENANTS else 1 if position < first else 2
        rows.append(TenantMigration(run=run, tenant=tenant, wave=wave))
    TenantMigration.objects.bulk_create(rows)


def _work_through(run: SchemaMigrationRun, report: Report, stop_at_failure_share: float) -> None:
    with activate_public():
        rows = list(
            run.tenants.filter(state=TenantMigration.State.PENDING)
            .select_related("tenant")
            .order_by("wave", "id")
        )
    for position, row in enumerate(rows, start=1):
        _migrate_tenant(row)
        report(f"{position}/{len(rows)} {row.tenant.name}: {row.state}")
        with activate_public():
            failed = run.tenants.filter(state=TenantMigration.State.FAILED).count()
            done = run.tenants.filter(state=TenantMigration.State.DONE).count()
        if failed and (row.wave == 0 or failed / (failed + done) > stop_at_failure_share):
            message = f"Stopped after {failed} of {failed + done} workspaces failed."
            _finish(run, SchemaMigrationRun.State.STOPPED, message)
            logger.error("Migration wave %s: %s", run.pk, message)
            raise WaveStopped(message)
    with activate_public():
        failed = run.tenants.filter(state=TenantMigration.State.FAILED).count()
    _finish(run, SchemaMigrationRun.State.DONE, f"{failed} failed." if failed else "")


def _migrate_tenant(row: TenantMigration) -> None:
    """Migrate one workspace; locks that can't be had are tried again, other errors end in the row."""
    _set(row, state=TenantMigration.State.RUNNING, started_at=timezone.now(), error="")
    for attempt in range(1, ATTEMPTS + 1):
        row.attempts = attempt
        try:
            migrate_schema(row.tenant.schema_name)
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


def _finish(run: SchemaMigrationRun, state: str, message: str) -> None:
    run.state, run.message, run.finished_at = state, message, timezone.now()
    with activate_public():
        run.save(update_fields=["state", "message", "finished_at"])
