"""Customization as documents: one published body per version, and the draft changes waiting for the next (PLT-11)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager


class Publication(models.Model):
    """What the customizer published, whole: compiling it is pure, rolling back publishes an old body again."""

    version = models.IntegerField(primary_key=True)
    body = models.JSONField()
    summary = models.JSONField(default=list)
    published_at = models.DateTimeField(db_default=Now())
    published_by = models.UUIDField(null=True)
    published_by_name = models.CharField(max_length=200, default="")
    restored_from = models.IntegerField(null=True)

    objects = GuardedManager()


class DraftChange(models.Model):
    """One change that waits for `publish`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    operation = models.CharField(max_length=10)
    object = models.CharField(max_length=63, null=True)
    name = models.CharField(max_length=63, null=True)
    definition = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.UUIDField(null=True)

    objects = GuardedManager()

    class Meta:
        ordering = ("created_at", "id")
