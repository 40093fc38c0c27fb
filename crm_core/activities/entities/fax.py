"""Fax."""

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
from crm_core.activities.models import Fax
from crm_core.activities.option_lists import FAX_STATES
from crm_core.activities.services.closing import closing_actions
from crm_core.activities.services.conversion import conversion_actions
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import Form, Section

COLUMNS = ("subject", "regarding", "direction", "scheduled_end", "status_reason", "owner")

FAX = declare(
    Fax,
    name="fax",
    plural="faxes",
    label=_("Fax"),
    label_plural=_("Faxes"),
    description=_("Faxes sent and received."),
    group="activities",
    order=80,
    icon="printer",
    color="gray",
    primary="subject",
    states=FAX_STATES,
    features=ACTIVITY_FEATURES,
    is_activity=True,
    in_navigation=False,
    calendar=("scheduled_start", "scheduled_end"),
    facts=("regarding", "scheduled_end"),
    extra=(regarding(),),
    quick_create=("subject", "regarding", "fax_number", "direction", "scheduled_end"),
    form=Form(
        (
            Section(_("Fax"), ("subject", "regarding", "parties", "fax_number", "direction", "pages", "document", "cover_page", "gateway_result", "priority")),
            PLANNING,
            Section(_("Description"), ("description",), columns=1),
            SORTING,
        ),
        header=("regarding", "direction", "scheduled_end", "owner"),
    ),
    views=activity_views(FAX_STATES, COLUMNS, due="scheduled_end",
                         names={"mine": _("My open faxes"), "open": _("Open faxes"), "all": _("All faxes")}),
    rules=activity_rules(rules.warn_do_not_fax),
    actions=(*closing_actions(FAX_STATES), *conversion_actions(FAX_STATES)),
)  # fmt: skip
