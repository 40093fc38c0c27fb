"""E-mail: drafts and what was recorded; sending belongs to the mail integration."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.entities.base import (
    ACTIVITY_FEATURES,
    PLANNING,
    SORTING,
    activity_rules,
    activity_views,
    regarding,
)
from crm_core.activities.models import Email
from crm_core.activities.option_lists import EMAIL_STATES
from crm_core.activities.services.closing import closing_actions
from crm_core.activities.services.conversion import conversion_actions
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import Form, Section

COLUMNS = ("subject", "regarding", "direction", "status_reason", "scheduled_end", "owner")

EMAIL = declare(
    Email,
    name="email",
    plural="emails",
    label=_("E-mail"),
    label_plural=_("E-mails"),
    description=_("E-mails as records: drafts, and what was written elsewhere."),
    group="activities",
    order=40,
    icon="mail",
    color="cyan",
    primary="subject",
    states=EMAIL_STATES,
    features=ACTIVITY_FEATURES,
    is_activity=True,
    calendar=("scheduled_start", "scheduled_end"),
    facts=("regarding", "created_at"),
    extra=(regarding(),),
    quick_create=("subject", "regarding", "parties", "body"),
    form=Form(
        (
            Section(_("E-mail"), ("subject", "regarding", "parties", "direction", "priority")),
            Section(_("Text"), ("body",), columns=1),
            PLANNING,
            Section(_("Description"), ("description", "message_id", "in_reply_to"), columns=1),
            SORTING,
        ),
        header=("regarding", "direction", "status_reason", "owner"),
    ),
    views=activity_views(EMAIL_STATES, COLUMNS, due="scheduled_end",
                         names={"mine": _("My e-mail drafts"), "open": _("E-mail drafts"), "all": _("All e-mails")}),
    rules=activity_rules(),
    actions=(*closing_actions(EMAIL_STATES), *conversion_actions(EMAIL_STATES)),
)  # fmt: skip
