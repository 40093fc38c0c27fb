"""Letter."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities import rules
from crm_core.activities.entities.base import DESCRIPTION, PLANNING, SORTING, declare_activity
from crm_core.activities.models import Letter
from crm_core.activities.option_lists import LETTER_STATES
from crm_core.metadata.entity import Form, Section

LETTER = declare_activity(
    Letter,
    LETTER_STATES,
    name="letter",
    plural="letters",
    label=_("Letter"),
    label_plural=_("Letters"),
    description=_("Letters sent and received."),
    order=70,
    icon="file-text",
    color="yellow",
    quick_create=("subject", "regarding", "direction", "address_text", "scheduled_end"),
    form=Form(
        (
            Section(_("Letter"), ("subject", "regarding", "parties", "direction", "address_text", "priority")),
            PLANNING,
            DESCRIPTION,
            SORTING,
        ),
        header=("regarding", "direction", "scheduled_end", "owner"),
    ),
    columns=("subject", "regarding", "direction", "scheduled_end", "status_reason", "owner"),
    due="scheduled_end",
    lists=(_("My open letters"), _("Open letters"), _("All letters")),
    rules=(rules.warn_do_not_post,),
)  # fmt: skip
