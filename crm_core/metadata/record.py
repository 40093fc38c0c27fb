"""Abstract models: the columns every record has (PRODUCT_SPEC 0.3)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from uuid_utils.compat import uuid7

from tenants.context import GuardedManager


def new_id() -> uuid.UUID:
    """A time-ordered key made by the application."""
    return uuid7()


class Record(models.Model):
    """What every record has, whoever owns it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(
        "security.Principal", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    modified_at = models.DateTimeField(db_default=Now())
    modified_by = models.ForeignKey(
        "security.Principal", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=20, default="active")
    status_reason = models.IntegerField(default=1)
    custom = models.JSONField(default=dict)
    search_text = models.TextField(default="")
    external_key = models.CharField(max_length=200, null=True)
    source_system = models.CharField(max_length=60, null=True)
    import_id = models.UUIDField(null=True)
    is_sample = models.BooleanField(default=False)
    merged_into = models.UUIDField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.UUIDField(null=True)
    deletion_id = models.UUIDField(null=True)

    objects = GuardedManager()

    class Meta:
        abstract = True
        indexes: ClassVar[tuple[models.Index, ...]] = (
            models.Index("created_at", "id", condition=Q(deleted_at=None), name="%(class)s_created"),
            GinIndex(
                fields=("search_text",),
                opclasses=("gin_trgm_ops",),
                condition=Q(deleted_at=None),
                name="%(class)s_search",
            ),
            models.Index("deletion_id", condition=Q(deleted_at__isnull=False), name="%(class)s_deleted"),
            models.Index("import_id", condition=Q(import_id__isnull=False), name="%(class)s_import"),
        )
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(
                fields=("external_key", "source_system"),
                condition=Q(external_key__isnull=False, deleted_at=None),
                name="%(class)s_external",
            ),
        )


class OwnedRecord(Record):
    """A record owned by a user or team; its unit is always the owner's (PRODUCT_SPEC 0.3)."""

    owner = models.ForeignKey("security.Principal", models.PROTECT, null=True, related_name="+")
    owning_business_unit = models.ForeignKey(
        "security.BusinessUnit", models.PROTECT, null=True, related_name="+"
    )

    class Meta(Record.Meta):
        abstract = True


class WithMoney(models.Model):
    """Currency of a record's money attributes and the rate its base amounts were computed with (PLT-96)."""

    currency = models.CharField(max_length=3, null=True)
    exchange_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)

    class Meta:
        abstract = True
