"""Appointment."""

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
from crm_core.activities.models import Appointment
from crm_core.activities.option_lists import APPOINTMENT_STATES
from crm_core.activities.services.closing import closing_actions
from crm_core.activities.services.conversion import conversion_actions
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import Form, Section

COLUMNS = ("subject", "regarding", "location", "scheduled_start", "scheduled_end", "show_as", "owner")

APPOINTMENT = declare(
    Appointment,
    name="appointment",
    plural="appointments",
    label=_("Appointment"),
    label_plural=_("Appointments"),
    description=_("Meetings in the calendar."),
    group="activities",
    order=30,
    icon="calendar-event",
    color="violet",
    primary="subject",
    states=APPOINTMENT_STATES,
    features=ACTIVITY_FEATURES,
    is_activity=True,
    calendar=("scheduled_start", "scheduled_end"),
    facts=("regarding", "scheduled_start"),
    extra=(regarding(),),
    quick_create=("subject", "regarding", "scheduled_start", "scheduled_end", "location", "parties"),
    form=Form(
        (
            Section(_("Appointment"), ("subject", "regarding", "location", "show_as", "all_day", "priority", "parties")),
            PLANNING,
            Section(_("Description"), ("description",), columns=1),
            SORTING,
        ),
        header=("regarding", "location", "scheduled_start", "scheduled_end", "owner"),
    ),
    views=activity_views(APPOINTMENT_STATES, COLUMNS, due="scheduled_start",
                         names={"mine": _("My appointments"), "open": _("Open appointments"), "all": _("All appointments")}),
    rules=activity_rules(rules.planned_duration_from_times, rules.appointment_state_from_show_as),
    actions=(*closing_actions(APPOINTMENT_STATES), *conversion_actions(APPOINTMENT_STATES)),
)  # fmt: skip
