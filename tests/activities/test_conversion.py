"""Turning activities into leads and opportunities (CUS-5.5)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata.errors import Conflict, Forbidden, Invalid
from crm_core.security.actor import Actor, actor_for
from crm_core.security.services import create_system_user
from tests.sales_people import act, everything, make, read, refers

TYPES = ("task", "phone_call", "appointment", "letter", "fax", "email")


@pytest.mark.parametrize("kind", TYPES)
def test_to_opportunity_takes_subject_customer_description_and_links_back(admin: Actor, kind: str) -> None:
    account = make("account", admin, name="Harbour Freight")
    made = make(
        kind, admin, subject="Wants two boats", description="Soon", regarding=refers("account", account)
    )
    _written, result = act(kind, "convert_to_opportunity", made, admin, close=True)
    opportunity = read("opportunity", result["opportunity_id"], admin)
    assert (opportunity["topic"], opportunity["description"]) == ("Wants two boats", "Soon")
    assert opportunity["customer"]["id"] == str(account)
    activity = read(kind, made, admin)
    assert (
        activity["regarding"]["object"] == "opportunity" and activity["regarding"]["id"] == opportunity["id"]
    )
    assert activity["state"] == "completed" and opportunity["owner"]["id"] == activity["owner"]["id"]


def test_to_lead_takes_the_other_side(rep: Actor) -> None:
    call = make(
        "phone_call",
        rep,
        subject="Asks for prices",
        phone_number="+44 117 496 0577",
        parties=[
            {"role": "to", "object": "user", "id": str(rep.user_id), "name": "Rita Rep"},
            {"role": "from", "name": "Mo Stranger", "address": "mo@stranger.example"},
        ],
    )
    _written, result = act("phone_call", "convert_to_lead", call, rep, company_name="Stranger Ltd")
    lead = read("lead", result["lead_id"], rep)
    assert (lead["topic"], lead["last_name"], lead["company_name"], lead["email"]) == (
        "Asks for prices",
        "Mo Stranger",
        "Stranger Ltd",
        "mo@stranger.example",
    )
    assert lead["business_phone"] is not None
    call_now = read("phone_call", call, rep)
    assert call_now["state"] == "open" and call_now["regarding"]["id"] == lead["id"]


def test_customer_is_found_among_the_participants(admin: Actor) -> None:
    contact = make("contact", admin, last_name="Keen")
    mail = make(
        "email",
        admin,
        subject="Offer?",
        parties=[{"role": "from", **refers("contact", contact), "name": "Keen"}],
    )
    _written, result = act("email", "convert_to_opportunity", mail, admin)
    assert read("opportunity", result["opportunity_id"], admin)["customer"]["id"] == str(contact)


@pytest.mark.parametrize(
    ("action", "code", "field"),
    [
        ("convert_to_lead", "lead.name_required", "last_name"),
        ("convert_to_opportunity", "activity.customer_required", "customer"),
    ],
)
def test_without_anybody_it_is_refused_and_nothing_changes(
    admin: Actor, action: str, code: str, field: str
) -> None:
    task = make("task", admin, subject="Think")
    before = everything()
    with pytest.raises(Exception) as refused:
        act("task", action, task, admin, close=True)
    assert _codes(refused.value) == {(code, field)}
    assert everything() == before


def test_closed_activities_are_not_converted(admin: Actor) -> None:
    account = make("account", admin, name="Harbour Freight")
    task = make("task", admin, subject="Think", regarding=refers("account", account))
    act("task", "complete", task, admin)
    before = everything()
    with pytest.raises(Conflict) as refused:
        act("task", "convert_to_opportunity", task, admin)
    assert refused.value.code == "activity.already_closed" and everything() == before


def test_without_the_right_to_create_opportunities_nothing_changes(admin: Actor) -> None:
    user = create_system_user("Tom Technician", "tom@example.com", roles=["technician"])
    technician = actor_for(user.pk, "screen")
    assert technician is not None
    account = make("account", admin, name="Harbour Freight")
    task = make("task", technician, subject="Sell", regarding=refers("account", account))
    before = everything()
    with pytest.raises(Forbidden) as refused:
        act("task", "convert_to_opportunity", task, technician)
    assert refused.value.code == "privilege.missing" and everything() == before


def _codes(error: Any) -> set[tuple[str, str | None]]:
    errors = getattr(error, "errors", None) or [error]
    return {(e.code, e.field) for e in errors if isinstance(e, Invalid)}
