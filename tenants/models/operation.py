"""Long work on one workspace as a whole, as rows with progress (ASP-30 Clone, move, back up, restore)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Operation(models.Model):
    """One backup, restore, export, import, clone or destruction. Its work repeats safely after a kill."""

    class Kind(models.TextChoices):
        BACK_UP = "back_up", _("Back up")
        EXPORT = "export", _("Export package")
        RESTORE_BESIDE = "restore_beside", _("Restore beside the live one")
        RESTORE_IN_PLACE = "restore_in_place", _("Restore in place")
        IMPORT = "import", _("Import package")
        CLONE = "clone", _("Clone")
        DESTROY = "destroy", _("Destroy")
        SANDBOX = "sandbox", _("Create sandbox")
        SANDBOX_REFRESH = "sandbox_refresh", _("Refresh sandbox")
        SANDBOX_REMOVE = "sandbox_remove", _("Delete sandbox")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.CASCADE, null=True, blank=True, related_name="operations"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    values = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    step = models.CharField(max_length=120, blank=True, default="")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    requested_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_operation"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=Q(state__in=["queued", "running"]),
                name="operation_one_per_tenant",
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(state__in=["queued", "running"]), name="operation_open"
            )
        ]

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100."""
        if self.state == self.State.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0
