"""Delivered option lists and states of the activity types (CUS-5)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.metadata.declaration import numbered, option_list
from crm_core.metadata.entity import Reason, State

INCOMING, OUTGOING = 1, 2
FREE, TENTATIVE, BUSY, OUT_OF_OFFICE = 1, 2, 3, 4

option_list("activity_priority", numbered(pgettext_lazy("priority", "Low"), pgettext_lazy("priority", "Normal"),
                                          pgettext_lazy("priority", "High"), colors=("gray", "blue", "red")))  # fmt: skip
option_list("direction", numbered(_("Incoming"), _("Outgoing"), colors=("teal", "indigo")), fixed=True)
option_list(
    "call_result",
    numbered(pgettext_lazy("call", "Made"), pgettext_lazy("activity", "Received"), _("No answer"), _("Left message"), pgettext_lazy("call", "Busy"),
             colors=("green", "green", "orange", "yellow", "orange")),
)  # fmt: skip
option_list(
    "show_as",
    numbered(pgettext_lazy("calendar", "Free"), _("Tentative"), pgettext_lazy("calendar", "Busy"), _("Out of office"),
             colors=("green", "yellow", "blue", "violet")),
    fixed=True,
)  # fmt: skip


def _closing(completed: tuple[Reason, ...], canceled: int) -> tuple[State, State]:
    return (
        State("completed", _("Completed"), completed, closed=True, color="green"),
        State("canceled", pgettext_lazy("activity", "Canceled"), (Reason(canceled, pgettext_lazy("activity", "Canceled")),),
              closed=True, color="gray"),
    )  # fmt: skip


TASK_STATES = (
    State(
        "open",
        pgettext_lazy("state", "Open"),
        (
            Reason(1, _("Not started"), default=True),
            Reason(2, pgettext_lazy("task", "In progress")),
            Reason(3, _("Waiting on someone else")),
            Reason(4, _("Deferred")),
        ),
        color="blue",
    ),
    *_closing((Reason(5, _("Completed")),), 6),
)
PHONE_CALL_STATES = (
    State("open", pgettext_lazy("state", "Open"), (Reason(1, pgettext_lazy("state", "Open")),), color="blue"),
    *_closing(
        (
            Reason(2, pgettext_lazy("call", "Made")),
            Reason(3, pgettext_lazy("activity", "Received"), fixed=True),
        ),
        4,
    ),
)
EMAIL_STATES = (
    State("open", pgettext_lazy("state", "Open"), (Reason(1, _("Draft")), Reason(2, _("Failed"))), color="blue"),
    *_closing(
        (Reason(3, _("Completed")), Reason(4, _("Sent")), Reason(5, pgettext_lazy("activity", "Received"), fixed=True), Reason(6, _("Pending send")),
         Reason(7, _("Sending"))),
        8,
    ),
)  # fmt: skip
LETTER_STATES = (
    State(
        "open",
        pgettext_lazy("state", "Open"),
        (Reason(1, pgettext_lazy("state", "Open")), Reason(2, _("Draft"))),
        color="blue",
    ),
    *_closing(
        (Reason(3, pgettext_lazy("activity", "Received"), fixed=True), Reason(4, _("Sent"), default=True)), 5
    ),
)
FAX_STATES = (
    State("open", pgettext_lazy("state", "Open"), (Reason(1, pgettext_lazy("state", "Open")),), color="blue"),
    *_closing(
        (
            Reason(2, _("Completed")),
            Reason(3, _("Sent"), default=True),
            Reason(4, pgettext_lazy("activity", "Received"), fixed=True),
        ),
        5,
    ),
)
APPOINTMENT_STATES = (
    State(
        "open",
        pgettext_lazy("state", "Open"),
        (Reason(1, pgettext_lazy("calendar", "Free"), fixed=True), Reason(2, _("Tentative"), fixed=True)),
        color="blue",
    ),
    *_closing((Reason(3, _("Completed")),), 4),
    State(
        "scheduled",
        _("Scheduled"),
        (Reason(5, pgettext_lazy("calendar", "Busy"), fixed=True), Reason(6, _("Out of office"), fixed=True)),
        color="indigo",
    ),
)
VISIT_STATES = (
    State("open", pgettext_lazy("state", "Open"), (Reason(1, _("Planned")),), color="blue"),
    *_closing((Reason(2, _("Completed")),), 3),
)
# how the time of an appointment is shown, and the state and reason that says the same
SHOWN = {FREE: ("open", 1), TENTATIVE: ("open", 2), BUSY: ("scheduled", 5), OUT_OF_OFFICE: ("scheduled", 6)}
