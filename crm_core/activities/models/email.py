"""E-mail."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.activities.models.base import ActivityRecord
from crm_core.metadata import fields
from crm_core.metadata.bodies import body_index


class Email(ActivityRecord):
    """An e-mail as a record: who wrote what to whom."""

    direction = fields.Pick("direction", label=_("Direction"), default=2)
    body = fields.Memo(100_000, format="rich", label=_("Text"), body=True)
    message_id = fields.Text(255, label=_("Message id"), read_only=True)
    in_reply_to = fields.Text(255, label=_("In reply to"), read_only=True)

    class Meta(ActivityRecord.Meta):
        indexes = (
            *ActivityRecord.Meta.indexes,
            models.Index("message_id", condition=Q(message_id__isnull=False), name="email_message_id"),
            body_index("body", "%(class)s_body_words"),
        )
