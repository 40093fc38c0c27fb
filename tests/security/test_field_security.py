"""Secured values reach nobody without the right, by whichever way one asks (PLT-41, AC-05)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from crm_core.metadata import registry, workspace
from crm_core.metadata.models import Organization
from crm_core.records import service
from crm_core.records.models import AuditEntry
from crm_core.security.actor import actor_for
from crm_core.security.models import FieldSecurityProfile, Role
from tests.security.world import World

SECRET = "4711.47"
MAIL = "geheim@example.com"


@pytest.fixture
def secured(company: World) -> World:
    """Contacts whose income and e-mail are secured; the viewer reads and writes everything but those."""
    body = {"attributes": {"contact.email": True, "account.annual_revenue": True, "task.description": True}}
    assert company.admin_api.call("PUT", "/field_security/attributes", body)[0] == 200
    every = dict.fromkeys(
        ("create", "read", "write", "delete", "append", "append_to", "export", "import", "assign"), 5
    )
    Role.objects.filter(pk=company.role.pk).update(
        privileges={"*": every}, capabilities=["bulk", "export_sensitive"]
    )
    workspace.bump("security_version")
    return company


@pytest.fixture
def contact(secured: World) -> str:
    values = {"last_name": "Petrova", "first_name": "Petra", "annual_income": SECRET, "email": MAIL}
    return str(service.create(registry.get("contact"), values, secured.admin).id)


def open_to(world: World, *rights: str) -> None:
    """Give the viewer a profile over both attributes of contacts."""
    body = {
        "name": "Insight",
        "rights": {"contact.annual_income": list(rights), "contact.email": list(rights)},
        "members": [{"object": "user", "id": str(world.viewer_id)}],
    }
    assert world.admin_api.post("/field_security/profiles", body)[0] == 201


def everything_shown(answer: Any) -> str:
    return str(answer)


def test_record_and_list_mask_the_value(secured: World, contact: str) -> None:
    for path in (
        f"/contacts/{contact}?include=timeline,related",
        "/contacts?fields=full_name,annual_income,annual_income_base,email",
    ):
        status, body = secured.viewer_api.get(path)
        assert status == 200
        row = body if "version" in body else body["rows"][0]
        assert row["annual_income"] is None and row["annual_income_base"] is None and row["email"] is None
        assert {"annual_income", "annual_income_base", "email"} <= set(row["masked"])
        assert SECRET not in everything_shown(body) and MAIL not in everything_shown(body)
    assert secured.admin_api.get(f"/contacts/{contact}")[1]["annual_income"] == SECRET
    open_to(secured, "read")
    row = secured.viewer_api.get(f"/contacts/{contact}")[1]
    assert (row["annual_income"], row["email"]) == (SECRET, MAIL) and "annual_income" not in row["masked"]


@pytest.mark.parametrize("name", ["annual_income", "annual_income_base", "email"])
def test_filter_sort_sum_and_group_are_refused(secured: World, contact: str, name: str) -> None:
    api = secured.viewer_api
    tree = {"attribute": name, "operator": "not_empty"}
    asked = [
        ("/contacts/query", {"filter": tree}),
        ("/contacts/query", {"filter": {"not": {"or": [tree]}}}),
        ("/contacts/query", {"order": [f"-{name}"]}),
        ("/contacts/aggregate", {"group": [{"attribute": name}]}),
        ("/contacts/aggregate", {"filter": tree}),
        ("/contacts/board", {"attribute": "status_reason", "filter": tree}),
        ("/accounts/query", {"filter": {"attribute": f"primary_contact.{name}", "operator": "not_empty"}}),
        ("/accounts/query", {"filter": {"related": "contacts", "filter": tree}}),
        ("/accounts/query", {"order": [f"primary_contact.{name}"]}),
        ("/contacts/bulk", {"operation": "delete", "filter": tree}),
        ("/contacts/export", {"fields": ["full_name"], "filter": tree, "format": "csv"}),
        ("/contacts/export", {"fields": ["full_name"], "order": [name], "format": "csv"}),
        ("/views", {"object": "contact", "name": "Rich", "filter": tree, "columns": ["full_name"]}),
    ]
    if name != "email":
        asked += [
            ("/contacts/query", {"sums": [name]}),
            ("/contacts/aggregate", {"measures": [{"fn": "max", "attribute": name}]}),
            ("/contacts/board", {"attribute": "status_reason", "sum": name}),
        ]
    for path, body in asked:
        status, answer = api.post(path, body)
        assert (status, answer["code"]) == (403, "field.secured"), (path, body, answer)
        assert SECRET not in everything_shown(answer)
    assert registry.get("contact").model.objects.filter(deleted_at=None, pk=contact).exists()


def test_a_shared_view_over_it_is_refused_too(secured: World, contact: str) -> None:
    tree = {"attribute": "annual_income", "operator": "gt", "value": "1"}
    body = {
        "object": "contact",
        "name": "Rich",
        "filter": tree,
        "columns": ["full_name"],
        "shared_with": "everyone",
    }
    view = secured.admin_api.post("/views", body)[1]["id"]
    for path in ("/contacts/query", "/contacts/aggregate", "/contacts/board"):
        body = {"view": view, **({"attribute": "status_reason"} if path.endswith("board") else {})}
        status, answer = secured.viewer_api.post(path, body)
        assert (status, answer["code"]) == (403, "field.secured"), path


def test_search_does_not_find_by_it(secured: World, contact: str) -> None:
    before = registry.get("contact").model.objects.get(pk=contact)
    assert MAIL not in before.search_text
    for api in (secured.viewer_api, secured.admin_api):
        assert api.get("/search?q=geheim")[1]["groups"] == []
        assert api.post("/contacts/query", {"q": "geheim"})[1]["rows"] == []
    assert api.get("/search?q=petrova")[1]["groups"]


def test_securing_renews_what_records_are_found_by(company: World) -> None:
    made = service.create(registry.get("contact"), {"last_name": "Lind", "email": MAIL}, company.admin).id
    assert company.viewer_api.get("/session")[0] == 200
    assert company.admin_api.get("/search?q=geheim")[1]["groups"]
    assert (
        company.admin_api.call("PUT", "/field_security/attributes", {"attributes": {"contact.email": True}})[
            0
        ]
        == 200
    )
    assert company.admin_api.get("/search?q=geheim")[1]["groups"] == []
    assert (
        company.admin_api.call("PUT", "/field_security/attributes", {"attributes": {"contact.email": False}})[
            0
        ]
        == 200
    )
    assert company.admin_api.get("/search?q=geheim")[1]["groups"]
    assert registry.get("contact").model.objects.get(pk=made).version == 1


def test_duplicate_check_does_not_match_by_it(secured: World, contact: str) -> None:
    status, answer = secured.viewer_api.post("/contacts/duplicates", {"values": {"email": MAIL}})
    assert status == 200 and answer["matches"] == [] and answer["hidden"] == 0
    status, answer = secured.viewer_api.post(
        "/contacts?detect_duplicates=true", {"last_name": "Petrova", "first_name": "Petra"}
    )
    assert MAIL not in everything_shown(answer) and SECRET not in everything_shown(answer)
    found = secured.admin_api.post("/contacts/duplicates", {"values": {"email": MAIL}})[1]
    assert [m["id"] for m in found["matches"]] == [contact]


def test_history_and_timeline_leave_it_out(secured: World, contact: str) -> None:
    service.update(registry.get("contact"), contact, {"annual_income": "5000"}, secured.admin)
    task = {
        "subject": "Call",
        "description": "the secret plan",
        "regarding": {"object": "contact", "id": contact},
    }
    service.create(registry.get("task"), task, secured.admin)
    body = secured.viewer_api.get(f"/contacts/{contact}/timeline")[1]
    assert SECRET not in everything_shown(body) and "secret plan" not in everything_shown(body)
    assert "secret plan" in everything_shown(secured.admin_api.get(f"/contacts/{contact}/timeline")[1])
    current = secured.viewer_api.patch(f"/contacts/{contact}", {"job_title": "x"}, if_match="1")
    assert current[0] == 412 and current[1]["details"]["current"]["annual_income"] is None
    assert "5000" not in everything_shown(current[1])


def test_export_has_no_value(secured: World, contact: str) -> None:
    status, answer = secured.viewer_api.post(
        "/contacts/export", {"fields": ["full_name", "annual_income", "email"], "format": "csv"}
    )
    assert status == 202
    api = secured.viewer_api
    response = api.client.get(answer["job"]["file"]["url"], HTTP_HOST=api.host, **api.headers)
    text = b"".join(response.streaming_content).decode()
    assert "Petrova" in text and SECRET not in text and MAIL not in text


def test_writing_it_is_refused_and_changes_nothing(secured: World, contact: str) -> None:
    api, entries = secured.viewer_api, AuditEntry.objects.count()
    asked = [
        ("PATCH", f"/contacts/{contact}", {"annual_income": "1"}),
        ("PATCH", f"/contacts/{contact}", {"job_title": "Boss", "email": None}),
        ("POST", "/contacts", {"last_name": "New", "annual_income": "1"}),
        ("POST", "/contacts/bulk", {"operation": "edit", "ids": [contact], "values": {"annual_income": "1"}}),
    ]
    for method, path, body in asked:
        status, answer = api.call(method, path, body)
        assert (status, answer["code"]) == (403, "field.secured"), answer
    row = secured.admin_api.get(f"/contacts/{contact}")[1]
    assert (row["annual_income"], row["email"], row["version"]) == (SECRET, MAIL, 1)
    assert AuditEntry.objects.count() == entries and registry.get("contact").model.objects.count() == 1
    open_to(secured, "read", "update")
    assert api.patch(f"/contacts/{contact}", {"annual_income": "1"})[0] == 200
    assert (
        api.post("/contacts", {"last_name": "New", "annual_income": "1"})[0] == 403
    )  # no right to create with it


def test_a_choice_that_cannot_be_made_any_more_opens_nothing_by_itself(company: World) -> None:
    """A note's title is made of its text, so its text cannot be secured; what was secured before stays so until opened."""
    path, put = "note.body", company.admin_api.call
    assert put("PUT", "/field_security/attributes", {"attributes": {path: True}})[0] == 422
    assert not registry.get("note").attributes["body"].secured
    row = Organization.objects.get(pk=1)
    row.settings["secured_attributes"] = {path: True}
    row.save(update_fields=["settings"])
    workspace.bump("security_version")
    assert registry.get("note").attributes["body"].secured
    assert put("PUT", "/field_security/attributes", {"attributes": {path: False}})[0] == 200
    assert not registry.get("note").attributes["body"].secured


