"""Letter."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.models.base import ActivityRecord
from crm_core.metadata import fields


class Letter(ActivityRecord):
    """A letter sent or received; the address is copied text and never changes with the customer (CUS-1.6)."""

    direction = fields.Pick("direction", label=_("Direction"), default=2)
    address_text = fields.Memo(1000, label=_("Address"))

    class Meta(ActivityRecord.Meta):
        pass
