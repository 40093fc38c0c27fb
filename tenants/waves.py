"""Rolls the migrations on disk out over all workspaces: canary group, a tenth, the rest (ASP-30 Upgrade).

A run keeps one row per workspace, so it can be paused, stopped, taken up again and looked at; the failure of one
workspace stays in its row. The application serves schemas at level N and N-1 meanwhile (SAAS.md §1.3 row 8). The
command line works a run through in one go, the console has a worker do it in pieces: both call the same functions
and only one of them is at it at a time. Which workspaces belong to a run: `wave_runs`; the work: `wave_work`.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tenants import announcements, jobs, locks, migration
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.models import Announcement, SchemaMigrationRun
from tenants.operator import audit
from tenants.wave_runs import STOP_AT_FAILURE_SHARE, complete, find_or_open, lagging, open_run
from tenants.wave_work import Report, WaveStopped, work_through

logger = logging.getLogger(__name__)

#: A worker gives its process back after this long, so that other operations get their turn.
PIECE_SECONDS = 60.0
STALE_AFTER = timedelta(minutes=2)
# Released by the server when this process dies, so a killed run can be resumed at once.
_RUN_LOCK = 1_263_424_335

Run = SchemaMigrationRun


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
        run = find_or_open(by=audit.SYSTEM, stop_at_failure_share=stop_at_failure_share)
        if run is None:
            report("Every workspace is up to date.")
        elif run.state != Run.State.RUNNING:
            report("An operator decides on the console when this roll-out goes on.")
        else:
            work_through(run, report)
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
                run = find_or_open(by=by, starts_at=starts_at, hold_after_canary=hold_after_canary)
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
            complete(run, lagging())
        try:
            work_through(run, logger.info, time.monotonic() + seconds)
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
