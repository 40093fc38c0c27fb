"""Which reminders of a trial's end were sent (ASP-10.4)."""

from __future__ import annotations

from django.db import models

from tenants.ids import uuid7


class TrialReminder(models.Model):
    """One reminder, so that none is sent twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    days_before = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "onboarding_trial_reminder"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "days_before"], name="trial_reminder_once"),
        ]
