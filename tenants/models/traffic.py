"""What the web processes counted: requests per workspace, and slow statements (ASP-30 Monitor)."""

from __future__ import annotations

from django.db import models


class Traffic(models.Model):
    """Requests of one workspace within five minutes, all web processes together."""

    tenant_id = models.UUIDField()
    began_at = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)
    #: Answers with a 5xx status.
    errors = models.PositiveIntegerField(default=0)
    #: Requests turned away because the workspace sent too many.
    refused = models.PositiveIntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0)
    slowest = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "tenants_traffic"
        constraints = [
            models.UniqueConstraint(fields=["began_at", "tenant_id"], name="traffic_once_per_window")
        ]


class SlowStatement(models.Model):
    """A statement that took long, its values left out, and how often it did."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    sql = models.TextField()
    calls = models.BigIntegerField(default=0)
    milliseconds = models.BigIntegerField(default=0)
    slowest = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    last_schema = models.CharField(max_length=63, blank=True, default="")

    class Meta:
        db_table = "tenants_slow_statement"
        indexes = [models.Index(fields=["-milliseconds"], name="slow_statement_worst")]
