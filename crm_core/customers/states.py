"""States of the customer objects that are not simply active or inactive."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.metadata.entity import Reason, State

NEW, CONTACTED, QUALIFIED = 1, 2, 3
LOST, CANNOT_CONTACT, NO_LONGER_INTERESTED, CANCELED = 4, 5, 6, 7

LEAD_STATES = (
    State(
        "open",
        pgettext_lazy("state", "Open"),
        (
            Reason(NEW, pgettext_lazy("lead", "New"), default=True),
            Reason(CONTACTED, pgettext_lazy("lead", "Contacted")),
        ),
        color="blue",
    ),
    State(
        "qualified",
        pgettext_lazy("lead", "Qualified"),
        (Reason(QUALIFIED, pgettext_lazy("lead", "Qualified"), default=True),),
        closed=True,
        color="green",
    ),
    State(
        "disqualified",
        pgettext_lazy("lead", "Disqualified"),
        (
            Reason(LOST, pgettext_lazy("lead", "Lost"), default=True),
            Reason(CANNOT_CONTACT, _("Cannot contact")),
            Reason(NO_LONGER_INTERESTED, _("No longer interested")),
            Reason(CANCELED, pgettext_lazy("lead", "Canceled")),
        ),
        closed=True,
        color="gray",
    ),
)
