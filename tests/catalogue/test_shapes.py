"""What a request may not set, ask or smuggle in: cases Z4, I1, I3, I4, I10, I19 of SAAS.md §6.3."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from crm_core.metadata import registry
from tests.api_client import ApiClient, person

#: What only the server decides, of any object (Z4), with a value that would be harmful if it were taken.
SERVERS = {
    "tenant": "018f0000-0000-7000-8000-000000000000",
    "version": 99,
    "created_at": "2001-01-01T00:00:00Z",
    "modified_at": "2001-01-01T00:00:00Z",
    "created_by": "018f0000-0000-7000-8000-000000000000",
    "state": "closed",
    "is_sample": True,
    "is_staff": True,
    "is_administrator": True,
    "plan": "enterprise",
    "deleted_at": "2001-01-01T00:00:00Z",
    "search_text": "everything",
    "owning_business_unit": "018f0000-0000-7000-8000-000000000000",
}


@pytest.fixture
def api(workspace: Any) -> ApiClient:
    return person(workspace, "ada@example.com", "system_administrator", name="Ada")[1]


def _total(api: ApiClient, plural: str) -> int:
    return int(api.get(f"/{plural}?count=exact")[1]["count"]["value"])


def test_no_object_lets_a_request_set_what_the_server_decides(api: ApiClient) -> None:
    """Z4, over every creatable object: refused with the name of the attribute, before anything is written."""
    objects = [e for e in registry.all() if e.creatable and not e.internal]
    assert len(objects) > 10
    for entity in objects:
        before = _total(api, entity.plural)
        for name, value in SERVERS.items():
            attribute = entity.attributes.get(name)
            if attribute is not None and not attribute.read_only:
                continue  # the object has an attribute of this name that people do set (a lead's plan, say)
            status, body = api.post(f"/{entity.plural}", {entity.primary: "Mallory", name: value})
            assert status in (400, 422), (entity.name, name, status, body)
            assert f'"field": "{name}"' in json.dumps(body), (entity.name, name, body)
        assert _total(api, entity.plural) == before, entity.name


def test_an_update_cannot_either(api: ApiClient) -> None:
    _status, made = api.post("/accounts", {"name": "Nord AG"})
    for name, value in {**SERVERS, "id": "018f0000-0000-7000-8000-000000000000"}.items():
        status, body = api.patch(f"/accounts/{made['id']}", {"name": "Taken", name: value})
        assert status in (400, 422), (name, body)
    made.pop("warnings")
    assert api.get(f"/accounts/{made['id']}")[1] == made


def _nested(levels: int) -> Any:
    node: Any = {"attribute": "name", "operator": "eq", "value": "x"}
    for _level in range(levels):
        node = {"and": [node, {"or": [node if _level < 3 else {"attribute": "name", "operator": "empty"}]}]}
    return node


@pytest.mark.parametrize(
    "tree",
    [
        {"attribute": "owner__password__startswith", "operator": "eq", "value": "p"},
        {"attribute": "owner.password", "operator": "eq", "value": "p"},
        {"attribute": "name__regex", "operator": "eq", "value": "(a+)+$"},
        {"attribute": "name", "operator": "regex", "value": "(a+)+$"},
        {"attribute": "name", "operator": "eq", "value": {"$ne": None}},
        {"attribute": "name", "operator": "eq", "value": "a\u0000b"},
        {"attribute": "name' OR 1=1 --", "operator": "eq", "value": "p"},
        {"attribute": "custom.a'--", "operator": "eq", "value": "p"},
        {"attribute": "$.**", "operator": "eq", "value": "p"},
        {"attribute": "__proto__", "operator": "eq", "value": "p"},
        {"attribute": "id", "operator": "in", "value": [str(uuid.uuid4()) for _n in range(10_000)]},
        {"attribute": "name", "operator": "eq", "value": "x" * 200_000},
        {"attribute": "annual_revenue", "operator": "eq", "value": 1e308},
        {"attribute": "created_at", "operator": "on", "value": "9999-99-99"},
        {"and": "name"},
        {"and": []} | {"or": []},
        [],
        "name",
        7,
        _nested(50),
    ],
    ids=lambda tree: json.dumps(tree)[:40],
)
def test_a_filter_is_understood_or_refused_with_its_place(api: ApiClient, tree: Any) -> None:
    """I1, I3: never a server error, never a row for a question nobody understood."""
    api.post("/accounts", {"name": "Nord AG"})
    status, body = api.post("/accounts/query", {"filter": tree})
    assert status == 400, (status, body)
    assert body["code"].split(".")[0] in ("filter", "attribute", "request", "value"), body


def test_the_same_refusal_comes_by_address(api: ApiClient) -> None:
    tree = quote(json.dumps(_nested(50)))
    status, body = api.get(f"/accounts?filter={tree}")
    assert status in (400, 414, 431), body


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "-0", "9007199254740993", "1" * 400])
def test_numbers_are_exact_or_refused(api: ApiClient, number: str) -> None:
    """I3."""
    status, body = api.call("POST", "/accounts", f'{{"name": "Nord", "number_of_employees": {number}}}')
    if status == 201:
        assert body["number_of_employees"] == int(number), body
    else:
        assert status in (400, 422), body
        assert _total(api, "accounts") == 0


def test_duplicate_and_deep_keys(api: ApiClient) -> None:
    """I3: a key given twice means its last value or nothing; a very deep document is refused."""
    status, body = api.call("POST", "/accounts", '{"name": "First", "name": "Second"}')
    assert (status == 201 and body["name"] == "Second") or status == 400, body
    deep = '{"name": ' + "[" * 100_000 + "]" * 100_000 + "}"
    status, body = api.call("POST", "/accounts", deep)
    assert status in (400, 413, 422), (status, body)


@pytest.mark.parametrize(
    "name", ["id", "select", "a" * 200, "🙂", "\u202eevil", "name ", "NAME", "version", "__class__"]
)
def test_a_custom_field_never_takes_a_dangerous_name(api: ApiClient, name: str) -> None:
    """I4: what people call a field is a label; its physical name is ours."""
    change = {
        "kind": "attribute",
        "operation": "create",
        "object": "account",
        "definition": {"label": name, "type": "text", "max_length": 50},
    }
    status, body = api.post("/customization/changes", change)
    assert status in (200, 201, 400, 422), body
    if status in (200, 201):
        status, published = api.post("/customization/publish", {})
        assert status in (200, 201), published
        _status, document = api.get("/metadata/objects/account")
        made = [
            a["name"] for a in document["attributes"] if a["label"].strip() == name.strip() and a["custom"]
        ]
        assert made and all(n.startswith("c_") and n.isascii() and len(n) <= 63 for n in made), made


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
        '<math><mtext><table><mglyph><style><!--</style><img title="--><img src=1 onerror=alert(1)>">',
        '<base href="https://evil.example/">',
        '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
        '<form action="https://evil.example/"><input name=password></form>',
        '<div style="position:fixed;inset:0;background:url(https://evil.example/x)">x</div>',
        "<style>@import 'https://evil.example/x.css';</style>",
        '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    ],
)
def test_rich_text_is_cleaned_when_it_is_written(api: ApiClient, evil: str) -> None:
    """I10."""
    _status, account = api.post("/accounts", {"name": "Nord AG"})
    note = {
        "title": "t",
        "body": f"<p>kept</p>{evil}",
        "regarding": {"object": "account", "id": account["id"]},
    }
    status, made = api.post("/notes", note)
    assert status == 201, made
    stored = made["body"].lower()
    assert "kept" in stored
    for bad in ("<script", "onerror", "onload", "javascript:", "data:text", "<svg", "<math", "<base", "<meta", "<form",
                "<style", "<iframe", "position:", "url(", "@import"):  # fmt: skip
        assert bad not in stored, stored


def test_text_fields_are_text(api: ApiClient) -> None:
    """I10: a name with markup stays the name it is; nothing interprets it on the way."""
    name = '<img src=x onerror=alert(1)> & "Söhne" {{ 7*7 }}'
    status, made = api.post("/accounts", {"name": name})
    assert (status, made["name"]) == (201, name)
    assert api.last.headers["X-Content-Type-Options"] == "nosniff"
    assert api.last.headers["Content-Type"].startswith("application/json")
