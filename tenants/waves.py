"""Rolls the migrations on disk out over all workspaces: canary group, a tenth, the rest (ASP-30 Upgrade).

A run keeps one row per workspace, so it can be paused, stopped, taken up again and looked at; the failure of one
workspace stays in its row. The application serves schemas at level N and N-1 meanwhile (SAAS.md §1.3 row 8). The
command line works a run through in one go, the console has a worker do it in pieces: both call the same functions
and only one of them is at it at a time.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tenants import announcements, jobs, locks, migration
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.models import Announcement, SchemaMigrationRun, Tenant, TenantMigration, TenantState
from tenants.operator import audit

logger = logging.getLogger(__name__)

ATTEMPTS = 4
#: Workspaces operators gave this flag go first; without any, the oldest one does.
CANARY_FLAG = "canary"
FIRST_WAVE_SHARE = 0.1
STOP_AT_FAILURE_SHARE = 0.05
#: A worker gives its process back after this long, so that other operations get their turn.
PIECE_SECONDS = 60.0
STALE_AFTER = timedelta(minutes=2)
# Released by the server when this process dies, so a killed run can be resumed at once.
_RUN_LOCK = 1_263_424_335

Run = SchemaMigrationRun
Report = Callable[[str], None]


class WaveStopped(RuntimeError):
    """Too many workspaces failed; the rest was left alone. The run's rows tell which and why."""


def migrate_all(
    report: Report = lambda _line: None, stop_at_failure_share: float = STOP_AT_FAILURE_SHARE
) -> Run | None:
    """Roll the migrations out over every lagging workspace in one go; what the command line does.

    Returns the run, or None when nothing lags. A run that was interrupted is taken up again, one an operator paused
    or dated is left alone. Raises WaveStopped when a canary fails or more than ``stop_at_failure_share`` of those
    done so far failed, and RuntimeError when another process rolls out.
    """
    with locks.held_alone(_RUN_LOCK) as alone:
        if not alone:
            raise RuntimeError("Another process is rolling out migrations.")
        run = _open_run(by=audit.SYSTEM, stop_at_failure_share=stop_at_failure_share)
        if run is None:
            report("Every workspace is up to date.")
        elif run.state != Run.State.RUNNING:
            report("An operator decides on the console when this roll-out goes on.")
        else:
            _work_through(run, report)
        return run


def plan(
    by: str, *, starts_at: datetime | None = None, hold_after_canary: bool = False, announce_minutes: int = 0
) -> Run:
    """Roll out by a worker, at once or from ``starts_at`` on; what the console does.

    With ``announce_minutes`` the administrators of the workspaces concerned and the status page are told of a
    maintenance of that length. Raises TenantRefusal 409 ``wave.open`` while one is under way and ``wave.nothing``
    when no workspace lags.
    """
    with activate_public(), transaction.atomic():
        if open_run() is not None:
            raise _refusal("wave.open", _("A wave is under way already."))
        try:
            with transaction.atomic():
                run = _open_run(by=by, starts_at=starts_at, hold_after_canary=hold_after_canary)
        except IntegrityError:
            raise _refusal("wave.open", _("A wave is under way already.")) from None
        if run is None:
            raise _refusal("wave.nothing", _("Every workspace is up to date."))
        if announce_minutes:
            run.announcement = _announce(by, starts_at or timezone.now(), announce_minutes)
            run.save(update_fields=["announcement"])
        audit.record(
            by,
            "wave.started",
            run=str(run.pk),
            starts_at=starts_at.isoformat() if starts_at else None,
            workspaces=run.tenants.count(),
            hold_after_canary=hold_after_canary,
        )
        jobs.wake(advance_wave, str(run.pk))
    return run


def _refusal(code: str, message: str) -> TenantRefusal:
    return TenantRefusal(code, message, status=409)


def _announce(by: str, starts_at: datetime, minutes: int) -> Announcement:
    texts = {}
    for language in ("en", "de"):
        with translation.override(language):
            texts[language] = {
                "title": _("We update your workspace"),
                "text": _("You can go on working. Single actions may take a few seconds longer than usual."),
            }
    ends_at = starts_at + timedelta(minutes=minutes)
    return announcements.publish(
        by,
        kind=Announcement.Kind.MAINTENANCE,
        recipients=Announcement.Recipients.ADMINISTRATORS,
        texts=texts,
        audience={"levels": [announcements.BEHIND]},
        on_status_page=True,
        starts_at=timezone.now(),
        ends_at=ends_at,
        work_starts_at=starts_at,
        work_ends_at=ends_at,
    )


def open_run() -> Run | None:
    """The run of the level on disk that is waiting, running or paused."""
    with activate_public():
        return Run.objects.filter(target=migration.current_level(), state__in=Run.OPEN).first()


