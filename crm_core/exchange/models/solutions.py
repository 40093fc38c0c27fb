"""Solutions of a workspace, and what each import of one changed (PLT-12)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager


class Solution(models.Model):
    """A named set of components with a version, made here or imported.

    `components` are {"kind", "object", "name"}. `installed` says of an imported one what it brought:
    {"kind", "object", "name", "before", "after"}, definitions before the first import and after the last.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60, unique=True)
    label = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    description = models.CharField(max_length=1000, default="")
    managed = models.BooleanField(default=False)
    components = models.JSONField(default=list)
    installed = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(auto_now=True)

    objects = GuardedManager()

    class Meta:
        ordering = ("label", "name")


class SolutionImport(models.Model):
    """The snapshot an import took: every component it changed before and after, and the solution's row before.

    Rolling back within 30 days puts all of it back.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    solution_name = models.CharField(max_length=60)
    label = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    managed = models.BooleanField(default=False)
    changes = models.JSONField(default=list)
    solution_before = models.JSONField(null=True)
    version_before = models.IntegerField()
    version_after = models.IntegerField()
    imported_at = models.DateTimeField(db_default=Now())
    imported_by = models.UUIDField(null=True)
    imported_by_name = models.CharField(max_length=200, default="")
    rolled_back_at = models.DateTimeField(null=True)

    objects = GuardedManager()

    class Meta:
        ordering = ("-imported_at", "-id")
