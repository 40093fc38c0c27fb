"""What can be restored (ASP-30, ASP-40.3)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Backup(models.Model):
    """A package of one workspace on the backup storage, with what proves it whole."""

    class Kind(models.TextChoices):
        DAILY = "daily", _("Daily")
        MANUAL = "manual", _("By an operator")
        BEFORE_RESTORE = "before_restore", _("Before a restore in place")
        EXPORT = "export", _("Export package")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="backups")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    #: Below the backup folder; a name that says nothing.
    path = models.CharField(max_length=200)
    size = models.BigIntegerField()
    checksum = models.CharField(max_length=64)
    rows = models.BigIntegerField(default=0)
    files = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "tenants_backup"
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["tenant", "-created_at"], name="backup_newest"),
            models.Index(fields=["expires_at"], name="backup_expiry"),
        ]
