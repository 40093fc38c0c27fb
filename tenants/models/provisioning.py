"""A request for a workspace and the journal of its steps (ASP-10.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Provisioning(models.Model):
    """One wish for a workspace. It holds its slug from the first moment until the Domain row does."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        REAPED = "reaped", _("Removed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # The same sign-up posted twice is one provisioning.
    idempotency_key = models.CharField(max_length=120, unique=True)
    slug = models.CharField(max_length=30)
    tenant = models.OneToOneField(
        "tenants.Tenant", on_delete=models.SET_NULL, null=True, blank=True, related_name="provisioning"
    )
    request_data = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_provisioning"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"],
                condition=Q(state__in=["pending", "running", "failed"]),
                name="provisioning_holds_slug",
            )
        ]
        indexes = [
            models.Index(
                fields=["updated_at"],
                condition=Q(state__in=["pending", "running", "failed"]),
                name="provisioning_open",
            )
        ]


class ProvisioningStep(models.Model):
    """Journal entry: a step that is ``done`` is never run again, every other state is retried."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provisioning = models.ForeignKey(Provisioning, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        db_table = "tenants_provisioning_step"
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["provisioning", "name"], name="provisioning_step_once")
        ]