def test_values_of_hidden_parents_do_not_leak_through_sorting(company: World) -> None:
    """The order of a list, and its cursor, would tell the revenue of accounts one may not read."""
    account, contact = registry.get("account"), registry.get("contact")
    for number in range(3):
        parent = service.create(
            account, {"name": f"A{number}", "number_of_employees": 8100 + number}, company.admin
        ).id
        values = {"last_name": f"C{number}", "parent_customer": {"object": "account", "id": str(parent)}}
        service.create(contact, values, company.admin)
    company.grant(contact, every=5)
    role = Role.objects.get(pk=company.role.pk)
    role.privileges["account"] = {"read": 1}
    Role.objects.filter(pk=role.pk).update(privileges=role.privileges)
    workspace.bump("security_version")
    path = "parent_customer"
    status, body = company.viewer_api.post(
        "/contacts/query",
        {"order": [f"-{path}.number_of_employees"], "fields": [f"{path}.number_of_employees"], "limit": 1},
    )
    assert status == 200, body
    cursor = base64.urlsafe_b64decode(body["next"] + "=" * (-len(body["next"]) % 4)).decode()
    assert "81" not in cursor.split('"]')[0].replace(str(body["rows"][0]["id"]), "")
    assert body["rows"][0][f"{path}.number_of_employees"] is None


