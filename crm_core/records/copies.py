"""What a restored, imported or cloned workspace forgets of its original's moment (ASP-30, F12)."""

from __future__ import annotations

from django.utils import timezone

from crm_core.records.models import Job
from tenants.backup import content


def stop_jobs() -> None:
    """Jobs that were running when the backup was made do not go on by themselves in the copy."""
    open_states = ("queued", "running", "undoing")
    Job.objects.filter(state__in=open_states).update(
        state="canceled", finished_at=timezone.now(), error="Stopped: this is a copy made from a backup."
    )


def register() -> None:
    """Leave waiting events and kept answers behind; stop jobs. Called once the apps are ready."""
    content.leave_out("records_outboxevent", "records_idempotencyrecord")
    content.forget_in_copies("jobs", stop_jobs)
