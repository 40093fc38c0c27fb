"""The register of access requests and erasures (CUS-15.8): who did what and when, never whom by name; retention rules."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from crm_core.metadata.record import new_id
from tenants.context import GuardedManager

KINDS = ("access", "erasure")


class RetentionRule(models.Model):
    """People of an object who are in `state` (any when empty) and untouched for `months` are erased by night."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    object = models.CharField(max_length=63)
    state = models.CharField(max_length=40, default="")
    months = models.PositiveSmallIntegerField()
    created_by = models.UUIDField(null=True)
    created_by_name = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField(db_default=Now())

    objects = GuardedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("object", "state"), name="retentionrule_once"),
            models.CheckConstraint(
                condition=models.Q(months__gte=1, months__lte=240), name="retentionrule_months"
            ),
        )


class PersonalRequest(models.Model):
    """One request that was done. `requested` says how it was asked for; it holds nothing of the person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10)
    object = models.CharField(max_length=63)
    record_id = models.UUIDField()
    requested = models.CharField(max_length=200, default="")
    done_by = models.UUIDField(null=True)
    done_by_name = models.CharField(max_length=200, default="")
    done_at = models.DateTimeField(db_default=Now())
    choices = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    job_id = models.UUIDField(null=True)

    objects = GuardedManager()

    class Meta:
        indexes = (models.Index(fields=("-done_at", "id"), name="personalrequest_list"),)
