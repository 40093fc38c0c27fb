"""The calendar shows what the list shows, on the days it belongs to (PLT-45.2, PEERS 5.6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_client import ApiClient, person


@pytest.fixture
def api(workspace: Any) -> ApiClient:
    return person(workspace, "ada@example.com", "system_administrator", name="Ada")[1]


def test_days_a_record_touches(api: ApiClient) -> None:
    for subject, start, end in (
        ("Fair", "2026-03-02T08:00:00Z", "2026-03-05T16:00:00Z"),
        ("Call", "2026-03-04T09:00:00Z", "2026-03-04T09:30:00Z"),
        ("Open end", "2026-03-04T12:00:00Z", None),
        ("Due", None, "2026-03-04T15:00:00Z"),
        ("Some day", None, None),
    ):
        values = {"subject": subject, "scheduled_start": start, "scheduled_end": end}
        assert api.post("/tasks", values)[0] == 201

    def tasks(first: str, last: str) -> set[str]:
        status, answer = api.post("/tasks/calendar", {"from": first, "to": last})
        assert status == 200 and answer["more"] is False, answer
        return {row["subject"] for row in answer["rows"]}

    assert tasks("2026-03-04", "2026-03-04") == {"Fair", "Call", "Open end", "Due"}
    assert tasks("2026-03-05", "2026-03-31") == {"Fair"}
    assert tasks("2026-03-02", "2026-03-03") == {"Fair"}
    assert tasks("2026-03-06", "2026-03-31") == set()


def test_it_says_when_there_is_more_than_it_shows(api: ApiClient) -> None:
    for number in range(3):
        values = {"subject": f"Call {number}", "scheduled_end": f"2026-03-04T0{9 - number}:00:00Z"}
        assert api.post("/phone_calls", values)[0] == 201
    body = {"from": "2026-03-04", "to": "2026-03-04", "limit": 2}
    answer = api.post("/phone_calls/calendar", body)[1]
    assert ([r["subject"] for r in answer["rows"]], answer["more"]) == (["Call 2", "Call 1"], True)
    assert api.post("/phone_calls/calendar", {**body, "limit": 3})[1]["more"] is False


def test_what_cannot_be_asked(api: ApiClient) -> None:
    days = {"from": "2026-03-04", "to": "2026-03-04"}
    for path, body, code in (
        ("accounts", days, "calendar.none"),
        ("tasks", {**days, "to": "2026-03-03"}, "calendar.days"),
        ("tasks", {**days, "to": "2028-03-03"}, "calendar.days"),
        ("tasks", {"from": "soon", "to": "2026-03-03"}, "request.invalid_parameter"),
        ("tasks", {"to": "2026-03-03"}, "request.invalid_parameter"),
        ("tasks", {**days, "limit": 1001}, "request.limit"),
        ("tasks", {**days, "limit": True}, "request.limit"),
        ("tasks", {**days, "filter": {"attribute": "gone"}}, "attribute.unknown"),
        ("tasks", {**days, "cursor": "x"}, "request.unknown_parameter"),
    ):
        status, answer = api.post(f"/{path}/calendar", body)
        assert (status, answer["code"]) == (400, code), body


def test_every_filter_the_screens_build_can_be_grouped_planned_and_counted(api: ApiClient) -> None:
    """A filter as deep and as long as the builder makes one, with a group's or a person's condition added."""
    deep: dict[str, Any] = {"attribute": "subject", "operator": "not_empty"}
    for level in range(7):
        deep = {("or", "and")[level % 2]: [deep]}
    wide = {"or": [{"attribute": "subject", "operator": "eq", "value": str(n)} for n in range(100)]}
    days = {"from": "2026-03-04", "to": "2026-03-04"}
    mine = {"attribute": "owner", "operator": "me"}
    for tree in (deep, wide):
        groups = api.post("/tasks/aggregate", {"filter": tree, "group": [{"attribute": "state"}]})
        assert groups[0] == 200
        added = {"and": [tree, mine, {"attribute": "state", "operator": "eq", "value": "open"}]}
        assert api.post("/tasks/query", {"filter": added})[0] == 200
        assert api.post("/tasks/calendar", {**days, "filter": added})[0] == 200
