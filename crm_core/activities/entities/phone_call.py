"""Phone call."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities import rules
from crm_core.activities.entities.base import DESCRIPTION, PLANNING, SORTING, declare_activity
from crm_core.activities.models import PhoneCall
from crm_core.activities.option_lists import PHONE_CALL_STATES
from crm_core.metadata.entity import Form, Parameter, Section

PHONE_CALL = declare_activity(
    PhoneCall,
    PHONE_CALL_STATES,
    name="phone_call",
    plural="phone_calls",
    label=_("Phone call"),
    label_plural=_("Phone calls"),
    description=_("Calls made, received and planned."),
    order=20,
    icon="phone",
    color="green",
    quick_create=("subject", "regarding", "phone_number", "direction", "scheduled_end", "description"),
    form=Form(
        (
            Section(_("Phone call"), ("subject", "regarding", "parties", "phone_number", "direction", "result", "priority")),
            PLANNING,
            DESCRIPTION,
            SORTING,
        ),
        header=("regarding", "phone_number", "direction", "scheduled_end", "owner"),
    ),
    columns=("subject", "regarding", "phone_number", "direction", "scheduled_end", "priority", "owner"),
    due="scheduled_end",
    lists=(_("My open phone calls"), _("Open phone calls"), _("All phone calls")),
    rules=(rules.warn_do_not_phone,),
    result=(Parameter("result", _("Result"), "pick", option_list="call_result"),),
)  # fmt: skip
