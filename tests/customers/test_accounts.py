"""Rules and actions of accounts and contacts (CUS-1, CUS-2, AC-03)."""

from __future__ import annotations

import pytest

from crm_core.customers.rules.names import full_name
from crm_core.metadata import registry, workspace
from crm_core.metadata.errors import Conflict, NotFound, ValidationFailed
from crm_core.metadata.models import Organization
from crm_core.records import service
from crm_core.security.actor import Actor
from tests.sales_people import act, change, everything, make, read, refers


def test_primary_contact_without_parent_joins_the_account(admin: Actor) -> None:
    nord = make("account", admin, name="Nord AG")
    petra = make("contact", admin, first_name="Petra", last_name="Lind")
    change("account", nord, admin, primary_contact=str(petra))
    assert read("contact", petra, admin)["parent_customer"]["id"] == str(nord)


def test_primary_contact_with_a_parent_keeps_it(admin: Actor) -> None:
    nord, sued = make("account", admin, name="Nord AG"), make("account", admin, name="Süd AG")
    ole = make("contact", admin, first_name="Ole", last_name="Berg", parent_customer=refers("account", sued))
    change("account", nord, admin, primary_contact=str(ole))
    row = read("contact", ole, admin)
    assert row["parent_customer"]["id"] == str(sued) and row["version"] == 1


def test_primary_contact_joins_even_where_the_seller_may_not_write_the_contact(
    admin: Actor, rep: Actor
) -> None:
    petra = make("contact", admin, last_name="Lind")
    nord = make("account", rep, name="Nord AG", primary_contact=str(petra))
    assert read("contact", petra, admin)["parent_customer"]["id"] == str(nord)


@pytest.mark.parametrize(
    ("parts", "name_format", "expected"),
    [
        (("Petra", None, "Lind", None), "first_last", "Petra Lind"),
        (("Petra", "M.", "Lind", "jr."), "first_last", "Petra M. Lind jr."),
        ((None, None, "Lind", None), "first_last", "Lind"),
        (("Petra", "M.", "Lind", None), "last_first", "Lind Petra M."),
        (("Petra", "M.", "Lind", None), "last_comma_first", "Lind, Petra M."),
        ((None, None, "Lind", None), "last_comma_first", "Lind"),
        (("Petra", None, None, None), "last_comma_first", "Petra"),
        ((None, None, None, None), "first_last", ""),
    ],
)
def test_full_name_by_format(parts: tuple, name_format: str, expected: str) -> None:
    assert full_name(*parts, name_format) == expected


def test_full_name_is_stored_follows_its_parts_and_is_never_typed(admin: Actor) -> None:
    petra = make("contact", admin, first_name="Petra", last_name="Lind")
    assert read("contact", petra, admin)["full_name"] == "Petra Lind"
    change("contact", petra, admin, last_name="Berg")
    assert read("contact", petra, admin)["full_name"] == "Petra Berg"
    with pytest.raises(ValidationFailed) as refused:
        change("contact", petra, admin, full_name="Somebody Else")
    assert refused.value.code == "attribute.read_only"


def test_the_workspace_chooses_the_name_format(admin: Actor) -> None:
    Organization.objects.update(settings={"name_format": "last_comma_first"})
    workspace.begin()
    petra = make("contact", admin, first_name="Petra", last_name="Lind")
    assert read("contact", petra, admin)["full_name"] == "Lind, Petra"


def test_last_name_is_needed(admin: Actor) -> None:
    before = everything()
    with pytest.raises(ValidationFailed) as refused:
        make("contact", admin, first_name="Petra")
    assert (refused.value.code, refused.value.field) == ("value.required", "last_name")
    assert everything() == before


def test_deactivating_with_open_work_warns_with_counts(admin: Actor) -> None:
    nord = make("account", admin, name="Nord AG")
    for subject in ("Call back", "Send offer"):
        make("task", admin, subject=subject, regarding=refers("account", nord))
    make("opportunity", admin, topic="Ship", customer=refers("account", nord))
    written, _result = act("account", "deactivate", nord, admin)
    messages = {w["code"]: w["message"] for w in written.warnings}
    assert messages == {
        "account.open_activities": "2 activities are still open.",
        "account.open_opportunities": "1 opportunity is still open.",
    }
    assert read("account", nord, admin)["state"] == "inactive"
    with pytest.raises(Conflict) as refused:
        act("account", "deactivate", nord, admin)
    assert refused.value.code == "account.not_active" and refused.value.details["state"] == "inactive"
    act("account", "activate", nord, admin)
    assert read("account", nord, admin)["state"] == "active"


def test_deactivating_without_open_work_warns_of_nothing(admin: Actor) -> None:
    nord = make("account", admin, name="Nord AG")
    task = make("task", admin, subject="Done", regarding=refers("account", nord))
    act("task", "complete", task, admin)
    written, _result = act("account", "deactivate", nord, admin)
    assert written.warnings == []


def test_deleting_an_account_takes_its_own_and_leaves_the_others(admin: Actor) -> None:
    nord = make("account", admin, name="Nord AG")
    child = make("account", admin, name="Nord West", parent_account=str(nord))
    petra = make("contact", admin, last_name="Lind", parent_customer=refers("account", nord))
    deal = make("opportunity", admin, topic="Ship", customer=refers("account", nord))
    line = make(
        "opportunity_product", admin, opportunity=str(deal), name="Hull", quantity="1", price_per_unit="10"
    )
    task = make("task", admin, subject="Call", regarding=refers("account", nord))
    note = make("note", admin, title="Likes ships", regarding=refers("account", nord))
    address = make("customer_address", admin, parent=refers("account", nord), line1="Kai 3")
    service.delete(registry.get("account"), nord, admin)
    assert read("account", child, admin)["parent_account"] is None
    assert read("contact", petra, admin)["parent_customer"] is None
    gone = {"account": nord, "opportunity": deal, "opportunity_product": line, "task": task, "note": note,
            "customer_address": address}  # fmt: skip
    for name, record_id in gone.items():
        with pytest.raises(NotFound):
            read(name, record_id, admin)
    service.restore(registry.get("account"), nord, admin)
    for name, record_id in gone.items():
        assert read(name, record_id, admin)["id"] == str(record_id)
    assert read("contact", petra, admin)["parent_customer"]["id"] == str(nord)


def test_secured_income_is_hidden_from_a_seller(admin: Actor, rep: Actor) -> None:
    petra = make("contact", admin, last_name="Lind", annual_income="90000", owner=str(rep.user_id))
    row = read("contact", petra, rep)
    assert row["annual_income"] is None and "annual_income" in row["masked"]
    assert read("contact", petra, admin)["annual_income"] == "90000.00"
