"""A domain of the customer's own on its way to being an address of his workspace (ASP-30 Edit, SAAS.md T7)."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


def new_token() -> str:
    """What the customer writes into his zone: unguessable, and another one for each claim."""
    return secrets.token_hex(20)


class CustomDomain(models.Model):
    """One workspace's claim to a domain. Any number may claim it; one, with proof, has it.

    The address itself is a `Domain` row, made when the proof was found and removed when it is lost.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for proof")
        VERIFIED = "verified", _("Verified")
        FAILED = "failed", _("Proof lost")
        EXPIRED = "expired", _("Never proven")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="custom_domains")
    domain = models.CharField(max_length=253)
    token = models.CharField(max_length=64, default=new_token)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    #: Code of what the last check found wrong; empty after a good one.
    problem = models.CharField(max_length=60, blank=True, default="")
    #: Checks in a row that found no proof.
    failures = models.PositiveSmallIntegerField(default=0)
    #: Whether the domain led to us at the last check.
    points_here = models.BooleanField(default=False)
    added_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)
    #: When proof was first asked for in this round; pending ones expire some days after.
    asked_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(default=timezone.now, null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_custom_domain"
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "domain"], name="custom_domain_once_per_tenant"),
            models.UniqueConstraint(
                fields=["domain"], condition=Q(state="verified"), name="custom_domain_one_owner"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"], condition=Q(next_check_at__isnull=False), name="custom_domain_due"
            )
        ]
