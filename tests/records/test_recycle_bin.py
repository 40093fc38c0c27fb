"""The recycle bin: pages, what went with a record, what is destroyed with it (CUS-16.4)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_core.metadata import registry
from crm_core.records import recycle_bin, service
from crm_core.records.models import AuditEntry
from crm_core.security.actor import Actor
from tests.api_client import ApiClient, person
from tests.sales_people import make, refers


@pytest.fixture
def api(seeded: Any, admin: Actor) -> ApiClient:
    return person(seeded, "bea@example.com", "system_administrator", name="Bea")[1]


def listed(api: ApiClient, limit: int, **more: str) -> list[dict[str, Any]]:
    """All rows of the bin, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        query = "&".join(f"{k}={v}" for k, v in {"limit": str(limit), "cursor": cursor, **more}.items())
        status, answer = api.get(f"/recycle_bin?{query}")
        assert status == 200 and len(answer["rows"]) <= limit, answer
        found += answer["rows"]
        if answer["next"] is None:
            return found
        cursor = answer["next"]


def test_everything_in_the_bin_is_reached_page_by_page(
    api: ApiClient, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when objects are mixed and most of what was deleted are children, which are not listed."""
    monkeypatch.setattr(recycle_bin, "STEP", 4)
    account, contact = registry.get("account"), registry.get("contact")
    names = []
    for n in range(7):
        kept = make("account", admin, name=f"A{n}")
        for k in range(3):
            make("task", admin, subject=f"T{n}{k}", regarding=refers("account", str(kept)))
        service.delete(account, kept, admin)
        alone = make("contact", admin, last_name=f"C{n}")
        service.delete(contact, alone, admin)
        names += [f"A{n}", f"C{n}"]
    for limit in (1, 3, 5, 100):
        rows = listed(api, limit)
        assert [r["name"].strip() for r in rows] == names[::-1], limit
        assert {r["children"] for r in rows if r["object"] == "account"} == {3}
    assert [r["name"] for r in listed(api, 2, object="account")] == [f"A{n}" for n in range(6, -1, -1)]
    assert len(listed(api, 2, object="task")) == 21
    for cursor in ("x", "2026-01-01~x", "~", "99999-01-01~01a20453-d15f-7349-b71d-216c7e41a5ab"):
        status, answer = api.get(f"/recycle_bin?cursor={cursor}")
        assert (status, answer["code"]) == (400, "cursor.invalid")


def test_a_row_says_what_is_destroyed_with_it_and_exactly_that_is(api: ApiClient, admin: Actor) -> None:
    account = registry.get("account")
    made = make("account", admin, name="Nord")
    for n in range(2):
        make("task", admin, subject=f"T{n}", regarding=refers("account", str(made)))
    make("note", admin, title="N", body="x", regarding=refers("account", str(made)))
    service.delete(account, made, admin)
    row = listed(api, 10)[0]
    assert row["children"] == 3
    told = {w["object"]: (w["count"], w["label"]) for w in row["with"]}
    assert told == {"note": (1, "Note"), "task": (2, "Tasks")}
    assert api.post("/recycle_bin/purge", {"object": "account", "id": row["id"]})[0] == 204
    destroyed = Counter(AuditEntry.objects.filter(operation="purge").values_list("object", flat=True))
    assert destroyed == {"account": 1, "note": 1, "task": 2}
    assert listed(api, 10) == []
    assert api.post("/recycle_bin/restore", {"object": "account", "id": row["id"]})[0] == 404


def test_what_can_be_taken_back_is_not_pushed_out_by_other_work(api: ApiClient, admin: Actor) -> None:
    ids = [str(make("account", admin, name=f"A{n}")) for n in range(2)]
    body = {"operation": "edit", "ids": ids, "values": {"description": "x", "industry": 3}}
    job = api.post("/accounts/bulk", body)[1]["job"]
    assert set(job["detail"]) == {"Description", "Industry"}
    for _n in range(51):
        assert api.post("/accounts/export", {"format": "csv"})[0] == 202
    assert job["id"] not in {j["id"] for j in api.get("/jobs?mine=true")[1]["rows"]}
    rows = api.get("/jobs?mine=true&undoable=true")[1]["rows"]
    assert [(j["id"], j["can_undo"]) for j in rows] == [(job["id"], True)]
    assert api.post(f"/jobs/{job['id']}/actions/undo", {})[0] in (200, 202)
    rows = api.get("/jobs?mine=true&undoable=true")[1]["rows"]
    assert [(j["id"], j["state"], j["can_undo"]) for j in rows] == [(job["id"], "undone", False)]
    owner = str(admin.user_id)
    job = api.post("/accounts/bulk", {"operation": "assign", "ids": ids, "owner": owner})[1]["job"]
    assert job["detail"] == ["Ada Admin"]
    # names of owners are asked for all jobs at once
    with CaptureQueriesContext(connection) as one:
        api.get("/jobs?mine=true&undoable=true")
    for _n in range(3):
        api.post("/accounts/bulk", {"operation": "assign", "ids": ids, "owner": owner})
    with CaptureQueriesContext(connection) as four:
        rows = api.get("/jobs?mine=true&undoable=true")[1]["rows"]
    assert [j["detail"] for j in rows].count(["Ada Admin"]) == 4
    assert len(four) == len(one)


def test_what_was_destroyed_after_a_mass_deletion_is_said_before_and_after_its_undo(
    api: ApiClient, admin: Actor
) -> None:
    ids = [str(make("account", admin, name=f"A{n}")) for n in range(3)]
    task = make("task", admin, subject="T", regarding=refers("account", ids[0]))
    job = api.post("/accounts/bulk", {"operation": "delete", "ids": ids})[1]["job"]["id"]
    assert api.post("/recycle_bin/purge", {"object": "account", "id": ids[0]})[0] == 204
    preview = api.get(f"/jobs/{job}/undo")[1]
    assert {(c["id"], c["deleted"]) for c in preview["conflicts"]} == {(ids[0], True), (str(task), True)}
    assert api.post(f"/jobs/{job}/actions/undo", {"force": [ids[0]]})[0] in (200, 202)
    assert [api.get(f"/accounts/{i}")[0] for i in ids] == [404, 200, 200]
    failures = api.get(f"/jobs/{job}/failures")[1]["rows"]
    assert {(f["id"], f["code"]) for f in failures} == {
        (i, "undo.destroyed_since") for i in (ids[0], str(task))
    }
