"""Migration waves: one run over all workspaces, one row per workspace in it (ASP-30 upgrade)."""

from __future__ import annotations

from django.db import models

from tenants.ids import uuid7


class SchemaMigrationRun(models.Model):
    """One roll-out of the migrations on disk over every lagging workspace schema."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    target = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    message = models.CharField(max_length=300, blank=True, default="")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_schema_migration_run"
        ordering = ["-started_at"]


class TenantMigration(models.Model):
    """What happened to one workspace schema in a run."""

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

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
