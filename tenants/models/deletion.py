"""The end of a workspace: scheduled, recoverable, destroyed with proof (ASP-20 Deleted, ASP-30, ASP-40.5)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Deletion(models.Model):
    """One decision to delete. The row outlives the data: with its certificate it is the proof."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        RECOVERED = "recovered", _("Recovered")
        DESTROYING = "destroying", _("Being destroyed")
        DESTROYED = "destroyed", _("Destroyed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="deletions")
    state = models.CharField(max_length=16, choices=State.choices, default=State.SCHEDULED)
    reason = models.CharField(max_length=500)
    requested_by = models.CharField(max_length=254)
    approved_by = models.CharField(max_length=254)
    scheduled_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    certificate = models.JSONField(default=dict, blank=True)
    signature = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "tenants_deletion"
        ordering = ["-scheduled_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(state__in=["scheduled", "destroying"]),
                name="deletion_one_open",
            )
        ]
