"""The HTTP interface on standard objects: shapes, codes, concurrency headers, rights (deploy/docs/api.md)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api_client import ApiClient, person


@pytest.fixture
def api(workspace: Any) -> ApiClient:
    return person(workspace, "ada@example.com", "system_administrator", name="Ada")[1]


def test_session_names_user_workspace_and_objects(api: ApiClient) -> None:
    status, body = api.get("/session")
    assert status == 200, body
    assert body["user"]["name"] == "Ada" and body["user"]["is_admin"] is True
    names = {o["name"] for o in body["objects"]}
    assert {"account", "contact", "lead", "opportunity", "product", "task", "user"} <= names
    assert len(api.last.content) < 15_000


def test_every_entity_document_is_complete(api: ApiClient) -> None:
    _status, session = api.get("/session")
    for short in session["objects"]:
        status, body = api.get(f"/metadata/objects/{short['name']}")
        assert status == 200, (short["name"], body)
        names = {a["name"] for a in body["attributes"]}
        assert body["primary_attribute"] in names
        for section in body["forms"]["main"]["tabs"][0]["sections"]:
            assert set(section["attributes"]) <= names, (short["name"], section)
        assert set(body["forms"]["main"]["header"]) <= names
        assert set(body["forms"]["quick_create"]) <= names
        assert body["views"], short["name"]


def test_account_all_the_way(api: ApiClient) -> None:
    status, made = api.post("/accounts", {"name": "Nord AG", "annual_revenue": "1100.04"})
    assert status == 201, made
    assert (
        made["annual_revenue"] == "1100.04"
        and made["annual_revenue_base"] == "1100.04"
        and made["version"] == 1
    )
    status, page = api.get(
        "/accounts?fields=name,owner,annual_revenue&order=name&count=exact&sums=annual_revenue"
    )
    assert (status, page["count"], page["sums"]) == (
        200,
        {"value": 1, "exact": True},
        {"annual_revenue": "1100.04"},
    )
    status, changed = api.patch(f"/accounts/{made['id']}", {"name": "Nord SE"}, if_match="1")
    assert (status, changed["version"], changed["name"]) == (200, 2, "Nord SE")
    status, stale = api.patch(f"/accounts/{made['id']}", {"name": "Süd"}, if_match="1")
    assert (status, stale["code"], stale["details"]["current"]["name"]) == (
        412,
        "record.version_mismatch",
        "Nord SE",
    )
    status, whole = api.get(f"/accounts/{made['id']}?include=timeline,related,access")
    assert status == 200 and [i["kind"] for i in whole["timeline"]["items"]] == ["change", "created"]
    assert "contacts" in whole["related"] and whole["access"][0]["reasons"]
    assert api.delete(f"/accounts/{made['id']}")[0] == 204
    assert api.get(f"/accounts/{made['id']}")[0] == 404
    status, bin_ = api.get("/recycle_bin")
    assert [r["name"] for r in bin_["rows"]] == ["Nord SE"]
    assert api.post("/recycle_bin/restore", {"object": "account", "id": made["id"]})[0] == 200
    assert api.get(f"/accounts/{made['id']}")[1]["name"] == "Nord SE"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/accounts", {"name": "A", "nonsense": 1}, 400, "attribute.unknown"),
        ("POST", "/accounts", {"name": "A" * 161}, 422, "value.too_long"),
        ("POST", "/accounts", {"name": "A\x00B"}, 422, "value.bad_characters"),
        ("POST", "/accounts", {"name": 7}, 422, "value.wrong_type"),
        ("POST", "/accounts", {"name": "A", "annual_revenue": "1e999"}, 422, "value.out_of_range"),
        ("POST", "/accounts", {"name": "A", "annual_revenue": "NaN"}, 422, "value.wrong_type"),
        ("POST", "/accounts", {"name": "A", "state": "inactive"}, 422, "state.use_action"),
        ("POST", "/accounts", {"name": "A", "version": 9}, 400, "attribute.unknown"),
        ("POST", "/accounts", b"{", 400, "request.malformed"),
        ("POST", "/accounts", b"[1]", 400, "request.malformed"),
        ("POST", "/accounts", b'{"name": NaN}', 400, "request.malformed"),
        ("POST", "/accounts", b'{"name": "\\ud800"}', 400, "request.malformed"),
        ("POST", "/accounts", b"\xff\xfe", 400, "request.malformed"),
        ("GET", "/accounts?colour=red", None, 400, "request.unknown_parameter"),
        ("GET", "/accounts?limit=0", None, 400, "request.limit"),
        ("GET", "/accounts?limit=1001", None, 400, "request.limit"),
        ("GET", "/accounts?order=-password", None, 400, "attribute.unknown"),
        ("GET", "/accounts?cursor=abc", None, 400, "cursor.invalid"),
        ("GET", "/accounts?filter=%7B%22attribute%22:%22owner__password%22%7D", None, 400, "attribute.unknown"),
        ("GET", "/boats", None, 404, "object.unknown"),
        ("GET", "/accounts/not-an-id", None, 404, "record.not_found"),
        ("GET", "/accounts/018f0000-0000-7000-8000-000000000000", None, 404, "record.not_found"),
        ("PUT", "/accounts", {}, 405, "request.method_not_allowed"),
    ],
)  # fmt: skip
def test_bad_input_is_named_and_changes_nothing(
    api: ApiClient, method: str, path: str, body: Any, status: int, code: str
) -> None:
    got, answer = api.call(method, path, body)
    assert (got, answer["code"]) == (status, code), answer
    assert api.get("/accounts?count=exact")[1]["count"]["value"] == 0


def test_nobody_gets_in_without_identity(api: ApiClient, other_workspace: Any) -> None:
    stranger = ApiClient(api.host)
    assert stranger.get("/session")[0] == 401
    stranger.headers = {"HTTP_AUTHORIZATION": "Bearer kt_" + "x" * 43}
    assert stranger.get("/accounts")[0] == 401
    from tests.api_client import host_of

    elsewhere = ApiClient(host_of(other_workspace))
    elsewhere.headers = api.headers
    assert elsewhere.get("/accounts")[0] == 401


def test_repeated_post_with_a_key_gives_one_record(api: ApiClient) -> None:
    first = api.post("/accounts", {"name": "Once"}, idempotency_key="k1")
    again = api.post("/accounts", {"name": "Once"}, idempotency_key="k1")
    other = api.post("/accounts", {"name": "Twice"}, idempotency_key="k1")
    assert first[0] == again[0] == 201 and first[1]["id"] == again[1]["id"]
    assert (other[0], other[1]["code"]) == (422, "idempotency.key_reused")
    assert api.get("/accounts?count=exact")[1]["count"]["value"] == 1


def test_batch_is_all_or_nothing_or_each_by_itself(api: ApiClient) -> None:
    operations = [
        {"method": "POST", "path": "/accounts", "body": {"name": "A"}},
        {"method": "POST", "path": "/accounts", "body": {}},
        {"method": "GET", "path": "/accounts?count=exact"},
    ]
    status, answer = api.post("/batch", {"atomic": True, "operations": operations})
    assert (status, answer["code"], answer["field"]) == (422, "value.required", "operations.1")
    assert api.get("/accounts?count=exact")[1]["count"]["value"] == 0
    status, answer = api.post("/batch", {"atomic": False, "operations": operations})
    assert status == 200 and [r["status"] for r in answer["results"]] == [201, 422, 200]
    assert answer["results"][2]["body"]["count"]["value"] == 1


def test_openapi_names_every_object(api: ApiClient) -> None:
    status, document = api.get("/openapi.json")
    assert status == 200 and {"/accounts", "/contacts/{id}", "/opportunities/{id}/actions/win"} <= set(
        document["paths"]
    )


def test_views_are_saved_shared_and_broken(api: ApiClient) -> None:
    values = {"object": "account", "name": "Big", "columns": ["name", "annual_revenue"], "order": ["-annual_revenue"],
              "filter": {"attribute": "annual_revenue", "operator": "gt", "value": "10"}}  # fmt: skip
    status, view = api.post("/views", values)
    assert status == 201, view
    api.post("/accounts", {"name": "Small", "annual_revenue": "5"})
    api.post("/accounts", {"name": "Large", "annual_revenue": "50"})
    assert [r["name"] for r in api.get(f"/accounts?view={view['id']}")[1]["rows"]] == ["Large"]
    assert api.post("/views", {**values, "columns": ["nonsense"]})[0] == 400
    assert api.delete(f"/views/{view['id']}")[0] == 204
    assert api.get(f"/accounts?view={view['id']}")[0] == 404


def test_search_finds_across_objects(api: ApiClient) -> None:
    api.post("/accounts", {"name": "Möwe Reederei"})
    api.post("/contacts", {"first_name": "Jonas", "last_name": "Mowelius"})
    status, answer = api.get("/search?q=mowe")
    assert status == 200 and {g["object"] for g in answer["groups"]} == {"account", "contact"}
