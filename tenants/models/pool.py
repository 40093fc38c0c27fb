"""Ready-made schemas that wait for their tenant (SAAS.md §4.2 provisioning)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.ids import new_schema_name, uuid7


class TemplateSchema(models.Model):
    """A schema built by running the migrations once per migration level; the pool is cloned from it."""

    class State(models.TextChoices):
        BUILDING = "building"
        READY = "ready"
        RETIRED = "retired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    schema_name = models.CharField(max_length=63, unique=True, default=new_schema_name)
    level = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.BUILDING)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_template_schema"


class PoolSchema(models.Model):
    """One pre-built schema and where it is on its way to a tenant."""

    class State(models.TextChoices):
        BUILDING = "building"
        READY = "ready"
        CLAIMED = "claimed"
        DISCARDED = "discarded"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    schema_name = models.CharField(max_length=63, unique=True, default=new_schema_name)
    level = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State.choices, default=State.BUILDING)
    provisioning_id = models.UUIDField(null=True, blank=True, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "tenants_pool_schema"
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="ready"), name="pool_ready_oldest_first")
        ]


class PoolTarget(models.Model):
    """How many ready schemas operators want in stock; without the one row, the installation's setting counts."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveSmallIntegerField()
    changed_by = models.CharField(max_length=254)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "tenants_pool_target"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="pool_target_one_row")]
