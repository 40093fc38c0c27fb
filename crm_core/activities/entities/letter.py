"""Letter."""

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
from crm_core.activities.models import Letter
from crm_core.activities.option_lists import LETTER_STATES
from crm_core.activities.services.closing import closing_actions
from crm_core.activities.services.conversion import conversion_actions
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import Form, Section

COLUMNS = ("subject", "regarding", "direction", "scheduled_end", "status_reason", "owner")

LETTER = declare(
    Letter,
    name="letter",
    plural="letters",
    label=_("Letter"),
    label_plural=_("Letters"),
    description=_("Letters sent and received."),
    group="activities",
    order=70,
    icon="file-text",
    color="yellow",
    primary="subject",
    states=LETTER_STATES,
    features=ACTIVITY_FEATURES,
    is_activity=True,
    calendar=("scheduled_start", "scheduled_end"),
    facts=("regarding", "scheduled_end"),
    extra=(regarding(),),
    quick_create=("subject", "regarding", "direction", "address_text", "scheduled_end"),
    form=Form(
        (
            Section(_("Letter"), ("subject", "regarding", "parties", "direction", "address_text", "priority")),
            PLANNING,
            Section(_("Description"), ("description",), columns=1),
            SORTING,
        ),
        header=("regarding", "direction", "scheduled_end", "owner"),
    ),
    views=activity_views(LETTER_STATES, COLUMNS, due="scheduled_end",
                         names={"mine": _("My open letters"), "open": _("Open letters"), "all": _("All letters")}),
    rules=activity_rules(rules.warn_do_not_post),
    actions=(*closing_actions(LETTER_STATES), *conversion_actions(LETTER_STATES)),
)  # fmt: skip
