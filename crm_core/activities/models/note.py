"""Note (CUS-6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_core.activities.models.base import NOT_DELETED, WithRegarding
from crm_core.metadata import fields
from crm_core.metadata.bodies import body_index
from crm_core.metadata.record import OwnedRecord


class Note(WithRegarding, OwnedRecord):
    """Text about any record, with at most one file."""

    title = fields.Text(500, label=_("Title"), searchable=True)
    body = fields.Memo(100_000, format="rich", label=_("Text"), body=True)
    attachment = fields.File(label=_("File"))

    class Meta(OwnedRecord.Meta):
        indexes = (
            *OwnedRecord.Meta.indexes,
            models.Index("regarding_id", "created_at", condition=NOT_DELETED, name="%(class)s_regarding"),
            body_index("body", "%(class)s_body_words"),
        )
