"""Long work as rows: progress, result, retry and undo survive every process (ARCHITECTURE 5)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager

JOB_STATES = ("queued", "running", "succeeded", "failed", "canceled", "undoing", "undone")


class Job(models.Model):
    """One piece of long work. `cursor` is how far it came; it commits together with the work it describes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=60)
    label = models.CharField(max_length=300)
    object = models.CharField(max_length=63, null=True)
    state = models.CharField(max_length=12, default="queued")
    params = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    result = models.JSONField(default=dict)
    error = models.TextField(default="")
    attempts = models.IntegerField(default=0)
    can_undo = models.BooleanField(default=False)
    file = models.ForeignKey("records.StoredFile", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = GuardedManager()

    class Meta:
        indexes = (
            models.Index(
                "heartbeat_at",
                condition=models.Q(state__in=("queued", "running", "undoing")),
                name="job_unfinished",
            ),
            models.Index("created_by", "created_at", name="job_mine"),
        )


class JobFailure(models.Model):
    """A record the job could not treat, and why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="failures")
    record_id = models.UUIDField(null=True)
    name = models.CharField(max_length=300, default="")
    code = models.CharField(max_length=100)
    message = models.TextField()

    objects = GuardedManager()
