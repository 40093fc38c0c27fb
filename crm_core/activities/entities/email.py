"""E-mail: drafts and what was recorded; sending belongs to the mail integration."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.entities.base import PLANNING, SORTING, declare_activity
from crm_core.activities.models import Email
from crm_core.activities.option_lists import EMAIL_STATES
from crm_core.metadata.entity import Form, Section

EMAIL = declare_activity(
    Email,
    EMAIL_STATES,
    name="email",
    plural="emails",
    label=_("E-mail"),
    label_plural=_("E-mails"),
    description=_("E-mails as records: drafts, and what was written elsewhere."),
    order=40,
    icon="mail",
    color="cyan",
    facts=("regarding", "created_at"),
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
    columns=("subject", "regarding", "direction", "status_reason", "scheduled_end", "owner"),
    due="scheduled_end",
    lists=(_("My e-mail drafts"), _("E-mail drafts"), _("All e-mails")),
)  # fmt: skip
