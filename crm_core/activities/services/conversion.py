"""Turning an activity into a lead or an opportunity (CUS-5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_core.activities.services.closing import complete
from crm_core.metadata import registry
from crm_core.metadata.entity import Action, Parameter, State
from crm_core.metadata.errors import Invalid
from crm_core.metadata.types.reference import Reference
from crm_core.records import service
from crm_core.security import access

# values of the activity the workspace fills in, whatever the person may write
CARRIED = ("description", "email", "business_phone")
CUSTOMERS = ("account", "contact")
# who is outside: the sender of what came in first, then those written to or met
OUTSIDE = ("from", "customer", "to", "required", "optional", "partner", "cc")


def convert_to_lead(context) -> dict[str, str]:
    """Create a lead with subject, description and the other side's name and address; returns `lead_id`.

    Raises Invalid `lead.name_required` when neither the parameters nor the participants name anybody, Forbidden
    `privilege.missing` without the right to create leads, Conflict `record.duplicates_found` unless `allow_duplicates`.
    """
    asked = context.values
    outside = _outside(_carried(context, "parties", "lead", "email"))
    values = {
        "topic": context.get("subject"),
        "last_name": asked.get("last_name") or outside.get("name"),
        "company_name": asked.get("company_name"),
        "description": _carried(context, "description", "lead", "description"),
    }
    address = outside.get("address") or ""
    if "@" in address:
        values["email"] = address
    if number := _carried(context, "phone_number", "lead", "business_phone"):
        values["business_phone"] = number
    return {"lead_id": str(_convert(context, "lead", values).id)}


def convert_to_opportunity(context) -> dict[str, str]:
    """Create an opportunity of the customer given, the one the activity is about, or the one who takes part.

    Returns `opportunity_id`. Raises Invalid `activity.customer_required` when there is none, Forbidden
    `privilege.missing`, Conflict `record.duplicates_found` unless `allow_duplicates`.
    """
    customer = context.values.get("customer") or _customer(context)
    if customer is None:
        raise Invalid(
            "activity.customer_required", _("An opportunity needs a customer: choose one."), field="customer"
        )
    values = {
        "topic": context.get("subject"),
        "customer": {"object": customer.object, "id": str(customer.id)},
        "description": _carried(context, "description", "opportunity", "description"),
    }
    return {"opportunity_id": str(_convert(context, "opportunity", values).id)}


def _carried(context, source: str, target: str, name: str) -> Any:
    """A value of the activity for the new record; a secured one never goes into the open."""
    attribute = context.entity.attributes.get(source)
    if attribute is None or not access.carries(attribute, registry.get(target).attribute(name)):
        return None
    return context.get(source)


def _convert(context, target: str, values: Mapping[str, Any]) -> Reference:
    """The new record, owned by the activity's owner; the activity is about it from now on and closed on request."""
    entity = registry.get(target)
    given = {name: value for name, value in values.items() if value not in (None, "")}
    if context.record.owner_id:
        given["owner"] = str(context.record.owner_id)
    written = service.create(
        entity,
        given,
        context.actor,
        detect_duplicates=True,
        allow_duplicates=bool(context.values.get("allow_duplicates")),
        privileged=frozenset(n for n in CARRIED if n in given and entity.attributes[n].secured),
    )
    made = Reference(entity.name, written.id, written.value(entity.primary))
    context.update(regarding=made)
    if context.values.get("close"):
        complete(context)
    return made


def _outside(parties: list[dict] | None) -> dict[str, Any]:
    """The participant from outside, or nothing."""
    strangers = [p for p in parties or () if p.get("object") not in ("user", "team")]
    ranked = sorted(
        (p for p in strangers if p["role"] in OUTSIDE), key=lambda party: OUTSIDE.index(party["role"])
    )
    return ranked[0] if ranked else {}


def _customer(context) -> Reference | None:
    """The account or contact the activity is about, or who takes part in it."""
    about = context.get("regarding")
    if about is not None and about.object in CUSTOMERS:
        return about
    taking_part = _carried(context, "parties", "opportunity", "customer")
    known = [p for p in taking_part or () if p.get("object") in CUSTOMERS and p.get("id")]
    party = _outside(known)
    return Reference(party["object"], party["id"], party.get("name")) if party else None


def conversion_actions(states: tuple[State, ...]) -> tuple[Action, Action]:
    """Convert to lead and convert to opportunity for an activity type with these states; open activities only."""
    still_open = tuple(s.value for s in states if not s.closed)
    common = (
        Parameter("close", gettext_lazy("Complete the activity"), "bool", initial=True),
        Parameter("allow_duplicates", gettext_lazy("Create even if there are similar records"), "bool"),
    )
    return (
        Action(
            "convert_to_lead",
            gettext_lazy("Convert to lead"),
            convert_to_lead,
            states=still_open,
            refusal="activity.already_closed",
            icon="user-plus",
            makes=("lead",),
            parameters=(
                Parameter("last_name", gettext_lazy("Last name"), "text", max_length=100),
                Parameter("company_name", gettext_lazy("Company"), "text", max_length=160),
                *common,
            ),
        ),
        Action(
            "convert_to_opportunity",
            gettext_lazy("Convert to opportunity"),
            convert_to_opportunity,
            states=still_open,
            refusal="activity.already_closed",
            icon="target",
            makes=("opportunity",),
            parameters=(
                Parameter("customer", gettext_lazy("Customer"), "customer", targets=CUSTOMERS),
                *common,
            ),
        ),
    )
