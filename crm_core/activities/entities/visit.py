"""Visit."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.entities.base import (
    ACTIVITY_FEATURES,
    PLANNING,
    SORTING,
    activity_rules,
    activity_views,
    regarding,
)
from crm_core.activities.models import Visit
from crm_core.activities.option_lists import VISIT_STATES
from crm_core.activities.services.closing import CHECK_IN, closing_actions
from crm_core.metadata.declaration import customer_attribute, declare
from crm_core.metadata.entity import Form, Section

COLUMNS = ("subject", "customer", "location", "scheduled_start", "scheduled_end", "checked_in_at", "owner")

VISIT = declare(
    Visit,
    name="visit",
    plural="visits",
    label=_("Visit"),
    label_plural=_("Visits"),
    description=_("Visits to customers, with check-in on the spot."),
    group="activities",
    order=60,
    icon="map-pin",
    color="pink",
    primary="subject",
    states=VISIT_STATES,
    features=ACTIVITY_FEATURES,
    is_activity=True,
    calendar=("scheduled_start", "scheduled_end"),
    facts=("customer", "scheduled_start"),
    extra=(
        regarding(),
        customer_attribute("customer", _("Customer"), account="customer_account", contact="customer_contact", related="visits"),
    ),
    quick_create=("subject", "customer", "scheduled_start", "scheduled_end", "location"),
    form=Form(
        (
            Section(_("Visit"), ("subject", "customer", "regarding", "parties", "location", "priority")),
            PLANNING,
            Section(_("Check-in"), ("checked_in_at", "check_in_latitude", "check_in_longitude")),
            Section(_("Description"), ("description",), columns=1),
            SORTING,
        ),
        header=("customer", "location", "scheduled_start", "checked_in_at", "owner"),
    ),
    views=activity_views(VISIT_STATES, COLUMNS, due="scheduled_start",
                         names={"mine": _("My planned visits"), "open": _("Planned visits"), "all": _("All visits")}),
    rules=activity_rules(),
    actions=(CHECK_IN, *closing_actions(VISIT_STATES)),
)  # fmt: skip
