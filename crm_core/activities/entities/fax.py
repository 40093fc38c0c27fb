"""Fax."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities import rules
from crm_core.activities.entities.base import DESCRIPTION, PLANNING, SORTING, declare_activity
from crm_core.activities.models import Fax
from crm_core.activities.option_lists import FAX_STATES
from crm_core.metadata.entity import Form, Section

FAX = declare_activity(
    Fax,
    FAX_STATES,
    name="fax",
    plural="faxes",
    label=_("Fax"),
    label_plural=_("Faxes"),
    description=_("Faxes sent and received."),
    order=80,
    icon="printer",
    color="gray",
    in_navigation=False,
    quick_create=("subject", "regarding", "fax_number", "direction", "scheduled_end"),
    form=Form(
        (
            Section(_("Fax"), ("subject", "regarding", "parties", "fax_number", "direction", "pages", "document", "cover_page", "gateway_result", "priority")),
            PLANNING,
            DESCRIPTION,
            SORTING,
        ),
        header=("regarding", "direction", "scheduled_end", "owner"),
    ),
    columns=("subject", "regarding", "direction", "scheduled_end", "status_reason", "owner"),
    due="scheduled_end",
    lists=(_("My open faxes"), _("Open faxes"), _("All faxes")),
    rules=(rules.warn_do_not_fax,),
)  # fmt: skip
