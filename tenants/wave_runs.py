"""Which workspaces a roll-out takes in, in which wave, and how it stands (ASP-30 Upgrade)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from tenants import announcements, migration
from tenants.context import activate_public
from tenants.models import SchemaMigrationRun, Tenant, TenantMigration, TenantState
from tenants.operator import audit

#: Workspaces operators gave this flag go first; without any, the oldest one does.
CANARY_FLAG = "canary"
FIRST_WAVE_SHARE = 0.1
STOP_AT_FAILURE_SHARE = 0.05

Run = SchemaMigrationRun


def open_run() -> Run | None:
    """The run of the level on disk that is waiting, running or paused."""
    with activate_public():
        return Run.objects.filter(target=migration.current_level(), state__in=Run.OPEN).first()


def find_or_open(
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
        fresh = lagging()
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
        complete(run, fresh)
        return run


def lagging() -> list[Tenant]:
    """Workspaces below the level on disk, oldest first."""
    tenants = Tenant.objects.exclude(state=TenantState.DELETED).order_by("created_at")
    by_schema = {tenant.schema_name: tenant for tenant in tenants}
    return [by_schema[name] for name in migration.lagging_schemas(list(by_schema))]


def complete(run: Run, lagging: list[Tenant]) -> None:
    """Take in workspaces that lag and are not in the run, and what a killed process left half done."""
    # The migrations themselves are transactional and can be repeated.
    run.tenants.filter(state=TenantMigration.State.RUNNING).update(state=TenantMigration.State.PENDING)
    known = set(run.tenants.values_list("tenant_id", flat=True))
    plan_waves(run, [tenant for tenant in lagging if tenant.pk not in known])


def plan_waves(run: Run, tenants: list[Tenant]) -> None:
    """Wave 0: the canary group, wave 1: a tenth, wave 2: the rest. Small runs have fewer waves."""
    canaries = [t for t in tenants if CANARY_FLAG in t.flags] or tenants[:1]
    others = [t for t in tenants if t not in canaries]
    first = max(1, int(len(tenants) * FIRST_WAVE_SHARE))
    rows = [TenantMigration(run=run, tenant=tenant, wave=0) for tenant in canaries]
    for position, tenant in enumerate(others):
        rows.append(TenantMigration(run=run, tenant=tenant, wave=1 if position < first else 2))
    TenantMigration.objects.bulk_create(rows)


def end(run: Run) -> None:
    """Every workspace had its turn."""
    with activate_public():
        failed = run.tenants.filter(state=TenantMigration.State.FAILED).count()
    set_state(run, Run.State.DONE, f"{failed} failed." if failed else "")


def set_state(run: Run, state: str, message: str) -> None:
    """Write down how it stands; what was announced of a run that is over is taken off the screens."""
    run.state, run.message = state, message
    run.finished_at = None if state in Run.OPEN else timezone.now()
    with activate_public(), transaction.atomic():
        run.save(update_fields=["state", "message", "finished_at"])
        if run.finished_at is not None and run.announcement is not None:
            announcements.end(run.announcement, audit.SYSTEM)
