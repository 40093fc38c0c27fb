"""Phone call."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.models.base import ActivityRecord
from crm_core.metadata import fields


class PhoneCall(ActivityRecord):
    """A call made, received or planned."""

    phone_number = fields.Text(50, format="phone", label=_("Phone number"), searchable=True)
    direction = fields.Pick("direction", label=_("Direction"), default=2)
    result = fields.Pick("call_result", label=_("Result"))

    class Meta(ActivityRecord.Meta):
        pass
