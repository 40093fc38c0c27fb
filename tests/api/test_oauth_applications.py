"""Apps as administrators register them and people look after them (PLT-63, SAAS.md Z7)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from crm_core.records.models import AuditEntry
from crm_core.security.models import SystemUser
from tenants.identity.models import OAuthApplication, OAuthGrant, User
from tests.api.test_own_access import Browser
from tests.api_client import person
from tests.oauth.program import BACK, Program

NEW = {"name": " Sheet  sync ", "publisher": "Sheets Ltd", "redirect_uris": [BACK], "may_write": True}


@pytest.fixture
def admin(workspace: Any) -> Browser:
    person(workspace, "ada@example.com", "system_administrator", name="Ada Admin")
    return Browser(User.objects.get(email="ada@example.com"))


@pytest.fixture
def rep(workspace: Any) -> User:
    person(workspace, "rita@example.com", "salesperson", name="Rita Rep")
    return User.objects.get(email="rita@example.com")


def test_an_app_from_registration_to_removal(admin: Browser, workspace: Any, rep: User) -> None:
    answer = admin.call("POST", "/oauth_applications", NEW, **{"Idempotency-Key": "one"})
    made = answer.json()
    assert (
        answer.status_code == 201
        and made["name"] == "Sheet sync"
        and made["created_by"]["name"] == "Ada Admin"
    )
    secret = made.pop("secret")
    (row,) = admin.call("GET", "/oauth_applications").json()["rows"]
    assert row == made and secret.startswith(row["secret_prefix"]) and secret not in str(row)
    assert secret not in str(list(AuditEntry.objects.values())), (
        "an answer kept for repetition would be a stored secret"
    )

    program = Program.of(workspace, OAuthApplication.objects.get(), secret)
    got = program.tokens(program.browser(rep))
    (row,) = admin.call("GET", "/oauth_applications").json()["rows"]
    assert [u["user"]["name"] for u in row["users"]] == ["Rita Rep"] and row["users"][0]["may_write"]

    path = f"/oauth_applications/{row['id']}"
    changed = admin.call("PATCH", path, {"name": "Tables", "may_write": False}).json()
    assert (changed["name"], changed["may_write"], changed["publisher"]) == ("Tables", False, "Sheets Ltd")
    newer = admin.call("POST", f"{path}/actions/rotate_secret").json()["secret"]
    assert newer != secret and program.refresh(got["refresh_token"]).status_code == 401
    program.secret = newer
    assert program.refresh(got["refresh_token"]).status_code == 200
    assert admin.call("DELETE", path).status_code == 204
    assert not program.works(got["access_token"]) and not OAuthGrant.objects.exists()
    assert admin.call("DELETE", path).status_code == 404
    noted = AuditEntry.objects.filter(object="app").order_by("id")
    assert [e.operation for e in noted] == ["create", "update", "rotate_secret", "delete"]


def test_who_gave_access_sees_it_and_takes_it_back(admin: Browser, workspace: Any, rep: User) -> None:
    ada = User.objects.get(email="ada@example.com")
    program = Program(workspace, ada)
    mine, hers = program.tokens(), program.tokens(program.browser(rep))
    browser = Browser(rep)
    assert program.works(hers["access_token"])
    (row,) = browser.call("GET", "/me/apps").json()["rows"]
    assert (row["name"], row["publisher"], row["may_write"]) == ("Sheet sync", "Sheets Ltd", True)
    assert row["since"] and row["last_used_at"]
    assert browser.call("DELETE", f"/me/apps/{row['id']}").status_code == 204
    assert not program.works(hers["access_token"]) and program.works(mine["access_token"])
    assert program.refresh(hers["refresh_token"]).status_code == 400
    assert browser.call("GET", "/me/apps").json()["rows"] == []
    assert browser.call("DELETE", f"/me/apps/{row['id']}").status_code == 404


def test_only_administrators_look_after_apps(admin: Browser, rep: User) -> None:
    made = admin.call("POST", "/oauth_applications", NEW).json()
    browser, path = Browser(rep), f"/oauth_applications/{made['id']}"
    for method, where in (
        ("GET", "/oauth_applications"), ("POST", "/oauth_applications"), ("PATCH", path), ("DELETE", path),
        ("POST", f"{path}/actions/rotate_secret"),
    ):  # fmt: skip
        answer = browser.call(method, where, {"name": "Mine"} if method in ("POST", "PATCH") else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "privilege.missing")
    assert OAuthApplication.objects.get().name == "Sheet sync"


def test_wrong_facts_are_refused_and_nothing_is_registered(admin: Browser, rep: User) -> None:
    sam = str(SystemUser.objects.get(login=rep).pk)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"name": ""}, "name"), ({"name": "x" * 101}, "name"), ({"name": 7}, "name"), ({"name": "a\u202eb"}, "name"),
        ({"publisher": ["x"]}, "publisher"), ({"redirect_uris": []}, "redirect_uris"), ({"redirect_uris": BACK}, "redirect_uris"),
        ({"redirect_uris": [BACK, "http://a.example/"]}, "redirect_uris.1"), ({"redirect_uris": [BACK] * 11}, "redirect_uris"),
        ({"redirect_uris": [7]}, "redirect_uris.0"), ({"may_write": "yes"}, "may_write"), ({"confidential": None}, "confidential"),
        ({"service_user": "x"}, "service_user"), ({"service_user": str(uuid.uuid4())}, "service_user"),
        ({"service_user": sam, "confidential": False}, "service_user"),
    ]  # fmt: skip
    for change, field in wrong:
        answer = admin.call("POST", "/oauth_applications", {**NEW, **change})
        assert (answer.status_code, answer.json()["field"]) == (422, field), (change, answer.json())
    assert admin.call("POST", "/oauth_applications", {**NEW, "client_id": "app_mine"}).status_code == 400
    assert not OAuthApplication.objects.exists()
    made = admin.call("POST", "/oauth_applications", {**NEW, "redirect_uris": [], "service_user": sam}).json()
    assert made["service_user"]["name"] == "Rita Rep"
    assert admin.call("PATCH", f"/oauth_applications/{made['id']}", {"service_user": None}).status_code == 422
    public = admin.call("POST", "/oauth_applications", {**NEW, "confidential": False}).json()
    assert public["secret"] is None
    assert admin.call("POST", f"/oauth_applications/{public['id']}/actions/rotate_secret").status_code == 409
