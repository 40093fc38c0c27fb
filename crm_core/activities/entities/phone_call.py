"""Phone call."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities import rules
from crm_core.activities.entities.base import (
    ACTIVITY_FEATURES,
    PLANNING,
    SORTING,
    activity_rules,
    activity_views,
    regarding,
)
from crm_core.activities.models import PhoneCall
from crm_core.activities.option_lists import PHONE_CALL_STATES
from crm_core.activities.services.closing import closing_actions
from crm_core.activities.services.conversion import conversion_actions
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import Form, Parameter, Section

COLUMNS = ("subject", "regarding", "phone_number", "direction", "scheduled_end", "priority", "owner")

PHONE_CALL = declare(
    PhoneCall,
    name="phone_call",
    plural="phone_calls",
    label=_("Phone call"),
    label_plural=_("Phone calls"),
    description=_("Calls made, received and planned."),
    group="activities",
    order=20,
    icon="phone",
    color="green",
    primary="subject",
    states=PHONE_CALL_STATES,
    features=ACTIVITY_FEATURES,
    is_activity=True,
    calendar=("scheduled_start", "scheduled_end"),
    facts=("regarding", "scheduled_end"),
    extra=(regarding(),),
    quick_create=("subject", "regarding", "phone_number", "direction", "scheduled_end", "description"),
    form=Form(
        (
            Section(_("Phone call"), ("subject", "regarding", "parties", "phone_number", "direction", "result", "priority")),
            PLANNING,
            Section(_("Description"), ("description",), columns=1),
            SORTING,
        ),
        header=("regarding", "phone_number", "direction", "scheduled_end", "owner"),
    ),
    views=activity_views(PHONE_CALL_STATES, COLUMNS, due="scheduled_end",
                         names={"mine": _("My open phone calls"), "open": _("Open phone calls"), "all": _("All phone calls")}),
    rules=activity_rules(rules.warn_do_not_phone),
    actions=(*closing_actions(PHONE_CALL_STATES, Parameter("result", _("Result"), "pick", option_list="call_result")), *conversion_actions(PHONE_CALL_STATES)),
)  # fmt: skip
