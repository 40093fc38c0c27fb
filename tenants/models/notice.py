"""Mails to the people who run a workspace about what the provider does; sent by a worker (ASP-30)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tenants.ids import uuid7


class OwnerNotice(models.Model):
    """One mail, written when the act happened and sent once; it stays as proof of what the owner was told.

    ``announcement`` is the one it is a copy of; an administrator gets each once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="notices")
    announcement = models.ForeignKey(
        "tenants.Announcement", on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    kind = models.CharField(max_length=40)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    next_try_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "tenants_owner_notice"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "tenant", "to"],
                condition=models.Q(announcement__isnull=False) & ~models.Q(to=""),
                name="owner_notice_announcement_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(sent_at__isnull=True), name="owner_notice_due"
            )
        ]
