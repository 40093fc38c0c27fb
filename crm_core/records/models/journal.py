"""What a write leaves behind: audit entries (also the undo journal), outbox events, answers kept for repeated requests."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager


class AuditEntry(models.Model):
    """One change of one record: who, when, by which door, old and new values. Never updated.

    `version` is the record's version after the change; entries of a job are its undo journal.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    object = models.CharField(max_length=63)
    record_id = models.UUIDField()
    at = models.DateTimeField(db_default=Now())
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200, default="")
    source = models.CharField(max_length=20)
    #: Name of the program that acted for the actor by OAuth (PLT-63).
    via = models.CharField(max_length=100, default="", db_default="")
    operation = models.CharField(max_length=30)
    changes = models.JSONField(default=dict)
    version = models.IntegerField()
    job_id = models.UUIDField(null=True)

    objects = GuardedManager()

    class Meta:
        indexes = (
            models.Index("record_id", "at", "id", name="audit_record_at"),
            models.Index("job_id", "id", condition=models.Q(job_id__isnull=False), name="audit_job"),
        )


class OutboxEvent(models.Model):
    """An event written with its cause and delivered afterwards by a worker, at least once (ARCHITECTURE 1.4)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.CharField(max_length=100)
    object = models.CharField(max_length=63)
    record_id = models.UUIDField(null=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    error = models.TextField(default="")
    dead = models.BooleanField(default=False)

    objects = GuardedManager()

    class Meta:
        indexes = (models.Index("next_attempt_at", condition=models.Q(dead=False), name="outbox_due"),)


class IdempotencyRecord(models.Model):
    """The answer given to a POST with an Idempotency-Key, kept for 24 hours."""

    key = models.CharField(max_length=300, primary_key=True)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = GuardedManager()
