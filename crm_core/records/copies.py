"""What a restored, imported or cloned workspace forgets of its original's moment (ASP-30, F12)."""

from __future__ import annotations

from django.apps import apps
from django.utils import timezone

from crm_core.records.models import Job
from tenants.backup import content

#: What a sandbox without data has all the same: definitions, people and rights (PLT-13).
_DEFINING_APPS = ("metadata", "security")
_DATA = {"security.share"}
_DEFINITIONS = ("records.duplicaterule", "search.savedview", "exchange.solution", "exchange.solutionimport",
                "exchange.importmap")  # fmt: skip


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
    models = [
        m for app in _DEFINING_APPS for m in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    content.keep_in_empty_copies(*(m._meta.db_table for m in models if m._meta.label_lower not in _DATA))
    content.keep_in_empty_copies(*(apps.get_model(label)._meta.db_table for label in _DEFINITIONS))
