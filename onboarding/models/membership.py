"""Which address has a user in which workspace: what "Find my workspace" reads (SAAS.md §4.2)."""

from __future__ import annotations

from django.db import models

from tenants.ids import uuid7


class Membership(models.Model):
    """Kept beside the workspaces because nobody may ask all schemas at request time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "onboarding_membership"
        constraints = [
            models.UniqueConstraint(fields=["email", "tenant"], name="membership_once"),
        ]