def _open_run(
    *,
    by: str,
    starts_at: datetime | None = None,
    hold_after_canary: bool = False,
    stop_at_failure_share: float = STOP_AT_FAILURE_SHARE,
) -> Run | None:
    """The run to work on: the open one of this level, completed by newly lagging tenants, or a new one."""
    level = migration.current_level()
    with activate_public():
        Run.objects.filter(state__in=Run.OPEN).exclude(target=level).update(
            state=Run.State.STOPPED, message="Replaced by a newer level.", finished_at=timezone.now()
        )
        run = open_run()
        fresh = _lagging()
        if run is None and not fresh:
            return None
        if run is None:
            run = Run.objects.create(
                target=level,
                state=Run.State.WAITING if starts_at else Run.State.RUNNING,
                requested_by=by,
                starts_at=starts_at,
                hold_after_canary=hold_after_canary,
                stop_at_failure_share=stop_at_failure_share,
            )
        _complete(run, fresh)
        return run


def _lagging() -> list[Tenant]:
    tenants = Tenant.objects.exclude(state=TenantState.DELETED).order_by("created_at")
    by_schema = {tenant.schema_name: tenant for tenant in tenants}
    return [by_schema[name] for name in migration.lagging_schemas(list(by_schema))]


def _complete(run: Run, lagging: list[Tenant]) -> None:
    """Take in workspaces that lag and are not in the run, and what a killed process left half done."""
    # The migrations themselves are transactional and can be repeated.
    run.tenants.filter(state=TenantMigration.State.RUNNING).update(state=TenantMigration.State.PENDING)
    known = set(run.tenants.values_list("tenant_id", flat=True))
    _plan_waves(run, [tenant for tenant in lagging if tenant.pk not in known])


def _plan_waves(run: Run, tenants: list[Tenant]) -> None:
    """Wave 0: the canary group, wave 1: a tenth, wave 2: the rest. Small runs have fewer waves."""
    canaries = [t for t in tenants if CANARY_FLAG in t.flags] or tenants[:1]
    others = [t for t in tenants if t not in canaries]
    first = max(1, int(len(tenants) * FIRST_WAVE_SHARE))
    rows = [TenantMigration(run=run, tenant=tenant, wave=0) for tenant in canaries]
    for position, tenant in enumerate(others):
        rows.append(TenantMigration(run=run, tenant=tenant, wave=1 if position < first else 2))
    TenantMigration.objects.bulk_create(rows)


@shared_task(base=jobs.PublicTask, name="tenants.advance_wave")
def advance_wave(run_id: str) -> None:
    """Work on a run for about a minute, then let others have their turn."""
    if advance(UUID(run_id)):
        jobs.wake(advance_wave, run_id)


def advance(pk: UUID, seconds: float = PIECE_SECONDS) -> bool:
    """Work on a run of the level on disk for ``seconds`` or until it ends. Whether there is more to do now.

    Does nothing while another process is at it, while the run is paused, and before its time.
    """
    with locks.held_alone(_RUN_LOCK) as alone:
        if not alone:
            return False
        with activate_public():
            run = Run.objects.filter(pk=pk, target=migration.current_level()).first()
            if run is None or not _is_due(run):
                return False
            _complete(run, _lagging())
        try:
            _work_through(run, logger.info, time.monotonic() + seconds)
        except WaveStopped:  # noted in the row, shown on the console
            return False
        return run.state == Run.State.RUNNING


def _is_due(run: Run) -> bool:
    if run.state == Run.State.WAITING and run.starts_at is not None and run.starts_at <= timezone.now():
        changed = Run.objects.filter(pk=run.pk, state=Run.State.WAITING).update(state=Run.State.RUNNING)
        run.state = Run.State.RUNNING if changed else run.state
    return run.state == Run.State.RUNNING


def take_up() -> int:
    """Sweep: wake runs whose time has come and those nobody works on. Returns how many."""
    now = timezone.now()
    with activate_public():
        due = Q(state=Run.State.WAITING, starts_at__lte=now)
        idle = Q(heartbeat_at=None, started_at__lt=now - STALE_AFTER) | Q(heartbeat_at__lt=now - STALE_AFTER)
        found = Run.objects.filter(due | (Q(state=Run.State.RUNNING) & idle))
        pks = [str(pk) for pk in found.values_list("pk", flat=True)]
    for pk in pks:
        jobs.wake(advance_wave, pk)
    return len(pks)


def _work_through(run: Run, report: Report, deadline: float | None = None) -> None:
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
            _end(run)
            return
        _migrate_tenant(row)
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
        _set_state(run, Run.State.STOPPED, message)
        logger.error("Migration wave %s: %s", run.pk, message)
        raise WaveStopped(message)
    if holds:
        _set_state(run, Run.State.PAUSED, "The canary group is done.")


def _end(run: Run) -> None:
    with activate_public():
        failed = run.tenants.filter(state=TenantMigration.State.FAILED).count()
    _set_state(run, Run.State.DONE, f"{failed} failed." if failed else "")


def _set_state(run: Run, state: str, message: str) -> None:
    run.state, run.message = state, message
    run.finished_at = None if state in Run.OPEN else timezone.now()
    with activate_public(), transaction.atomic():
        run.save(update_fields=["state", "message", "finished_at"])
        if run.finished_at is not None and run.announcement is not None:
            announcements.end(run.announcement, audit.SYSTEM)


def _migrate_tenant(row: TenantMigration) -> None:
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
