"""Leads: names, rating, and the actions of SAL-1."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.customers.rules.leads import rating_of
from crm_core.customers.services.field_mapping import MAPPINGS, FieldMapping, verify
from crm_core.metadata import registry
from crm_core.metadata.conditions import equals
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, ValidationFailed
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from tests.sales_people import act, change, everything, make, read, refers

LEAD = {
    "topic": "Two ferries",
    "first_name": "Petra",
    "last_name": "Lind",
    "company_name": "Nord AG",
    "job_title": "Buyer",
    "email": "petra@nord.example",
    "business_phone": "+49 431 5550",
    "website": "nord.example",
    "industry": 29,
    "annual_revenue": "1000000",
    "number_of_employees": 40,
    "estimated_value": "250000",
    "rating": 1,
    "source": 7,
    "address1_city": "Kiel",
    "do_not_phone": True,
    "description": "Met at the fair",
}


def lead(actor: Actor, /, **values: Any):
    return make("lead", actor, **{**LEAD, **values})


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        ({}, False),
        ({"first_name": "Petra"}, False),
        ({"last_name": "Lind"}, True),
        ({"company_name": "Nord AG"}, True),
    ],
)
def test_a_lead_has_a_person_or_a_company(admin: Actor, names: dict, allowed: bool) -> None:
    before = everything()
    if allowed:
        assert make("lead", admin, topic="Ferry", **names)
        return
    with pytest.raises(Invalid) as refused:
        make("lead", admin, topic="Ferry", **names)
    assert (refused.value.code, refused.value.field) == ("lead.name_required", "last_name")
    assert everything() == before


def test_the_last_name_cannot_be_taken_away(admin: Actor) -> None:
    ferry = make("lead", admin, topic="Ferry", last_name="Lind")
    with pytest.raises(Invalid) as refused:
        change("lead", ferry, admin, last_name=None)
    assert refused.value.code == "lead.name_required"


@pytest.mark.parametrize(("score", "rating"), [(0, 3), (34, 3), (35, 2), (69, 2), (70, 1), (100, 1)])
def test_thresholds_of_the_rating(score: int, rating: int) -> None:
    assert rating_of(score) == rating


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_higher_score_is_never_colder(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert rating_of(low) >= rating_of(high)


def test_score_sets_rating_unless_the_rating_is_stated(admin: Actor) -> None:
    ferry = make("lead", admin, topic="Ferry", last_name="Lind", score=80)
    assert read("lead", ferry, admin)["rating"] == 1
    change("lead", ferry, admin, score=10)
    assert read("lead", ferry, admin)["rating"] == 3
    change("lead", ferry, admin, score=20, rating=2)
    assert read("lead", ferry, admin)["rating"] == 2


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda m: f"{m.source}-{m.target}")
def test_the_delivered_mappings_fit(seeded: Any, mapping: FieldMapping) -> None:
    verify(mapping)


@pytest.mark.parametrize(
    "pair",
    [("topic", "job_title"), ("estimated_value", "last_name"), ("rating", "role"), ("topic", "gender")],
    ids=["shorter", "other type", "other options", "text to option"],
)
def test_a_mapping_that_does_not_fit_is_refused(seeded: Any, pair: tuple[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        verify(FieldMapping("lead", "contact", (pair,)))
    assert refused.value.code == "mapping.incompatible" and refused.value.details == {
        "source": pair[0],
        "target": pair[1],
    }


def test_qualify_makes_account_contact_and_opportunity(admin: Actor, rep: Actor) -> None:
    ferry = lead(rep)
    _written, result = act(
        "lead", "qualify", ferry, rep, create_account=True, create_contact=True, create_opportunity=True
    )
    account, contact = read("account", result["account_id"], rep), read("contact", result["contact_id"], rep)
    deal = read("opportunity", result["opportunity_id"], rep)
    assert account["name"] == "Nord AG" and account["phone"] == "+49 431 5550" and account["industry"] == 29
    assert (
        account["annual_revenue"] == "1000000.00"
        and account["address1_city"] == "Kiel"
        and account["do_not_phone"] is True
    )
    assert (
        contact["full_name"] == "Petra Lind"
        and contact["email"] == "petra@nord.example"
        and contact["do_not_phone"] is True
    )
    assert contact["parent_customer"] == {"object": "account", "id": account["id"], "name": "Nord AG"}
    assert deal["customer"]["id"] == account["id"] and deal["contact"]["id"] == contact["id"]
    assert (deal["topic"], deal["estimated_revenue"], deal["rating"], deal["source"]) == (
        "Two ferries",
        "250000.00",
        1,
        7,
    )
    assert {r["originating_lead"]["id"] for r in (account, contact, deal)} == {str(ferry)}
    assert {r["owner"]["id"] for r in (account, contact, deal)} == {str(rep.user_id)}
    row = read("lead", ferry, rep)
    assert (row["state"], row["status_reason"]) == ("qualified", 3) and row["qualified_at"]


def test_qualify_for_given_records_creates_only_the_opportunity(admin: Actor) -> None:
    account, contact = make("account", admin, name="Nord AG"), make("contact", admin, last_name="Lind")
    _written, result = act("lead", "qualify", lead(admin), admin, create_opportunity=True, account_id=str(account),
                           contact_id=str(contact))  # fmt: skip
    assert result["account_id"] == str(account) and result["contact_id"] == str(contact)
    assert read("opportunity", result["opportunity_id"], admin)["customer"]["id"] == str(account)
    assert Query(registry.get("account"), admin).count("exact")["value"] == 1


def test_the_given_customer_wins(admin: Actor) -> None:
    contact = make("contact", admin, last_name="Berg")
    _written, result = act("lead", "qualify", lead(admin), admin, create_account=True, create_opportunity=True,
                           customer_id=refers("contact", contact))  # fmt: skip
    assert read("opportunity", result["opportunity_id"], admin)["customer"]["id"] == str(contact)


def test_without_company_the_contact_is_the_customer(admin: Actor) -> None:
    ferry = lead(admin, company_name=None)
    _written, result = act("lead", "qualify", ferry, admin, create_contact=True, create_opportunity=True)
    deal = read("opportunity", result["opportunity_id"], admin)
    assert deal["customer"] == {"object": "contact", "id": result["contact_id"], "name": "Petra Lind"}
    assert result["account_id"] is None and deal["contact"] is None


@pytest.mark.parametrize(
    ("missing", "parameters", "code", "field"),
    [
        ({}, {}, "lead.qualify_nothing", None),
        ({}, {"create_account": False}, "lead.qualify_nothing", None),
        ({"company_name": None}, {"create_account": True}, "lead.company_required", "create_account"),
        ({"last_name": None}, {"create_contact": True}, "lead.last_name_required", "create_contact"),
        ({}, {"create_opportunity": True}, "lead.customer_required", "create_opportunity"),
    ],
)
def test_qualify_refuses_what_cannot_be_and_changes_nothing(
    admin: Actor, missing: dict, parameters: dict, code: str, field: str | None
) -> None:
    ferry = lead(admin, **missing)
    before = everything()
    with pytest.raises(Invalid) as refused:
        act("lead", "qualify", ferry, admin, **parameters)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert everything() == before


def test_a_duplicate_rolls_back_everything_until_it_is_allowed(admin: Actor) -> None:
    make("contact", admin, last_name="Lind", email="petra@nord.example")
    ferry = lead(admin)
    asked = {"create_account": True, "create_contact": True, "create_opportunity": True}
    before = everything()
    with pytest.raises(Conflict) as refused:
        act("lead", "qualify", ferry, admin, **asked)
    assert (
        refused.value.code == "record.duplicates_found"
        and refused.value.details["matches"][0]["object"] == "contact"
    )
    assert everything() == before
    act("lead", "qualify", ferry, admin, **asked, allow_duplicates=True)
    assert read("lead", ferry, admin)["state"] == "qualified"


def test_qualify_needs_the_right_to_create(admin: Actor, seeded: Any) -> None:
    from crm_core.security.actor import actor_for
    from crm_core.security.services import create_system_user

    user = create_system_user("Mia Marketing", "mia@example.com", roles=["marketing_user"])
    mia = actor_for(user.pk, "screen")
    ferry = make("lead", mia, topic="Ferry", last_name="Lind", company_name="Nord AG")
    mia.depths["opportunity"] = {"read": 5}
    before = everything()
    with pytest.raises(Forbidden):
        act("lead", "qualify", ferry, mia, create_account=True, create_opportunity=True)
    assert everything() == before


@pytest.mark.parametrize("action", ["qualify", "disqualify"])
def test_only_open_leads_are_qualified_or_disqualified(admin: Actor, action: str) -> None:
    ferry = lead(admin)
    act("lead", "disqualify", ferry, admin)
    before = everything()
    with pytest.raises(Conflict) as refused:
        act("lead", action, ferry, admin, **({"create_account": True} if action == "qualify" else {}))
    assert refused.value.code == "lead.not_open"
    assert (
        refused.value.details["state"] == "disqualified"
        and "reactivate" in refused.value.details["allowed_actions"]
    )
    assert everything() == before


@pytest.mark.parametrize("reason", [4, 5, 6, 7])
def test_disqualify_with_each_reason(admin: Actor, reason: int) -> None:
    ferry = lead(admin)
    act("lead", "disqualify", ferry, admin, status_reason=reason)
    row = read("lead", ferry, admin)
    assert (row["state"], row["status_reason"]) == ("disqualified", reason)


def test_disqualify_refuses_a_reason_of_another_state(admin: Actor) -> None:
    ferry = lead(admin)
    with pytest.raises(ValidationFailed) as refused:
        act("lead", "disqualify", ferry, admin, status_reason=1)
    assert (refused.value.code, refused.value.field) == ("option.unknown", "status_reason")
    assert read("lead", ferry, admin)["state"] == "open"


@pytest.mark.parametrize(("cancel", "state"), [(False, "open"), (True, "canceled")])
def test_disqualify_cancels_activities_on_request(admin: Actor, cancel: bool, state: str) -> None:
    ferry = lead(admin)
    task = make("task", admin, subject="Call", regarding=refers("lead", ferry))
    done = make("task", admin, subject="Done", regarding=refers("lead", ferry))
    act("task", "complete", done, admin)
    _written, result = act("lead", "disqualify", ferry, admin, cancel_activities=cancel)
    assert result == {"canceled_activities": int(cancel)}
    assert read("task", task, admin)["state"] == state and read("task", done, admin)["state"] == "completed"


def test_reactivate_opens_and_leaves_what_was_created(admin: Actor) -> None:
    ferry = lead(admin)
    _written, result = act("lead", "qualify", ferry, admin, create_account=True)
    act("lead", "reactivate", ferry, admin)
    row = read("lead", ferry, admin)
    assert (row["state"], row["status_reason"], row["qualified_at"]) == ("open", 1, None)
    assert read("account", result["account_id"], admin)["originating_lead"]["id"] == str(ferry)
    with pytest.raises(Conflict) as refused:
        act("lead", "reactivate", ferry, admin)
    assert refused.value.code == "lead.already_open"


def test_open_activities_and_notes_go_on_with_the_opportunity(admin: Actor) -> None:
    ferry = lead(admin)
    task = make(
        "task", admin, subject="Call", regarding=refers("lead", ferry), scheduled_end="2026-12-01T09:00:00Z"
    )
    done = make("phone_call", admin, subject="First call", regarding=refers("lead", ferry))
    act("phone_call", "complete", done, admin)
    make("note", admin, title="Likes blue", body="<p>Really</p>", regarding=refers("lead", ferry))
    _written, result = act("lead", "qualify", ferry, admin, create_account=True, create_opportunity=True)
    moved = read("task", task, admin)
    assert moved["regarding"] == {
        "object": "opportunity",
        "id": result["opportunity_id"],
        "name": "Two ferries",
    }
    assert [(p["object"], p["id"]) for p in moved["parties"]] == [("lead", str(ferry))]
    assert read("phone_call", done, admin)["regarding"]["id"] == str(ferry)
    notes = (
        Query(registry.get("note"), admin)
        .filter(equals("regarding", result["opportunity_id"]))
        .page(["title", "body"])
        .rows
    )
    assert [(n["title"], n["body"]) for n in notes] == [("Likes blue", "<p>Really</p>")]
    assert read("opportunity", result["opportunity_id"], admin)["next_activity_at"] == "2026-12-01T09:00:00Z"


def test_open_activities_stay_with_the_lead_on_request(admin: Actor) -> None:
    ferry = lead(admin)
    task = make("task", admin, subject="Call", regarding=refers("lead", ferry))
    act("lead", "qualify", ferry, admin, create_account=True, keep_open_activities=True)
    assert read("task", task, admin)["regarding"]["id"] == str(ferry)


def test_a_qualified_lead_is_read_only(admin: Actor) -> None:
    ferry = lead(admin)
    act("lead", "qualify", ferry, admin, create_account=True)
    with pytest.raises(Conflict) as refused:
        change("lead", ferry, admin, topic="Three ferries")
    assert refused.value.code == "record.read_only"
