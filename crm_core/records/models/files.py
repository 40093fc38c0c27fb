"""Files people attach, and files jobs produce."""

from __future__ import annotations

from django.db import models

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager


class StoredFile(models.Model):
    """Content lies in the workspace's own folder of the file storage, under a name that says nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    mime_type = models.CharField(max_length=120)
    checksum = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.UUIDField(null=True)
    regarding_object = models.CharField(max_length=63, null=True)
    regarding_id = models.UUIDField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = GuardedManager()

    class Meta:
        indexes = (
            models.Index(
                "regarding_id", name="storedfile_regarding", condition=models.Q(regarding_id__isnull=False)
            ),
        )
