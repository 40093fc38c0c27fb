"""What is looked after regularly in every workspace: stale jobs, due events, the recycle bin, kept answers."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from crm_core.metadata import workspace
from crm_core.records import (
    administering,
    audit,
    bulk,
    cascade_jobs,
    jobs,
    notices,
    numbering_existing,
    outbox,
    reassigning,
    reindexing,
    roll_ups,
)
from crm_core.records.duplicates import scanning
from crm_core.records.duplicates.computing import PublishingHandler
from crm_core.records.models import IdempotencyRecord
from crm_core.records.options import replacing
from crm_core.records.query import rollup
from crm_core.records.service import assigning
from crm_core.records.service.destroying import purge_expired
from crm_core.records.service.unmerging import MergeHandler
from crm_core.records.service.writing import on_new_owner
from crm_core.security.services import belonging
from tenants.context import current_tenant
from tenants.entitlements import limit
from tenants.jobs import register_sweep
from tenants.models.tenant import REACHABLE_STATES


def _resume_jobs() -> None:
    workspace.begin()
    jobs.resume_stale()


def _deliver() -> None:
    workspace.begin()
    outbox.deliver_due()


def _tidy() -> None:
    workspace.begin()
    purge_expired()
    IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - timedelta(hours=24)).delete()


def _scan_duplicates() -> None:
    workspace.begin()
    scanning.start_nightly()


def _renew_roll_ups() -> None:
    workspace.begin()
    roll_ups.start(roll_ups.every())


def _draw_rollups_together() -> None:
    workspace.begin()
    rollup.draw_together()


def audit_retention() -> int | None:
    """For how many days the workspace's plan keeps its audit, never less than undo needs; None without end (ASP-1)."""
    days = limit(current_tenant(), "audit_retention_days")
    return None if days is None else max(days, audit.MIN_DAYS)


def forget_old_audit() -> None:
    """The nightly sweep: what is older than the plan keeps goes."""
    workspace.begin()
    days = audit_retention()
    if days is not None:
        audit.forget_old(days)


def _look_for_deleted_options() -> None:
    workspace.begin()
    with transaction.atomic():
        replacing.look_again()


def register() -> None:
    """Called once when the app is ready."""
    bulk.register()
    cascade_jobs.register()
    on_new_owner(assigning.owner_changed)
    belonging.on_taken(administering.note_taken)
    notices.register()
    jobs.register(PublishingHandler())
    jobs.register(MergeHandler())
    jobs.register(scanning.ScanHandler())
    reindexing.register()
    numbering_existing.register()
    roll_ups.register()
    replacing.register()
    register_sweep("records.resume_jobs", 30, _resume_jobs, states=REACHABLE_STATES)
    reassigning.register()
    register_sweep("records.audit_retention", 86_400, forget_old_audit)
    register_sweep("records.deliver_outbox", 15, _deliver)
    register_sweep("records.tidy", 3600, _tidy)
    register_sweep("records.deleted_options", 300, _look_for_deleted_options)
    register_sweep("records.roll_ups", 3600, _renew_roll_ups)
    register_sweep("records.rollups", 600, _draw_rollups_together)
    register_sweep("records.scan_duplicates", 86_400, _scan_duplicates)
