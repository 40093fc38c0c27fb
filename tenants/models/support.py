"""Help from the provider inside a workspace, by consent only (ASP-30 Support access, ASP-50.4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tenants.ids import uuid7


class SupportGrant(models.Model):
    """An administrator's consent: until when, and whether operators may change anything."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="support_grants")
    granted_by = models.CharField(max_length=254)
    note = models.CharField(max_length=500, blank=True, default="")
    may_write = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "tenants_support_grant"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(revoked_at__isnull=True), name="support_grant_one_open"
            )
        ]

    @property
    def is_open(self) -> bool:
        """Neither revoked nor over."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class SupportEvent(models.Model):
    """One thing an operator did inside a workspace. The workspace's administrators read these rows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    grant = models.ForeignKey(SupportGrant, on_delete=models.CASCADE, related_name="events")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    operator_email = models.CharField(max_length=254)
    act = models.CharField(max_length=20)
    method = models.CharField(max_length=10, blank=True, default="")
    path = models.CharField(max_length=300, blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        db_table = "tenants_support_event"
        ordering = ["-at"]
        indexes = [models.Index(fields=["tenant", "-at"], name="support_event_newest")]
