"""Completing, cancelling and reopening every activity type (CUS-5.1 to CUS-5.3)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, ValidationFailed
from crm_core.security.actor import Actor
from tests.sales_people import act, change, everything, make, read

TYPES = ("task", "phone_call", "appointment", "letter", "fax", "visit", "email")


@pytest.mark.parametrize("kind", TYPES)
def test_complete_closes_and_says_when(admin: Actor, kind: str) -> None:
    made = make(kind, admin, subject="Do it", scheduled_duration=45)
    act(kind, "complete", made, admin)
    row = read(kind, made, admin)
    assert row["state"] == "completed" and row["actual_end"] is not None and row["actual_duration"] == 45


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("second", ["complete", "cancel"])
@pytest.mark.parametrize("first", ["complete", "cancel"])
def test_closing_twice_is_refused_and_changes_nothing(
    admin: Actor, kind: str, first: str, second: str
) -> None:
    made = make(kind, admin, subject="Do it")
    act(kind, first, made, admin)
    before = everything()
    with pytest.raises(Conflict) as refused:
        act(kind, second, made, admin)
    assert refused.value.code == "activity.already_closed"
    assert (
        refused.value.details["state"] in ("completed", "canceled")
        and "reopen" in refused.value.details["allowed_actions"]
    )
    assert everything() == before


def test_given_end_and_duration_are_kept(admin: Actor) -> None:
    task = make("task", admin, subject="Do it", scheduled_duration=45)
    act("task", "complete", task, admin, actual_end="2026-03-01T10:00:00+01:00", actual_duration=20)
    row = read("task", task, admin)
    assert (row["actual_end"], row["actual_duration"], row["percent_complete"]) == (
        "2026-03-01T09:00:00Z",
        20,
        100,
    )


def test_completing_before_the_start_is_refused(admin: Actor) -> None:
    task = make("task", admin, subject="Do it", actual_start="2026-03-02T09:00:00Z")
    before = everything()
    with pytest.raises(Invalid) as refused:
        act("task", "complete", task, admin, actual_end="2026-03-01T09:00:00Z")
    assert refused.value.code == "activity.end_before_start"
    assert everything() == before


def test_cancel_counts_no_time(admin: Actor) -> None:
    task = make("task", admin, subject="Do it", scheduled_duration=45, actual_duration=10)
    act("task", "cancel", task, admin)
    row = read("task", task, admin)
    assert (row["state"], row["status_reason"], row["actual_duration"], row["actual_end"]) == (
        "canceled",
        6,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("kind", "values", "parameters", "reason"),
    [
        ("phone_call", {}, {}, 2),
        ("phone_call", {"direction": 1}, {}, 3),
        ("phone_call", {"direction": 1}, {"status_reason": 2}, 2),
        ("letter", {}, {}, 4),
        ("letter", {"direction": 1}, {}, 3),
        ("email", {}, {}, 3),
        ("email", {"direction": 1}, {}, 5),
        ("email", {}, {"status_reason": 4}, 4),
        ("appointment", {}, {}, 3),
        ("visit", {}, {}, 2),
    ],
)
def test_the_reason_says_how_it_was_done(
    admin: Actor, kind: str, values: dict, parameters: dict, reason: int
) -> None:
    made = make(kind, admin, subject="Do it", **values)
    act(kind, "complete", made, admin, **parameters)
    assert read(kind, made, admin)["status_reason"] == reason


def test_a_reason_of_another_state_is_refused(admin: Actor) -> None:
    call = make("phone_call", admin, subject="Do it")
    with pytest.raises(ValidationFailed) as refused:
        act("phone_call", "complete", call, admin, status_reason=4)
    assert refused.value.code == "option.unknown" and read("phone_call", call, admin)["state"] == "open"


def test_the_result_of_a_call_is_kept(admin: Actor) -> None:
    call = make("phone_call", admin, subject="Do it")
    act("phone_call", "complete", call, admin, result=4)
    assert read("phone_call", call, admin)["result"] == 4


@pytest.mark.parametrize("kind", TYPES)
def test_closed_activities_are_read_only(admin: Actor, kind: str) -> None:
    made = make(kind, admin, subject="Do it")
    act(kind, "complete", made, admin)
    before = everything()
    with pytest.raises(Conflict) as refused:
        change(kind, made, admin, subject="Do something else")
    assert refused.value.code == "record.read_only"
    assert everything() == before


def test_reopening_takes_a_right_of_its_own(rep: Actor, manager: Actor) -> None:
    task = make("task", rep, subject="Do it")
    act("task", "complete", task, rep)
    before = everything()
    with pytest.raises(Forbidden) as refused:
        act("task", "reopen", task, rep)
    assert refused.value.details == {"privilege": "reopen_activities"} and everything() == before
    act("task", "reopen", task, manager)
    row = read("task", task, rep)
    assert (row["state"], row["status_reason"], row["actual_end"], row["percent_complete"]) == (
        "open",
        1,
        None,
        0,
    )
    with pytest.raises(Conflict) as again:
        act("task", "reopen", task, manager)
    assert again.value.code == "activity.not_closed"


@pytest.mark.parametrize(
    ("position", "code"),
    [
        ({}, None),
        ({"latitude": 54.3, "longitude": 10.1}, None),
        ({"latitude": 54.3}, "visit.position_incomplete"),
    ],
)
def test_check_in(admin: Actor, position: dict[str, Any], code: str | None) -> None:
    visit = make("visit", admin, subject="Harbour")
    if code:
        with pytest.raises(Invalid) as refused:
            act("visit", "check_in", visit, admin, **position)
        assert refused.value.code == code and read("visit", visit, admin)["checked_in_at"] is None
        return
    act("visit", "check_in", visit, admin, **position)
    row = read("visit", visit, admin)
    assert row["checked_in_at"] == row["actual_start"] and row["checked_in_at"] is not None
    assert row["check_in_latitude"] == ("54.300000" if position else None)


def test_e_mails_have_no_sending_action(seeded: Any) -> None:
    assert set(registry.get("email").actions) == {
        "complete",
        "cancel",
        "reopen",
        "convert_to_lead",
        "convert_to_opportunity",
    }
