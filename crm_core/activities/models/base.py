"""The base all activity types share, so that they appear together in lists, calendars and the timeline (CUS-5)."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.bodies import body_index
from crm_core.metadata.record import OwnedRecord

NOT_DELETED = Q(deleted_at=None)


class WithRegarding(models.Model):
    """What a note or an activity is about: object, id and the name it had when it was chosen."""

    regarding_object = models.CharField(max_length=63, null=True)
    regarding_id = models.UUIDField(null=True)
    regarding_name = models.CharField(max_length=500, null=True)

    class Meta:
        abstract = True


class ActivityRecord(WithRegarding, OwnedRecord):
    """One thing somebody did or will do. Times are instants; durations are whole minutes."""

    subject = fields.Text(200, label=_("Subject"), required=True, searchable=True)
    description = fields.Memo(100_000, label=_("Description"), body=True)
    parties = fields.Json("parties", label=_("Participants"))
    priority = fields.Pick("activity_priority", label=_("Priority"), default=2)
    category = fields.Text(100, label=_("Category"))
    sub_category = fields.Text(100, label=_("Subcategory"))
    scheduled_start = fields.DateTime(label=_("Start"))
    scheduled_end = fields.DateTime(label=_("Due"))
    actual_start = fields.DateTime(label=_("Actual start"))
    actual_end = fields.DateTime(label=_("Actual end"))
    scheduled_duration = fields.Duration(label=_("Planned duration"))
    actual_duration = fields.Duration(label=_("Actual duration"))
    is_billed = fields.Bool(label=_("Billed"))

    class Meta(OwnedRecord.Meta):
        abstract = True
        indexes = (
            *OwnedRecord.Meta.indexes,
            models.Index("regarding_id", "created_at", condition=NOT_DELETED, name="%(class)s_regarding"),
            GinIndex(
                fields=("parties",),
                opclasses=("jsonb_path_ops",),
                condition=NOT_DELETED & Q(parties__isnull=False),
                name="%(class)s_parties",
            ),
            models.Index(
                "owner", "state", "scheduled_end", "id", condition=NOT_DELETED, name="%(class)s_owner_due"
            ),
            models.Index("state", "scheduled_end", "id", condition=NOT_DELETED, name="%(class)s_state_due"),
            body_index("description", "%(class)s_desc_words"),
        )
