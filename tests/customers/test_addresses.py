"""Addresses beside the form (CUS-3, AC-03)."""

from __future__ import annotations

import pytest

from crm_core.metadata import registry
from crm_core.metadata.conditions import equals
from crm_core.metadata.errors import Invalid, ValidationFailed
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from tests.sales_people import change, everything, make, read, refers


@pytest.fixture
def nord(admin: Actor):
    return make("account", admin, name="Nord AG", address1_line1="Hafenstraße 1", address1_city="Kiel")


def addresses(actor: Actor, account) -> dict[int, dict]:
    query = Query(registry.get("customer_address"), actor).filter(
        equals("parent", refers("account", account))
    )
    return {
        row["address_number"]: row
        for row in query.page(["address_number", "line1", "city", "is_default", "owner"]).rows
    }


def test_further_addresses_count_from_three(admin: Actor, nord) -> None:
    third = make("customer_address", admin, parent=refers("account", nord), address_type=2, line1="Kai 3")
    fourth = make("customer_address", admin, parent=refers("account", nord), address_type=2, line1="Kai 4")
    assert read("customer_address", third, admin)["address_number"] == 3
    assert read("customer_address", fourth, admin)["address_number"] == 4
    found = addresses(admin, nord)
    assert sorted(found) == [1, 2, 3, 4]
    assert (found[1]["line1"], found[1]["city"]) == ("Hafenstraße 1", "Kiel") and found[2]["line1"] is None


def test_every_parent_counts_for_itself(admin: Actor, nord) -> None:
    make("customer_address", admin, parent=refers("account", nord), line1="Kai 3")
    petra = make("contact", admin, last_name="Lind")
    home = make("customer_address", admin, parent=refers("contact", petra), line1="Weg 5")
    lead = make("lead", admin, topic="Ships", last_name="Berg")
    other = make("customer_address", admin, parent=refers("lead", lead), line1="Allee 7")
    assert {read("customer_address", a, admin)["address_number"] for a in (home, other)} == {3}


@pytest.mark.parametrize("number", [1, 2])
def test_the_addresses_of_the_form_are_not_deleted(admin: Actor, nord, number: int) -> None:
    make("customer_address", admin, parent=refers("account", nord), line1="Kai 3")
    before = everything()
    with pytest.raises(Invalid) as refused:
        service.delete(registry.get("customer_address"), addresses(admin, nord)[number]["id"], admin)
    assert refused.value.code == "address.builtin"
    assert everything() == before


def test_further_addresses_are_deleted_and_their_number_is_free_again(admin: Actor, nord) -> None:
    third = make("customer_address", admin, parent=refers("account", nord), line1="Kai 3")
    service.delete(registry.get("customer_address"), third, admin)
    again = make("customer_address", admin, parent=refers("account", nord), line1="Kai 33")
    assert read("customer_address", again, admin)["address_number"] == 3


def test_the_block_and_address_one_follow_each_other(admin: Actor, nord) -> None:
    make("customer_address", admin, parent=refers("account", nord), line1="Kai 3")
    change("account", nord, admin, address1_city="Lübeck")
    first = addresses(admin, nord)[1]
    assert first["city"] == "Lübeck"
    change("customer_address", first["id"], admin, line1="Trave 9")
    assert read("account", nord, admin)["address1_line1"] == "Trave 9"


def test_one_default_per_type(admin: Actor, nord) -> None:
    parent = refers("account", nord)
    old = make("customer_address", admin, parent=parent, address_type=2, is_default=True, line1="Kai 3")
    bill = make("customer_address", admin, parent=parent, address_type=1, is_default=True, line1="Kai 4")
    new = make("customer_address", admin, parent=parent, address_type=2, is_default=True, line1="Kai 5")
    marks = [read("customer_address", a, admin)["is_default"] for a in (old, bill, new)]
    assert marks == [False, True, True]


def test_an_address_needs_a_parent_and_keeps_it(admin: Actor, nord) -> None:
    with pytest.raises(ValidationFailed) as refused:
        make("customer_address", admin, line1="Kai 3")
    assert (refused.value.code, refused.value.field) == ("value.required", "parent")
    third = make("customer_address", admin, parent=refers("account", nord), line1="Kai 3")
    other = make("account", admin, name="Süd AG")
    with pytest.raises(ValidationFailed) as refused:
        change("customer_address", third, admin, parent=refers("account", other))
    assert refused.value.code == "attribute.read_only"


def test_addresses_belong_to_whom_the_customer_belongs(admin: Actor, rep: Actor, nord) -> None:
    third = make("customer_address", admin, parent=refers("account", nord), line1="Kai 3")
    service.assign(registry.get("account"), nord, str(rep.user_id), admin)
    assert {row["owner"]["id"] for row in addresses(admin, nord).values()} == {str(rep.user_id)}
    assert read("customer_address", third, rep)["name"] == "Kai 3"


def test_a_nameless_address_is_called_after_its_place(admin: Actor, nord) -> None:
    parent = refers("account", nord)
    placed = make("customer_address", admin, parent=parent, line1="Kai 3", city="Kiel")
    empty = make("customer_address", admin, parent=parent)
    assert read("customer_address", placed, admin)["name"] == "Kai 3, Kiel"
    assert read("customer_address", empty, admin)["name"] == "Address 4"


def test_imported_addresses_are_numbered_once(admin: Actor, nord) -> None:
    rows = [{"parent": refers("account", nord), "line1": f"Kai {n}"} for n in (3, 4, 5)]
    results = service.create_many(registry.get("customer_address"), rows, admin.acting("import"))
    assert [result.error for result in results] == [None] * 3
    assert sorted(addresses(admin, nord)) == [1, 2, 3, 4, 5]
