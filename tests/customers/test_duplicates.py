"""The default duplicate rules (CUS-10.5)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict
from crm_core.records import duplicates, service
from crm_core.security.actor import Actor
from tests.sales_people import everything, make

RULES = [
    ("account", {"name": "Nord AG"}, {"name": " NORD ag "}),
    (
        "account",
        {"name": "Nord AG", "email": "info@nord.example"},
        {"name": "Other", "email": "INFO@nord.example"},
    ),
    ("account", {"name": "Nord AG", "website": "nord.example"}, {"name": "Other", "website": "Nord.example"}),
    (
        "contact",
        {"last_name": "Lind", "email": "p@nord.example"},
        {"last_name": "Berg", "email": "P@nord.example"},
    ),
    (
        "contact",
        {"last_name": "Lind", "business_phone": "+49 431 55501"},
        {"last_name": "LIND", "business_phone": "0431/55501"},
    ),
    (
        "contact",
        {"last_name": "Lind", "mobile_phone": "0171 5550123"},
        {"last_name": "Lind", "mobile_phone": "+491715550123"},
    ),
    (
        "lead",
        {"topic": "A", "last_name": "L", "email": "p@nord.example"},
        {"topic": "B", "last_name": "M", "email": "P@nord.example"},
    ),
]


@pytest.mark.parametrize(("name", "there", "again"), RULES)
def test_a_similar_record_is_found_and_may_be_saved_all_the_same(
    admin: Actor, name: str, there: dict, again: dict
) -> None:
    entity = registry.get(name)
    first = make(name, admin, **there)
    before = everything()
    with pytest.raises(Conflict) as refused:
        service.create(entity, again, admin, detect_duplicates=True)
    assert refused.value.code == "record.duplicates_found" and everything() == before
    assert [m["id"] for m in refused.value.details["matches"]] == [str(first)]
    assert service.create(entity, again, admin, detect_duplicates=True, allow_duplicates=True).id


@pytest.mark.parametrize(
    ("name", "there", "again"),
    [
        (
            "contact",
            {"last_name": "Lind", "business_phone": "+49 431 55501"},
            {"last_name": "Berg", "business_phone": "+49 431 55501"},
        ),
        ("contact", {"last_name": "Lind"}, {"last_name": "Lind"}),
        ("account", {"name": "Nord AG"}, {"name": "Nord AG West"}),
    ],
)
def test_different_records_are_not_taken_for_the_same(
    admin: Actor, name: str, there: dict, again: dict
) -> None:
    make(name, admin, **there)
    assert service.create(registry.get(name), again, admin, detect_duplicates=True).id


def test_a_lead_that_is_a_contact_already_is_found(admin: Actor) -> None:
    petra = make("contact", admin, first_name="Petra", last_name="Lind", email="petra@nord.example")
    values = {"topic": "Ferry", "last_name": "Lind", "email": "Petra@nord.example"}
    with pytest.raises(Conflict) as refused:
        service.create(registry.get("lead"), values, admin, detect_duplicates=True)
    (match,) = refused.value.details["matches"]
    assert (match["object"], match["id"], match["name"]) == ("contact", str(petra), "Petra Lind")


def test_a_contact_one_may_not_read_is_counted_and_not_shown(admin: Actor, rep: Actor, seeded: Any) -> None:
    make("contact", admin, last_name="Lind", email="petra@nord.example")
    values = {"email": "petra@nord.example"}
    assert duplicates.find(registry.get("lead"), values, rep)["matches"] != []
    rep.depths["contact"] = {"read": 1}
    assert duplicates.find(registry.get("lead"), values, rep) == {"matches": [], "hidden": 1}
