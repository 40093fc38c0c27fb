"""Task: something to do."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.models.base import ActivityRecord
from crm_core.metadata import fields


class Task(ActivityRecord):
    """Something to do, with a due date and a degree of completion."""

    percent_complete = fields.Int(min=0, max=100, default=0, label=_("Percent complete"))

    class Meta(ActivityRecord.Meta):
        pass
