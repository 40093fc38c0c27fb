"""Imports and exports as a client sees them: shapes, refusals, foreign workspaces (deploy/docs/api.md)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api_client import ApiClient, person

CSV = "Name,Sector,Founded\nNord AG,technolgy,1990\nSüd AG,Retail,x\n"


@pytest.fixture
def api(workspace: Any, settings: Any, tmp_path: Any) -> ApiClient:
    settings.MEDIA_ROOT = str(tmp_path)
    return person(workspace, "ada@example.com", "system_administrator", name="Ada")[1]


def upload(
    api: ApiClient, content: bytes | str = CSV, name: str = "accounts.csv", **fields: str
) -> tuple[int, Any]:
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(name, data, "text/csv")
    response = api.client.post("/api/v1/imports", {"file": file, **fields}, HTTP_HOST=api.host, **api.headers)
    return response.status_code, response.json()


def test_the_wizard_all_the_way(api: ApiClient) -> None:
    status, made = upload(api)
    assert status == 201, made
    assert (made["object"], made["state"], made["row_count"], made["job"]) == ("account", "mapped", 2, None)
    assert (
        made["columns"][1]["mapping"]["attribute"] == "industry" and made["columns"][1]["guess_score"] == 1.0
    )
    assert {"name": "stage_or_state", "type": "stage_or_state"}.items() <= next(
        t for t in made["targets"] if t["name"] == "stage_or_state"
    ).items()
    path = f"/imports/{made['id']}"
    _status, listed = api.get("/imports")
    assert [row["id"] for row in listed["rows"]] == [made["id"]]
    status, values = api.get(f"{path}/values?column=1")
    assert status == 200 and {v["value"] for v in values["values"]} == {"technolgy", "Retail"}
    status, checked = api.post(f"{path}/actions/check")
    assert (status, checked["state"], checked["stats"]["new"], checked["stats"]["error"]) == (
        200,
        "checked",
        1,
        1,
    )
    status, rows = api.get(f"{path}/rows?status=error")
    (row,) = rows["rows"]
    assert (row["number"], row["errors"][0]["field"], row["record"]) == (3, "year_established", None)
    status, edited = api.patch(f"{path}/rows/3", {"values": {"2": "1999"}})
    assert (status, edited["row"]["status"], edited["stats"]["error"]) == (200, "new", 0)
    status, done = api.post(f"{path}/actions/run")
    assert (status, done["state"], done["stats"]["created"]) == (200, "done", 2)
    assert done["job"]["kind"] == "import_run" and done["job"]["can_undo"] is True
    _status, accounts = api.get("/accounts?count=exact&fields=name,year_established&order=name")
    assert [(r["name"], r["year_established"]) for r in accounts["rows"]] == [
        ("Nord AG", 1990),
        ("Süd AG", 1999),
    ]
    status, undone = api.post(f"{path}/actions/undo")
    assert (status, undone["state"]) == (200, "undone")
    assert api.get("/accounts?count=exact")[1]["count"]["value"] == 0
    assert api.delete(path)[0] == 204 and api.get(path)[0] == 404


def test_undo_by_the_job_is_the_same(api: ApiClient) -> None:
    _status, made = upload(api)
    _status, done = api.post(f"/imports/{made['id']}/actions/run")
    status, job = api.post(f"/jobs/{done['job']['id']}/actions/undo")
    assert status == 200 and job["state"] in ("undoing", "undone")
    from tests.exchange.conftest import work_off

    work_off(job["id"])
    assert api.get(f"/imports/{made['id']}")[1]["state"] == "undone"


def test_failures_come_as_a_file(api: ApiClient) -> None:
    _status, made = upload(api, name="Müller & Söhne.csv", object="account")
    api.post(f"/imports/{made['id']}/actions/run")
    for kind in ("csv", "xlsx"):
        status, _nothing = api.get(f"/imports/{made['id']}/failures?format={kind}")
        assert status == 200 and "attachment" in api.last["Content-Disposition"]
    assert api.get(f"/imports/{made['id']}/failures?format=exe")[0] == 400


@pytest.mark.parametrize(
    ("content", "name", "status", "code"),
    [
        (b"", "a.csv", 422, "file.empty"),
        (b"%PDF-1.4", "a.csv", 422, "file.not_a_table"),
        (b"PK\x03\x04zzzz", "a.xlsx", 422, "file.damaged"),
        (b"MZ\x90\x00", "a.exe", 422, "file.type_blocked"),
        (b"a,b\n", "a.csv", 422, "file.no_rows"),
        ("a\n" * 600_000, "a.csv", 422, "import.too_many_rows"),
    ],
)
def test_files_are_refused_with_their_code(
    api: ApiClient, content: Any, name: str, status: int, code: str
) -> None:
    answered, body = upload(api, content, name)
    assert (answered, body["code"], body["field"]) == (status, code, "file")


def test_bad_requests_are_4xx(api: ApiClient) -> None:
    _status, made = upload(api)
    path = f"/imports/{made['id']}"
    expected = [
        (upload(api, object="nothing")[0], 404),
        (upload(api, surprise="1")[0], 400),
        (api.post("/imports")[0], 400),
        (api.get("/imports/not-a-uuid")[0], 404),
        (api.get(f"{path}/values")[0], 400),
        (api.get(f"{path}/values?column=-1")[0], 400),
        (api.get(f"{path}/rows?status=odd")[0], 400),
        (api.get(f"{path}/rows?limit=0")[0], 400),
        (api.get(f"{path}/rows?cursor=%00")[0], 400),
        (api.get(f"{path}/rows?surprise=1")[0], 400),
        (api.patch(path, {"surprise": 1})[0], 400),
        (api.patch(path, {"object": 5})[0], 400),
        (api.patch(path, {"mapping": {"columns": {"0": {"attribute": "password"}}}})[0], 400),
        (api.patch(path, {"mapping": 5})[0], 400),
        (api.patch(path, {"match": []})[0], 400),
        (api.patch(path, {"format": {"encoding": "rot13"}})[0], 422),
        (api.patch(path, {"format": {"delimiter": "\n"}})[0], 422),
        (api.patch(f"{path}/rows/99999", {"values": {"0": "x"}})[0], 404),
        (api.patch(f"{path}/rows/x", {"values": {"0": "x"}})[0], 404),
        (api.patch(f"{path}/rows/2", {"values": {"77": "x"}})[0], 400),
        (api.post(f"{path}/actions/explode")[0], 404),
        (api.post(f"{path}/actions/undo")[0], 409),
        (api.post("/import_maps", {"name": "", "object": "account", "mapping": {"columns": {}}})[0], 400),
        (api.post("/import_maps", {"name": "x", "object": "account", "mapping": []})[0], 400),
        (api.post("/accounts/export", {"format": "doc"})[0], 400),
        (api.post("/nothings/export", {})[0], 404),
    ]
    assert [a for a, _e in expected] == [e for _a, e in expected]


def test_maps_are_saved_listed_and_deleted(api: ApiClient) -> None:
    body = {
        "name": "ERP",
        "object": "account",
        "headers": ["A"],
        "mapping": {"columns": {"0": {"attribute": "name"}}},
    }
    status, made = api.post("/import_maps", body)
    assert status == 201 and made["name"] == "ERP"
    assert [m["id"] for m in api.get("/import_maps?object=account")[1]["rows"]] == [made["id"]]
    assert api.get("/import_maps?object=lead")[1]["rows"] == []
    assert api.delete(f"/import_maps/{made['id']}")[0] == 204


def test_export_gives_a_link_that_works(api: ApiClient) -> None:
    api.post("/accounts", {"name": "Nord"})
    status, body = api.post("/accounts/export", {"format": "csv", "fields": ["name"]})
    job = body["job"]
    assert (status, job["state"], job["result"]) == (202, "succeeded", {"rows": 1})
    response = api.client.get(job["file"]["url"], HTTP_HOST=api.host, **api.headers)
    assert b"".join(response.streaming_content).decode("utf-8-sig").splitlines() == ["Account name", "Nord"]


def test_imports_of_another_workspace_do_not_exist(api: ApiClient, other_workspace: Any) -> None:
    _status, made = upload(api)
    stranger = person(other_workspace, "eve@example.com", "system_administrator")[1]
    for method, path in (
        ("GET", ""),
        ("GET", "/rows"),
        ("GET", "/failures"),
        ("POST", "/actions/run"),
        ("DELETE", ""),
    ):
        assert stranger.call(method, f"/imports/{made['id']}{path}")[0] == 404, path
    assert stranger.get("/imports")[1]["rows"] == []
