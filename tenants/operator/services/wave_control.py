"""What operators do to a migration wave under way: pause, go on, try again, call off (ASP-30 Upgrade)."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import announcements, jobs, migration, waves
from tenants.models import SchemaMigrationRun, TenantMigration
from tenants.operator import audit
from tenants.operator.errors import Refused

Run = SchemaMigrationRun
State = Run.State


def pause(by: str, pk: UUID) -> Run:
    """No further workspace is begun; the one under way is finished. Raises Refused."""
    with transaction.atomic():
        run = _locked(pk, {State.RUNNING, State.WAITING})
        run.state, run.message = State.PAUSED, f"Paused by {by}."
        run.save(update_fields=["state", "message"])
        audit.record(by, "wave.paused", run=str(pk))
    return run


def go_on(by: str, pk: UUID, *, retry_failed: bool) -> Run:
    """Take a paused or stopped run up again at once. Failures so far no longer count towards stopping it; with
    ``retry_failed`` they are tried again. Raises Refused."""
    with transaction.atomic():
        run = _locked(pk, {State.PAUSED, State.STOPPED})
        failed = run.tenants.filter(state=TenantMigration.State.FAILED)
        if retry_failed:
            failed.update(state=TenantMigration.State.PENDING)
        run.failures_accepted = failed.count()
        _reopen(run)
        audit.record(by, "wave.resumed", run=str(pk), retry_failed=retry_failed)
    return run


def retry(by: str, pk: UUID, row_id: UUID) -> Run:
    """Try one failed workspace again: at once when the run has ended, else when it goes on. Raises Refused."""
    with transaction.atomic():
        run = _locked(pk, {State.DONE, State.STOPPED, State.PAUSED, State.RUNNING})
        row = run.tenants.filter(pk=row_id, state=TenantMigration.State.FAILED).first()
        if row is None:
            raise Refused("wave.not_failed", _("This workspace has not failed."))
        row.state = TenantMigration.State.PENDING
        row.save(update_fields=["state"])
        if run.state == State.DONE:
            _reopen(run)
        audit.record(by, "wave.retried", row.tenant_id, run=str(pk))
    return run


def call_off(by: str, pk: UUID) -> Run:
    """End a run that waits or is paused; workspaces it did not reach keep their level. Raises Refused."""
    with transaction.atomic():
        run = _locked(pk, {State.WAITING, State.PAUSED})
        run.state, run.message, run.finished_at = State.STOPPED, f"Called off by {by}.", timezone.now()
        run.save(update_fields=["state", "message", "finished_at"])
        if run.announcement is not None:
            announcements.end(run.announcement, by)
        audit.record(by, "wave.called_off", run=str(pk))
    return run


def _locked(pk: UUID, states: set[str]) -> Run:
    run = Run.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if run is None or run.state not in states:
        raise Refused("wave.not_possible", _("This is not possible for the wave as it is now."))
    if run.target != migration.current_level():
        raise Refused("wave.outdated", _("This wave was for another release. Start a new one."))
    return run


def _reopen(run: Run) -> None:
    run.state, run.message, run.finished_at, run.heartbeat_at = State.RUNNING, "", None, None
    try:
        with transaction.atomic():
            run.save(update_fields=["state", "message", "finished_at", "heartbeat_at", "failures_accepted"])
    except IntegrityError:
        raise Refused("wave.open", _("A wave is under way already.")) from None
    jobs.wake(waves.advance_wave, str(run.pk))
