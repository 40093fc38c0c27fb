"""Where custom objects, custom references and unique custom values are kept (ARCHITECTURE 4, Custom data)."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from crm_core.metadata.record import OwnedRecord, WithMoney, new_id
from tenants.context import GuardedManager


class CustomRecord(OwnedRecord, WithMoney):
    """A record of any custom object: `object` says which, everything but the name lives in `custom`."""

    object = models.CharField(max_length=63)
    name = models.CharField(max_length=200)

    class Meta:
        indexes = (
            models.Index(
                "object", "created_at", "id", condition=Q(deleted_at=None), name="customrecord_created"
            ),
            models.Index("object", "owner", condition=Q(deleted_at=None), name="customrecord_owner"),
            models.Index("object", "name", condition=Q(deleted_at=None), name="customrecord_name"),
            GinIndex(
                fields=("search_text",),
                opclasses=("gin_trgm_ops",),
                condition=Q(deleted_at=None),
                name="customrecord_search",
            ),
            models.Index("deletion_id", condition=Q(deleted_at__isnull=False), name="customrecord_deleted"),
            models.Index("import_id", condition=Q(import_id__isnull=False), name="customrecord_import"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("object", "external_key", "source_system"),
                condition=Q(external_key__isnull=False, deleted_at=None),
                name="customrecord_external",
            ),
        )


class RecordLink(models.Model):
    """One end of a custom reference: `attribute` of the source record points at the target record."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    attribute = models.CharField(max_length=63)
    source_object = models.CharField(max_length=63)
    source_id = models.UUIDField()
    target_object = models.CharField(max_length=63)
    target_id = models.UUIDField()

    objects = GuardedManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("attribute", "source_id"), name="record_link_once"),)
        indexes = (models.Index("target_id", "attribute", name="record_link_target"),)


class RelatedPair(models.Model):
    """A link of two records by a many-to-many relationship of the workspace (PLT-6).

    `relationship` is the definition's key. Links of a record in the recycle bin stay, so that it comes back with them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    relationship = models.CharField(max_length=63)
    first_object = models.CharField(max_length=63)
    first_id = models.UUIDField()
    second_object = models.CharField(max_length=63)
    second_id = models.UUIDField()

    objects = GuardedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("first_id", "relationship", "second_id"), name="related_pair_once"
            ),
        )
        indexes = (models.Index("second_id", "relationship", name="related_pair_second"),)


class RollUpState(models.Model):
    """When a roll-up was last renewed over all records; `key` is `object.attribute` (PLT-3)."""

    key = models.CharField(max_length=130, primary_key=True)
    renewed_at = models.DateTimeField()

    objects = GuardedManager()


class UniqueValue(models.Model):
    """A value of a unique custom attribute; the plain unique constraint makes it race-safe."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    object = models.CharField(max_length=63)
    attribute = models.CharField(max_length=63)
    value = models.CharField(max_length=500)
    record_id = models.UUIDField()

    objects = GuardedManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("object", "attribute", "value"), name="unique_value"),)
        indexes = (models.Index("record_id", name="unique_value_record"),)