def test_managing_profiles(secured: World, workspace: Any) -> None:
    api = secured.admin_api
    open_to(secured, "read")
    profile = api.get("/field_security")[1]["profiles"][0]
    assert profile["members"] == [{"object": "user", "id": str(secured.viewer_id), "name": "Vera Viewer"}]
    status, answer = api.post("/field_security/profiles", {"name": "insight", "rights": {}})
    assert (status, answer["code"]) == (409, "value.not_unique")
    for body, code in (
        ({"name": ""}, "field_security.name"),
        ({"name": "x", "rights": {"contact.nope": ["read"]}}, "attribute.unknown"),
        ({"name": "x", "rights": {"contact.full_name": ["read"]}}, "field_security.never"),
        ({"name": "x", "rights": {"contact.email": ["sell"]}}, "field_security.right"),
        ({"name": "x", "members": ["00000000-0000-0000-0000-000000000000"]}, "lookup.does_not_exist"),
        ({"name": "x", "surprise": 1}, "request.unknown_parameter"),
    ):
        status, answer = api.post("/field_security/profiles", body)
        assert 400 <= status < 500 and answer["code"] == code, answer
    assert FieldSecurityProfile.objects.count() == 1
    assert api.call("PUT", "/field_security/attributes", {"attributes": {"contact.owner": True}})[0] == 422
    assert api.delete(f"/field_security/profiles/{profile['id']}")[0] == 204
    assert secured.viewer().field_rights == {}
    names = set(AuditEntry.objects.filter(object="field_security").values_list("operation", flat=True))
    assert names == {"secure", "create", "delete"}


def test_only_those_who_manage_roles_and_only_what_they_hold(secured: World, workspace: Any) -> None:
    status, answer = secured.viewer_api.get("/field_security")
    assert (status, answer["code"]) == (403, "privilege.missing")
    Role.objects.filter(pk=secured.role.pk).update(capabilities=["manage_roles"])
    from crm_core.metadata import workspace as state

    state.bump("security_version")
    body = {"name": "Mine", "rights": {"contact.email": ["read"]}, "members": [str(secured.viewer_id)]}
    status, answer = secured.viewer_api.post("/field_security/profiles", body)
    assert (status, answer["code"]) == (403, "privilege.not_held")
    assert FieldSecurityProfile.objects.count() == 0


def test_a_team_gives_its_members_the_right(secured: World, contact: str) -> None:
    body = {
        "name": "Team",
        "rights": {"contact.annual_income": ["read"]},
        "members": [{"object": "team", "id": str(secured.people["my_team"])}],
    }
    assert secured.admin_api.post("/field_security/profiles", body)[0] == 201
    assert secured.viewer_api.get(f"/contacts/{contact}")[1]["annual_income"] == SECRET
    assert actor_for(secured.people["stranger"]).field_rights == {}
