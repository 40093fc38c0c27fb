"""Appointment."""

from django.utils.translation import gettext_lazy as _

from crm_core.activities import rules
from crm_core.activities.entities.base import DESCRIPTION, PLANNING, SORTING, declare_activity
from crm_core.activities.models import Appointment
from crm_core.activities.option_lists import APPOINTMENT_STATES
from crm_core.metadata.entity import Form, Section

APPOINTMENT = declare_activity(
    Appointment,
    APPOINTMENT_STATES,
    name="appointment",
    plural="appointments",
    label=_("Appointment"),
    label_plural=_("Appointments"),
    description=_("Meetings in the calendar."),
    order=30,
    icon="calendar-event",
    color="violet",
    quick_create=("subject", "regarding", "scheduled_start", "scheduled_end", "location", "parties"),
    form=Form(
        (
            Section(_("Appointment"), ("subject", "regarding", "location", "show_as", "all_day", "priority", "parties")),
            PLANNING,
            DESCRIPTION,
            SORTING,
        ),
        header=("regarding", "location", "scheduled_start", "scheduled_end", "owner"),
    ),
    columns=("subject", "regarding", "location", "scheduled_start", "scheduled_end", "show_as", "owner"),
    due="scheduled_start",
    lists=(_("My appointments"), _("Open appointments"), _("All appointments")),
    derived={"status_reason": ("show_as",)},
    rules=(rules.planned_duration_from_times, rules.appointment_state_from_show_as,),
)  # fmt: skip
