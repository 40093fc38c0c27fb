"""When each periodic sweep last ran, so that two schedulers do not fire it twice (SAAS.md F14)."""

from __future__ import annotations

from django.db import models


class SweepRun(models.Model):
    """One row per registered sweep; whoever moves ``due_at`` forward owns that round."""

    name = models.CharField(max_length=80, primary_key=True)
    due_at = models.DateTimeField()
    last_started_at = models.DateTimeField(null=True, blank=True)
    rounds = models.BigIntegerField(default=0)

    class Meta:
        db_table = "tenants_sweep_run"
