"""“Last contacted” and “next activity” on customers, leads and opportunities (CUS-7.4)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.records import service
from crm_core.records.models import AuditEntry
from crm_core.security.actor import Actor
from tests.sales_people import act, change, make, read, refers

DAY = {n: f"2026-12-{n:02}T09:00:00Z" for n in range(1, 29)}


@pytest.fixture
def world(admin: Actor) -> dict[str, Any]:
    """An account with a contact and an opportunity, and a lead."""
    account = make("account", admin, name="Nord AG")
    contact = make("contact", admin, last_name="Lind", parent_customer=refers("account", account))
    deal = make("opportunity", admin, topic="Ferry", customer=refers("account", account))
    lead = make("lead", admin, topic="Ship", last_name="Berg")
    return {"account": account, "contact": contact, "opportunity": deal, "lead": lead}


def dates(name: str, world: dict, actor: Actor) -> tuple[str | None, str | None]:
    row = read(name, world[name], actor)
    return row["last_contacted_at"], row["next_activity_at"]


def upcoming(name: str, world: dict, actor: Actor) -> str | None:
    return dates(name, world, actor)[1]


@pytest.mark.parametrize("about", ["account", "contact", "opportunity", "lead"])
def test_planning_sets_the_next_activity(admin: Actor, world: dict, about: str) -> None:
    make("task", admin, subject="Call", regarding=refers(about, world[about]), scheduled_end=DAY[5])
    assert upcoming(about, world, admin) == DAY[5]
    rolled = DAY[5] if about != "lead" else None
    assert upcoming("account", world, admin) == rolled


def test_the_earliest_open_activity_counts(admin: Actor, world: dict) -> None:
    about = {"regarding": refers("account", world["account"])}
    make("task", admin, subject="Later", scheduled_end=DAY[9], **about)
    meeting = make(
        "appointment", admin, subject="Sooner", scheduled_start=DAY[3], scheduled_end=DAY[4], **about
    )
    make("task", admin, subject="Between", scheduled_end=DAY[6], **about)
    assert upcoming("account", world, admin) == DAY[3]
    act("appointment", "cancel", meeting, admin)
    assert upcoming("account", world, admin) == DAY[6]


def test_moving_deleting_and_restoring_is_followed(admin: Actor, world: dict) -> None:
    about = {"regarding": refers("lead", world["lead"])}
    first = make("task", admin, subject="First", scheduled_end=DAY[3], **about)
    make("task", admin, subject="Second", scheduled_end=DAY[6], **about)
    change("task", first, admin, scheduled_end=DAY[8])
    assert upcoming("lead", world, admin) == DAY[6]
    change("task", first, admin, scheduled_end=DAY[2])
    assert upcoming("lead", world, admin) == DAY[2]
    service.delete(registry.get("task"), first, admin)
    assert upcoming("lead", world, admin) == DAY[6]
    service.restore(registry.get("task"), first, admin)
    assert upcoming("lead", world, admin) == DAY[2]


def test_moving_to_another_record_moves_the_date(admin: Actor, world: dict) -> None:
    task = make("task", admin, subject="Call", regarding=refers("lead", world["lead"]), scheduled_end=DAY[3])
    change("task", task, admin, regarding=refers("opportunity", world["opportunity"]))
    assert upcoming("lead", world, admin) is None
    assert upcoming("opportunity", world, admin) == DAY[3] == upcoming("account", world, admin)


def test_finishing_the_only_activity_leaves_none(admin: Actor, world: dict) -> None:
    task = make(
        "task",
        admin,
        subject="Call",
        regarding=refers("opportunity", world["opportunity"]),
        scheduled_end=DAY[3],
    )
    act("task", "complete", task, admin)
    assert upcoming("opportunity", world, admin) is None and upcoming("account", world, admin) is None


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("phone_call", True),
        ("letter", True),
        ("email", True),
        ("appointment", True),
        ("visit", True),
        ("task", False),
    ],
)
def test_only_real_contacts_count_as_contact(admin: Actor, world: dict, kind: str, counts: bool) -> None:
    made = make(kind, admin, subject="Do it", regarding=refers("contact", world["contact"]))
    act(kind, "complete", made, admin, actual_end=DAY[1])
    expected = DAY[1] if counts else None
    assert dates("contact", world, admin)[0] == expected and dates("account", world, admin)[0] == expected


def test_the_latest_contact_counts_and_reopening_takes_it_back(admin: Actor, world: dict) -> None:
    about = {"regarding": refers("account", world["account"])}
    old, new = (make("phone_call", admin, subject="Call", **about) for _n in range(2))
    act("phone_call", "complete", new, admin, actual_end=DAY[9])
    act("phone_call", "complete", old, admin, actual_end=DAY[4])
    assert dates("account", world, admin)[0] == DAY[9]
    act("phone_call", "reopen", new, admin)
    assert dates("account", world, admin)[0] == DAY[4]
    service.delete(registry.get("phone_call"), old, admin)
    assert dates("account", world, admin)[0] is None


def test_who_takes_part_is_touched_too(admin: Actor, world: dict) -> None:
    party = {"role": "to", "object": "contact", "id": str(world["contact"])}
    call = make(
        "phone_call",
        admin,
        subject="Call",
        regarding=refers("lead", world["lead"]),
        parties=[party],
        scheduled_end=DAY[3],
    )
    assert upcoming("contact", world, admin) == DAY[3] == upcoming("lead", world, admin)
    act("phone_call", "complete", call, admin, actual_end=DAY[4])
    assert dates("contact", world, admin) == (DAY[4], None)
    assert dates("lead", world, admin) == (DAY[4], None)


def test_the_customer_of_a_visit_is_touched(admin: Actor, world: dict) -> None:
    visit = make(
        "visit",
        admin,
        subject="Harbour",
        customer=refers("contact", world["contact"]),
        scheduled_start=DAY[3],
    )
    assert upcoming("contact", world, admin) == DAY[3] == upcoming("account", world, admin)
    act("visit", "complete", visit, admin, actual_end=DAY[4])
    assert dates("contact", world, admin)[0] == DAY[4]


def test_the_dates_leave_version_and_history_alone(admin: Actor, world: dict) -> None:
    before = (
        read("account", world["account"], admin)["version"],
        AuditEntry.objects.filter(record_id=world["account"]).count(),
    )
    call = make(
        "phone_call",
        admin,
        subject="Call",
        regarding=refers("account", world["account"]),
        scheduled_end=DAY[3],
    )
    act("phone_call", "complete", call, admin)
    after = (
        read("account", world["account"], admin)["version"],
        AuditEntry.objects.filter(record_id=world["account"]).count(),
    )
    assert before == after


def test_an_activity_about_nothing_asks_no_other_object(
    admin: Actor, django_assert_max_num_queries: Any
) -> None:
    make("task", admin, subject="Bring the delivered duplicate rules in")  # which happens once per workspace
    with django_assert_max_num_queries(100) as captured:
        make("task", admin, subject="Do it", scheduled_end=DAY[3])
    asked = [q["sql"] for q in captured.captured_queries if "customers_" in q["sql"] or "sales_" in q["sql"]]
    assert captured.captured_queries and asked == []
