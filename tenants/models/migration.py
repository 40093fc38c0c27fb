"""Migration waves: one run over all workspaces, one row per workspace in it (ASP-30 upgrade)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class SchemaMigrationRun(models.Model):
    """One roll-out of the migrations on disk over every lagging workspace schema."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    #: States in which work is left.
    OPEN = (State.WAITING, State.RUNNING, State.PAUSED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    target = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    message = models.CharField(max_length=300, blank=True, default="")
    requested_by = models.CharField(max_length=254, blank=True, default="")
    #: Not before; None: at once.
    starts_at = models.DateTimeField(null=True, blank=True)
    #: Pause when the canary group is through, so that somebody looks before all follow.
    hold_after_canary = models.BooleanField(default=False)
    #: Stop when more than this share of the workspaces done so far failed, 0 to 1.
    stop_at_failure_share = models.FloatField(default=0.05)
    #: Failures an operator has seen and gone on from.
    failures_accepted = models.PositiveIntegerField(default=0)
    announcement = models.ForeignKey(
        "tenants.Announcement", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_schema_migration_run"
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=Q(state__in=["waiting", "running", "paused"]),
                name="migration_run_one_open",
            )
        ]


class TenantMigration(models.Model):
    """What happened to one workspace schema in a run."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(SchemaMigrationRun, on_delete=models.CASCADE, related_name="tenants")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="migrations")
    wave = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_tenant_migration"
        ordering = ["wave", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "tenant"], name="tenant_migration_once_per_run")
        ]
