"""Delivered option lists, stages and states of the sales objects."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.metadata.declaration import numbered, option_list
from crm_core.metadata.entity import Option, Reason, State

PIPELINE, BEST_CASE, COMMITTED, OMITTED, WON, LOST = 1, 2, 3, 4, 5, 6
SYSTEM_CALCULATED, USER_PROVIDED = 1, 2
OUTCOME_WON, OUTCOME_LOST = 1, 2


class Stage(NamedTuple):
    """What entering a stage of the delivered process means (SAL-4.2); percent and forecast category."""

    probability: int
    forecast_category: int


# Standard B2B (SAL-4.8). A stage a workspace adds to the list leaves probability and category to people.
STAGES = {
    1: Stage(10, PIPELINE),
    2: Stage(30, PIPELINE),
    3: Stage(60, BEST_CASE),
    4: Stage(90, COMMITTED),
}
option_list(
    "opportunity_stage",
    (
        Option(1, _("Prospecting"), "gray"),
        Option(2, _("Engaging"), "blue"),
        Option(3, _("Proposing"), "indigo"),
        Option(4, _("Closing"), "violet"),
    ),
)
option_list(
    "forecast_category",
    numbered(
        _("Pipeline"), _("Best case"), _("Committed"), _("Omitted"), pgettext_lazy("opportunity", "Won"),
        pgettext_lazy("opportunity", "Lost"), colors=("blue", "cyan", "indigo", "gray", "green", "red"),
    ),
    fixed=True,
)  # fmt: skip
option_list("revenue_mode", numbered(_("System calculated"), _("User provided")), fixed=True)
option_list(
    "close_reason",
    numbered(
        _("Price"), _("Product"), _("Service"), _("Delivery time"), _("Personal relationship"),
        _("No budget"), _("No decision"), _("Competitor was better"), _("Other"),
    ),
)  # fmt: skip
option_list("purchase_need", numbered(_("Must have"), _("Should have"), _("Good to have"), _("No need")))
option_list("budget_status", numbered(_("No committed budget"), _("May buy"), _("Can buy"), _("Will buy")))
option_list(
    "purchase_process", numbered(_("Individual"), _("Committee"), pgettext_lazy("process", "Unknown"))
)
option_list(
    "opportunity_outcome",
    (
        Option(OUTCOME_WON, pgettext_lazy("opportunity", "Won"), "green"),
        Option(OUTCOME_LOST, pgettext_lazy("opportunity", "Lost"), "red"),
    ),
    fixed=True,
)
option_list(
    "product_type", numbered(_("Sales inventory"), _("Miscellaneous charge"), _("Service"), _("Flat fee"))
)

CANCELED, OUT_SOLD = 4, 5
OPPORTUNITY_STATES = (
    State(
        "open",
        pgettext_lazy("state", "Open"),
        (Reason(1, pgettext_lazy("opportunity", "In progress"), default=True), Reason(2, _("On hold"))),
        color="blue",
    ),
    State(
        "won",
        pgettext_lazy("opportunity", "Won"),
        (Reason(3, pgettext_lazy("opportunity", "Won"), default=True),),
        closed=True,
        color="green",
    ),
    State(
        "lost",
        pgettext_lazy("opportunity", "Lost"),
        (
            Reason(CANCELED, pgettext_lazy("opportunity", "Canceled"), default=True),
            Reason(OUT_SOLD, _("Out-sold")),
        ),
        closed=True,
        color="red",
    ),
)
OPPORTUNITY_CLOSE_STATES = (
    State("completed", _("Completed"), (Reason(1, _("Completed")),), closed=True, color="green"),
)
