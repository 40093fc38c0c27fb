"""Packages nobody should believe: each is refused with a stable code, and nothing changes (PLT-12, SAAS §6.3 groups Z and I)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.exchange.models import Solution, SolutionImport
from crm_core.exchange.solutions import installing
from crm_core.metadata import registry
from crm_core.metadata.errors import CrmError
from crm_core.records import service
from crm_core.security.actor import Actor
from tenants.context import activate
from tests.api_client import ApiClient, person
from tests.exchange.packed_solutions import repacked, seeded_admin, state


def solution(*components: dict[str, Any], **changes: Any) -> dict[str, Any]:
    about = {"name": "evil", "label": "Evil", "version": "1.0", "description": ""}
    return {
        "format": 1,
        "product": "x",
        "solution": about,
        "managed": False,
        "components": list(components),
        "requires": [],
        **changes,
    }


def component(kind: Any, owner: Any, name: Any, definition: Any) -> dict[str, Any]:
    return {"kind": kind, "object": owner, "name": name, "definition": definition}


def zipped(entries: list[tuple[str, bytes]]) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries:
            target.writestr(name, content)
    return found.getvalue()


def lying() -> bytes:
    """A bomb whose directory says it is small."""
    found = bytearray(zipped([("solution.json", b" " * 30 * 1024**2)]))
    at = found.rindex(b"PK\x01\x02")
    found[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(found)


BOAT = component("object", None, "c_boat", {"label": "Boat"})
TEXT = {"label": "T", "type": "text"}
VIEW = {"label": "V", "columns": [{"name": "name"}]}
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "no zip": ("solution.not_a_package", lambda: b"GIF89a"),
    "empty": ("solution.not_a_package", lambda: b""),
    "truncated": ("solution.not_a_package", lambda: repacked(solution())[:-30]),
    "path trick": ("solution.not_a_package", lambda: zipped([("../solution.json", b"{}")])),
    "absolute path": ("solution.not_a_package", lambda: zipped([("/solution.json", b"{}")])),
    "more entries": ("solution.not_a_package", lambda: zipped([("solution.json", b"{}"), ("x.py", b"")])),
    "twice the entry": ("solution.not_a_package", lambda: zipped([("solution.json", b"{}"), ("solution.json", b"[]")])),
    "bomb": ("solution.too_large", lambda: zipped([("solution.json", b" " * 30 * 1024**2)])),
    "lying bomb": ("solution.not_a_package", lying),
    "large file": ("solution.too_large", lambda: b"PK" + b"x" * 6 * 1024**2),
    "no json": ("solution.not_json", lambda: repacked(None, raw=b"{")),
    "not a number": ("solution.not_json", lambda: repacked(None, raw=b'{"format": NaN}')),
    "deep": ("solution.not_json", lambda: repacked(None, raw=b'{"format":1,"components":' + b"[" * 500 + b"]" * 500 + b"}")),
    "many brackets": ("solution.not_json", lambda: repacked(None, raw=b"[" + b"[]," * 600_000 + b"[]]")),
    "nul": ("solution.not_json", lambda: repacked(solution(component("view", "account", "v", {"label": "a\x00b"})))),
    "huge number": ("solution.not_json", lambda: repacked(None, raw=b'{"format":1,"components":[99999999999999999999999]}')),
    "list": ("solution.format", lambda: repacked([])),
    "another format": ("solution.format", lambda: repacked(solution(format=2))),
    "managed as text": ("solution.format", lambda: repacked(solution(managed="yes"))),
    "no facts": ("solution.format", lambda: repacked(solution(solution=[]))),
    "bad name": ("solution.name", lambda: repacked(solution(solution={"name": "../x", "label": "x", "version": "1"}))),
    "bad version": ("solution.version", lambda: repacked(solution(solution={"name": "xy", "label": "x", "version": "1.x"}))),
    "no components": ("solution.components", lambda: repacked(solution(components={}))),
    "too many": ("solution.components", lambda: repacked(solution(*[BOAT] * 3001))),
    "twice": ("solution.component_twice", lambda: repacked(solution(BOAT, BOAT))),
    "kind is a number": ("solution.components", lambda: repacked(solution(component(1, None, "x", {})))),
    "definition is a list": ("solution.components", lambda: repacked(solution(component("object", None, "c_x", [])))),
}  # fmt: skip
COMPONENTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "unknown kind": ("solution.unknown_kind", [component("process", None, "x", {})]),
    "name of a delivered object": ("solution.name", [component("object", None, "account", {"label": "Mine"})]),
    "address of another object": ("solution.name_taken", [BOAT, component("object", None, "c_boats", {"label": "B"}) | {"name": "c_boatx"}, component("object", None, "c_boatxe", {"label": "B"})]),
    "script as icon": ("metadata.icon", [component("object", None, "c_x", {"label": "X", "icon": "<script>"})]),
    "label is an object": ("metadata.label", [component("object", None, "c_x", {"label": {"$ne": 1}})]),
    "unknown key": ("metadata.unknown_key", [component("object", None, "c_x", {"label": "X", "model": "auth.User"})]),
    "delivered attribute": ("solution.name", [component("attribute", "account", "owner", TEXT)]),
    "attribute of a prototype": ("solution.name", [component("attribute", "account", "__proto__", TEXT)]),
    "type of the system": ("metadata.type", [component("attribute", "account", "c_x", {"label": "X", "type": "owner"})]),
    "length": ("metadata.number", [component("attribute", "account", "c_x", {**TEXT, "max_length": -1})]),
    "same label": ("metadata.label_taken", [component("attribute", "account", "c_x", TEXT), component("attribute", "account", "c_y", TEXT)]),
    "formula of itself": ("formula.cycle", [component("attribute", "account", "c_x", {"label": "X", "type": "calculated", "expression": "c_y + 1"}), component("attribute", "account", "c_y", {"label": "Y", "type": "calculated", "expression": "c_x + 1"})]),
    "formula with code": ("formula.syntax", [component("attribute", "account", "c_x", {"label": "X", "type": "calculated", "expression": "__import__('os')"})]),
    "roll-up over nothing": ("relationship.unknown", [component("attribute", "account", "c_x", {"label": "X", "type": "roll_up", "function": "count", "relationship": "nope"})]),
    "no option list": ("metadata.option_list", [component("attribute", "account", "c_x", {"label": "X", "type": "pick", "option_list": "nope"})]),
    "new option list": ("option_list.unknown", [component("option_list", None, "nope", {"options": [{"label": "A"}]})]),
    "override of nothing": ("attribute.unknown", [component("override", "account", "nope", {"label": "X"})]),
    "override with code": ("metadata.unknown_key", [component("override", "account", "name", {"type": "memo"})]),
    "form of fields that are not there": ("form.unknown_attribute", [component("form", "account", "main", {"tabs": [{"label": "A", "sections": [{"label": "", "attributes": ["password"]}]}]})]),
    "form without tabs": ("form.tabs", [component("form", "account", "main", {"tabs": 7})]),
    "view of an unknown field": ("attribute.unknown", [component("view", "account", "v", {**VIEW, "columns": [{"name": "nope"}]})]),
    "view with a filter that is none": ("filter.malformed", [component("view", "account", "v", {**VIEW, "filter": [1]})]),
    "rule that sets the owner": ("rule.not_settable", [component("rule", "account", "r", {"label": "R", "then": [{"action": "set", "attribute": "owner", "value": "x"}]})]),
    "role of administrators": ("role.unknown", [component("role", None, "@system_administrator", {"name": "X", "privileges": {}, "capabilities": []})]),
    "role with unknown depth": ("role.unknown_depth", [component("role", None, "X", {"name": "X", "privileges": {"account": {"read": 9}}, "capabilities": []})]),
    "role with unknown capability": ("role.unknown_capability", [component("role", None, "X", {"name": "X", "privileges": {}, "capabilities": ["root"]})]),
    "role under another name": ("solution.name", [component("role", None, "X", {"name": "Y", "privileges": {}, "capabilities": []})]),
    "secured name": ("field_security.never", [component("secured_attribute", "account", "name", {"secured": True})]),
    "profile with unknown right": ("field_security.right", [component("field_security_profile", None, "P", {"rights": {"account.phone": ["own"]}})]),
    "duplicate rule without fields": ("metadata.definition", [component("duplicate_rule", "account", "D", {"on": True})]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", FILES)
def test_files_that_are_no_packages(admin: Actor, case: str) -> None:
    code, make = FILES[case]
    before = state()
    for act in (installing.preview, installing.install):
        with pytest.raises(CrmError) as refused:
            act(make(), [], admin)
        assert refused.value.code == code and 400 <= refused.value.status < 500
    assert state() == before and not Solution.objects.exists() and not SolutionImport.objects.exists()


@pytest.mark.parametrize("case", COMPONENTS)
def test_components_that_cannot_be(admin: Actor, case: str) -> None:
    code, components = COMPONENTS[case]
    before = state()
    package = repacked(solution(*components))
    rows = installing.preview(package, [], admin)["components"]
    assert code in {r["problem"]["code"] for r in rows if r["problem"]}
    with pytest.raises(CrmError) as refused:
        installing.install(package, [], admin)
    assert refused.value.code == "solution.invalid_component" and refused.value.details["code"] == code
    assert str(refused.value.field).startswith("components.")
    assert state() == before and not Solution.objects.exists()


def test_ids_of_another_workspace_find_nothing(admin: Actor, other_workspace: Any) -> None:
    with activate(other_workspace):
        there = seeded_admin("Globex")
        foreign = service.create(registry.get("account"), {"name": "Secret"}, there).id
    registry.forget()
    view = {**VIEW, "filter": {"attribute": "parent_account", "operator": "eq", "value": str(foreign)}}
    installing.install(repacked(solution(component("view", "account", "c_v", view))), [], admin)
    form = component("form", "account", f"role:{foreign}", {"tabs": [{"label": "A", "sections": []}]})
    before = state()
    with pytest.raises(CrmError) as refused:
        installing.install(repacked(solution(form)), [], admin)
    assert refused.value.code == "solution.missing_dependency"
    assert state() == before


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.sampled_from(["c_boat", "account", "name", "label", "text"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["label", "labels", "type", "options", "columns", "filter", "tabs", "sections", "then", "when", "privileges", "capabilities", "rights", "name", "on", "conditions", "targets", "default", "attribute", "value"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["object", "attribute", "option_list", "override", "form", "view", "rule", "role", "secured_attribute", "field_security_profile", "duplicate_rule"]),
    owner=st.sampled_from([None, "account", "c_boat"]),
    name=st.sampled_from(["c_boat", "main", "name", "industry", "X"]),
    definition=anything,
)  # fmt: skip
def test_no_definition_breaks_the_preview(
    admin: Actor, kind: str, owner: str | None, name: str, definition: Any
) -> None:
    body = definition if isinstance(definition, dict) else {"label": definition}
    try:
        installing.preview(repacked(solution(BOAT, component(kind, owner, name, body))), [], admin)
    except CrmError as error:
        assert 400 <= error.status < 500


def send(api: ApiClient, path: str, package: bytes, **fields: str) -> tuple[int, Any]:
    upload = SimpleUploadedFile("p.zip", package, content_type="application/zip")
    response = api.client.post(
        f"/api/v1{path}", {"file": upload, **fields}, HTTP_HOST=api.host, **api.headers
    )
    return response.status_code, response.json() if response.content else None


def test_over_http(workspace: Any) -> None:
    _ada, api = person(workspace, "ada@example.com", "system_administrator")
    _sel, seller = person(workspace, "sel@example.com", "salesperson")
    package = repacked(
        solution(BOAT, component("attribute", "c_boat", "c_length_ab12", {"label": "Length", "type": "dec"}))
    )
    for path in ("/solutions/preview", "/solutions/import"):
        assert send(seller, path, package)[0] == 403
        assert send(api, path, b"x")[1]["code"] == "solution.not_a_package"
        assert send(api, path, package, decisions="{")[1]["code"] == "solution.decisions"
        assert send(api, path, package, evil="1")[0] == 400
    status, preview = send(api, "/solutions/preview", package)
    assert status == 200 and preview["counts"]["add"] == 2
    assert (
        send(api, "/solutions/import", repacked(solution(component("view", "c_nope", "v", VIEW))))[0] == 422
    )
    status, noted = send(api, "/solutions/import", package)
    assert status == 201 and noted["can_roll_back"]
    assert api.post("/c_boats", {"name": "Jolle", "c_length_ab12": "4.2"})[0] == 201
    listed = api.get("/solutions")[1]
    assert [s["label"] for s in listed["rows"]] == ["Evil"] and listed["imports"][0]["id"] == noted["id"]
    refused = api.post(f"/solution_imports/{noted['id']}/actions/roll_back")
    assert refused[0] == 409 and refused[1]["code"] == "solution.in_use"
    found = listed["rows"][0]["id"]
    assert api.call("GET", f"/solutions/{found}/export")[0] == 200 and api.last.content[:2] == b"PK"
    assert api.get(f"/solutions/{found}/export?managed=perhaps")[0] == 400
    assert api.patch(f"/solutions/{found}", {"name": "other"})[1]["code"] == "solution.name"
    assert api.patch(f"/solutions/{found}", {"version": "1.1"})[1]["version"] == "1.1"
    assert api.post(f"/solutions/{found}/actions/uninstall")[1]["code"] == "solution.not_managed"
    keys = api.get("/solutions/components")[1]["rows"]
    assert {"object", "attribute", "role", "duplicate_rule"} <= {k["kind"] for k in keys}
    made = api.post(
        "/solutions",
        {"label": "Mein Paket", "components": [{"kind": "object", "object": None, "name": "c_boat"}]},
    )[1]
    assert made["name"] == "mein_paket" and made["components"][0]["label"] == "Boat"
    assert api.post("/solutions", {"label": "Mein Paket"})[1]["code"] == "value.not_unique"
    bad = {"label": "X", "components": [{"kind": "object", "object": None, "name": "c_nope"}]}
    assert api.post("/solutions", bad)[1]["code"] == "solution.unknown_component"
    assert api.delete(f"/solutions/{made['id']}")[0] == 204
    for method, path in (
        ("GET", "/solutions"),
        ("POST", "/solutions"),
        ("GET", "/solutions/components"),
        ("GET", f"/solutions/{found}/export"),
        ("DELETE", f"/solutions/{found}"),
    ):
        assert seller.call(method, path, {} if method == "POST" else None)[0] == 403
