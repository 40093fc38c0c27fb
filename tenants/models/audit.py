"""What operators did, append-only (ASP-30 audit)."""

from __future__ import annotations

from django.db import models

from tenants.ids import uuid7


class OperatorAudit(models.Model):
    """One act of an operator. Rows are never changed; a trigger in the first migration refuses it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    operator_email = models.CharField(max_length=254)
    act = models.CharField(max_length=60)
    tenant_id = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "tenants_operator_audit"
        ordering = ["-at"]
        indexes = [models.Index(fields=["tenant_id", "at"], name="operator_audit_tenant")]
