"""Merging accounts, contacts and leads (CUS-11): what the modules add to the kernel's merge."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from tests.customers.test_addresses import addresses
from tests.sales_people import act, change, make, read, refers


def merge(name: str, master: Any, subordinate: Any, actor: Actor) -> dict[str, int]:
    _written, moved = service.merge(registry.get(name), master, subordinate, actor)
    return moved


def test_an_account_takes_over_what_belongs_to_the_other(admin: Actor) -> None:
    nord, north = (
        make("account", admin, name="Nord AG"),
        make("account", admin, name="Nord Aktiengesellschaft", phone="+49 431 1"),
    )
    contact = make("contact", admin, last_name="Lind", parent_customer=refers("account", north))
    deal = make("opportunity", admin, topic="Ferry", customer=refers("account", north))
    task = make(
        "task",
        admin,
        subject="Call",
        regarding=refers("account", north),
        scheduled_end="2026-12-03T09:00:00Z",
    )
    make(
        "task",
        admin,
        subject="Later",
        regarding=refers("account", nord),
        scheduled_end="2026-12-09T09:00:00Z",
    )
    moved = merge("account", nord, north, admin)
    assert moved == {"contacts": 1, "opportunities": 1, "tasks": 1}
    assert read("contact", contact, admin)["parent_customer"]["id"] == str(nord)
    assert read("opportunity", deal, admin)["customer"]["id"] == str(nord)
    assert read("task", task, admin)["regarding"] == {"object": "account", "id": str(nord), "name": "Nord AG"}
    row = read("account", nord, admin)
    assert row["phone"] == "+49 431 1" and row["next_activity_at"] == "2026-12-03T09:00:00Z"
    assert read("account", north, admin)["state"] == "inactive"
    with pytest.raises(Conflict) as refused:
        act("account", "activate", north, admin)
    assert refused.value.code == "merge.is_subordinate"


@pytest.mark.parametrize("flag", ["do_not_phone", "do_not_email", "do_not_bulk_email", "do_not_postal_mail"])
def test_the_stricter_wish_survives(admin: Actor, flag: str) -> None:
    one, other = (
        make("contact", admin, last_name="Lind"),
        make("contact", admin, last_name="Lind", **{flag: True}),
    )
    merge("contact", one, other, admin)
    assert read("contact", one, admin)[flag] is True


def test_a_merged_lead_is_disqualified_not_qualified(admin: Actor) -> None:
    one, other = (make("lead", admin, topic="Ferry", last_name="Lind") for _n in range(2))
    merge("lead", one, other, admin)
    assert (
        read("lead", one, admin)["state"] == "open" and read("lead", other, admin)["state"] == "disqualified"
    )


def test_addresses_of_both_are_numbered_once(admin: Actor) -> None:
    nord = make("account", admin, name="Nord AG", address1_line1="Kai 1", address1_city="Kiel")
    north = make("account", admin, name="Nord", address1_line1="Weg 1")
    for account, line in ((north, "Weg 3"), (nord, "Kai 3"), (nord, "Kai 4")):
        make("customer_address", admin, parent=refers("account", account), line1=line)
    merge("account", nord, north, admin)
    found = addresses(admin, nord)
    assert found[1]["line1"] == "Kai 1" and found[2]["line1"] is None
    assert sorted(row["line1"] for number, row in found.items() if number > 2) == [
        "Kai 3",
        "Kai 4",
        "Weg 1",
        "Weg 3",
    ]
    assert len(found) == 6 == Query(registry.get("customer_address"), admin).count("exact")["value"]


def test_a_restored_address_gets_a_number_of_its_own(admin: Actor) -> None:
    nord = make("account", admin, name="Nord AG")
    third = make("customer_address", admin, parent=refers("account", nord), line1="Kai 3")
    service.delete(registry.get("customer_address"), third, admin)
    make("customer_address", admin, parent=refers("account", nord), line1="Kai 33")
    service.restore(registry.get("customer_address"), third, admin)
    assert sorted(addresses(admin, nord)) == [1, 2, 3, 4]


def test_contacts_of_different_companies_need_a_word(admin: Actor) -> None:
    companies = [make("account", admin, name=name) for name in ("Nord AG", "Süd AG")]
    one, other = (
        make("contact", admin, last_name="Lind", parent_customer=refers("account", c)) for c in companies
    )
    with pytest.raises(Conflict) as refused:
        merge("contact", one, other, admin)
    assert refused.value.code == "merge.parents_differ"
    service.merge(registry.get("contact"), one, other, admin, ignore_parent=True)
    assert read("contact", one, admin)["parent_customer"]["id"] == str(companies[0])
    change("contact", one, admin, first_name="Petra")
    assert read("contact", one, admin)["full_name"] == "Petra Lind"
