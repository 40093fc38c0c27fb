"""The actions of a lead (SAL-1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.customers.services.qualification import cancel_open_activities, qualify
from crm_core.metadata.entity import Action, Parameter


def disqualify(context) -> dict[str, int]:
    """Close the lead with a reason; its open activities are cancelled on request. Returns how many were."""
    canceled = 0
    if context.values.get("cancel_activities"):
        canceled = cancel_open_activities(context.entity.name, context.record.pk, context.actor)
    context.set_state("disqualified", context.values["status_reason"])
    return {"canceled_activities": canceled}


def reactivate(context) -> None:
    """Open the lead again; what was created from it stays and stays linked."""
    context.set_state("open")
    context.update(qualified_at=None)


QUALIFY = Action(
    "qualify",
    pgettext_lazy("action", "Qualify"),
    qualify,
    states=("open",),
    primary=True,
    icon="user-check",
    makes=("opportunity", "account", "contact"),
    parameters=(
        Parameter("create_account", _("Create an account"), "bool", initial=True),
        Parameter("create_contact", _("Create a contact"), "bool", initial=True),
        Parameter("create_opportunity", _("Create an opportunity"), "bool", initial=True),
        Parameter("account_id", _("Existing account"), "lookup", targets=("account",)),
        Parameter("contact_id", _("Existing contact"), "lookup", targets=("contact",)),
        Parameter(
            "customer_id", _("Customer of the opportunity"), "customer", targets=("account", "contact")
        ),
        Parameter("currency", _("Currency"), "text", max_length=3),
        Parameter("keep_open_activities", _("Leave open activities on the lead"), "bool"),
        Parameter("allow_duplicates", _("Create even if there are similar records"), "bool"),
    ),
)
DISQUALIFY = Action(
    "disqualify",
    pgettext_lazy("action", "Disqualify"),
    disqualify,
    states=("open",),
    icon="user-x",
    bulk=True,
    parameters=(
        Parameter("status_reason", _("Reason"), "pick", required=True, reasons_of="disqualified"),
        Parameter("cancel_activities", _("Cancel open activities"), "bool"),
    ),
)
REACTIVATE = Action(
    "reactivate",
    pgettext_lazy("action", "Reactivate"),
    reactivate,
    states=("qualified", "disqualified"),
    refusal="already_open",
    icon="refresh",
)
