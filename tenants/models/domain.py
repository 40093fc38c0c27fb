"""Addresses of workspaces (ASP-1, ASP-30 rename)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.ids import uuid7


class Domain(models.Model):
    """One host name of a tenant: its sub-domain (``slug`` set) or a custom domain (``slug`` empty).

    ``tombstone_until`` set: the address is given up. Until then it redirects to the primary one while
    the tenant lives, and nobody else can take it (90 days).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253, unique=True)
    slug = models.CharField(max_length=30, unique=True, null=True, blank=True)
    is_primary = models.BooleanField(default=True)
    tombstone_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "tenants_domain"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(is_primary=True), name="domain_one_primary_per_tenant"
            ),
        ]

    def __str__(self) -> str:
        return self.domain
