"""Fax."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.models.base import ActivityRecord
from crm_core.metadata import fields


class Fax(ActivityRecord):
    """A fax sent or received; transmission belongs to a gateway, which writes its result here (CUS-5)."""

    direction = fields.Pick("direction", label=_("Direction"), default=2)
    fax_number = fields.Text(50, format="phone", label=_("Fax number"), searchable=True)
    cover_page = fields.Memo(2000, label=_("Cover page"))
    pages = fields.Int(min=0, max=9999, label=_("Pages"))
    document = fields.File(label=_("Document"))
    gateway_result = fields.Text(300, label=_("Transmission result"))

    class Meta(ActivityRecord.Meta):
        pass
