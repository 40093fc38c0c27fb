"""Appointment."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.models.base import ActivityRecord
from crm_core.metadata import fields


class Appointment(ActivityRecord):
    """A meeting with a start and an end; how the time is shown decides between open and scheduled."""

    location = fields.Text(200, label=_("Location"), searchable=True)
    all_day = fields.Bool(label=_("All day"))
    show_as = fields.Pick("show_as", label=_("Show as"), default=3)

    class Meta(ActivityRecord.Meta):
        pass
