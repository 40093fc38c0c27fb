"""Visit."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities.entities.base import DESCRIPTION, PLANNING, SORTING, declare_activity
from crm_core.activities.models import Visit
from crm_core.activities.option_lists import VISIT_STATES
from crm_core.activities.services.closing import CHECK_IN
from crm_core.metadata.declaration import customer_attribute
from crm_core.metadata.entity import Form, Section

VISIT = declare_activity(
    Visit,
    VISIT_STATES,
    name="visit",
    plural="visits",
    label=_("Visit"),
    label_plural=_("Visits"),
    description=_("Visits to customers, with check-in on the spot."),
    order=60,
    icon="map-pin",
    color="pink",
    facts=("customer", "scheduled_start"),
    extra=(
        customer_attribute("customer", _("Customer"), account="customer_account", contact="customer_contact", related="visits"),
    ),
    quick_create=("subject", "customer", "scheduled_start", "scheduled_end", "location"),
    form=Form(
        (
            Section(_("Visit"), ("subject", "customer", "regarding", "parties", "location", "priority")),
            PLANNING,
            Section(_("Check-in"), ("checked_in_at", "check_in_latitude", "check_in_longitude")),
            DESCRIPTION,
            SORTING,
        ),
        header=("customer", "location", "scheduled_start", "checked_in_at", "owner"),
    ),
    columns=("subject", "customer", "location", "scheduled_start", "scheduled_end", "checked_in_at", "owner"),
    due="scheduled_start",
    lists=(_("My planned visits"), _("Planned visits"), _("All visits")),
    actions=(CHECK_IN,),
    converts=False,
)  # fmt: skip
