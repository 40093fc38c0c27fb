"""A workspace asks its people for a second factor, and administrators help who lost one (PLT-41 Login)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm_core.metadata.models import Organization
from crm_core.records.models import AuditEntry
from crm_core.security.models import Role, SystemUser
from saas.cli import installation
from tenants import hosts
from tenants.identity.models import IdentityMail, OneTimeToken, SecondFactor, Session, User
from tenants.identity.second_factor import codes, rules
from tenants.identity.tokens import issue_one_time
from tests.api.conftest import OLD
from tests.api.test_own_access import Browser
from tests.api.test_second_factor import code_of, password_given, turned_on
from tests.api_client import person


@pytest.fixture(autouse=True)
def _fresh(time_machine: Any) -> None:
    time_machine.move_to("2026-11-23T10:00:10Z", tick=False)
    hosts.forget()


@pytest.fixture
def eve(workspace: Any) -> Browser:
    """An administrator at her screen."""
    person(workspace, "eve@example.com", "system_administrator", name="Eve")
    return Browser(User.objects.get(email="eve@example.com"))


def ask(eve: Browser, required: str, *roles: str) -> None:
    ids = [str(Role.objects.get(key=key).pk) for key in roles]
    answer = eve.call("PATCH", "/second_factors", {"required": required, "roles": ids})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["required"], answer.json()["roles"]) == (required, sorted(ids))


def sent_to(user: User) -> str:
    """Where a right password leads."""
    client = Client(headers={"host": "acme.localhost"})
    return str(client.post("/login/", {"email": user.email, "password": OLD})["Location"])


def test_everybody_is_led_to_the_set_up_and_to_nothing_else(ada: User, eve: Browser) -> None:
    before = Browser(ada)
    ask(eve, "everybody")
    assert before.call("GET", "/session").status_code == 200, "it holds from the next sign-in on"
    client = Client(headers={"host": "acme.localhost"})
    answer = client.post("/login/", {"email": ada.email, "password": OLD, "next": "/accounts"})
    assert answer["Location"] == "/login/set-up/"
    assert client.get("/api/v1/session").status_code == 401
    assert client.get("/login/code/")["Location"] == "/login/"
    page = client.get("/login/set-up/").content.decode()
    secret = re.search(r'class="code">([A-Z2-7 ]{32,})<', page).group(1)  # type: ignore[union-attr]
    wrong = client.post("/login/set-up/", {"code": "000000"})
    assert wrong.status_code == 422 and secret in wrong.content.decode(), "the app need not be set up again"
    done = client.post("/login/set-up/", {"code": code_of(secret)})
    made = re.findall(r'<li class="code">([a-z2-9-]{14})</li>', done.content.decode())
    assert len(set(made)) == 10 and 'href="/accounts"' in done.content.decode()
    assert 'download="' in done.content.decode()
    assert client.get("/api/v1/session").status_code == 200
    assert before.call("GET", "/session").status_code == 401, "browsers that came in without one are out"
    assert IdentityMail.objects.filter(email=ada.email, kind="factor_on").count() == 1
    state = client.get("/api/v1/me/second_factor").json()
    assert state["on"] and state["required"]
    token = client.get("/api/v1/session").json()["csrf_token"]
    answer = client.post(
        "/api/v1/me/second_factor/actions/turn_off", {"password": OLD, "code": made[0]},
        content_type="application/json", headers={"x-csrftoken": token},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (409, "second_factor.required")
    assert codes.recovery_codes_left(ada) == 10
    assert [e.changes for e in AuditEntry.objects.filter(object="workspace", operation="update")] == [
        {"second_factor": ["nobody", "everybody"]}
    ]
    ask(eve, "nobody")
    assert not rules.needs(User.objects.get(pk=ada.pk))


def test_only_holders_of_the_roles_are_asked(ada: User, eve: Browser) -> None:
    ask(eve, "roles", "system_administrator")
    assert sent_to(ada) == "/"
    ask(eve, "roles", "salesperson", "system_administrator")
    assert sent_to(ada) == "/login/set-up/"
    client = Client(headers={"host": "acme.localhost"})
    link = issue_one_time(ada, OneTimeToken.Purpose.SIGN_IN)
    assert client.get(f"/enter/{link}/")["Location"] == "/login/set-up/"
    turned_on(ada)
    assert sent_to(ada) == "/login/code/"


def test_asking_costs_a_sign_in_nothing_where_nobody_is_asked(ada: User) -> None:
    sent_to(ada)
    with CaptureQueriesContext(connection) as queries:
        assert sent_to(ada) == "/"
    assert [
        q["sql"] for q in queries if "second_factor" in q["sql"] and "identity_user" not in q["sql"]
    ] == []


def test_programs_and_the_provider_are_not_asked(workspace: Any, eve: Browser) -> None:
    ask(eve, "everybody")
    api = person(workspace, "bo@example.com", "salesperson", name="Bo")[1]
    assert api.get("/session")[0] == 200
    support = User.objects.create_user("support@provider.invalid", None, is_operator=True)
    assert not rules.needs(support)


@pytest.mark.parametrize(
    "body",
    [{}, {"required": "some"}, {"required": 7}, {"required": "roles"}, {"required": "roles", "roles": []},
     {"required": "roles", "roles": ["x"]}, {"required": "roles", "roles": "x"},
     {"required": "roles", "roles": ["01a205d2-f448-7236-8c83-001b76079699"]}, {"required": "nobody", "x": 1}],
)  # fmt: skip
def test_odd_rules_are_refused(eve: Browser, body: Any) -> None:
    before = Organization.objects.get(pk=1).settings
    assert eve.call("PATCH", "/second_factors", body).status_code in (400, 422)
    assert Organization.objects.get(pk=1).settings == before


def test_only_administrators_at_a_screen_decide(ada: User, workspace: Any) -> None:
    person(workspace, "lou@example.com", "salesperson", name="Lou")
    lou = User.objects.get(email="lou@example.com")
    turned_on(lou)
    path = f"/second_factors/{SystemUser.objects.get(login=lou).pk}/actions/reset"
    mine, token = Browser(ada), person(workspace, "root@example.com", "system_administrator")[1]
    before = SecondFactor.objects.values().get(), Organization.objects.get(pk=1).settings
    assert mine.call("GET", "/second_factors").status_code == 403
    assert mine.call("PATCH", "/second_factors", {"required": "everybody"}).status_code == 403
    assert mine.call("POST", path, {"reason": "I want to"}).status_code == 403
    assert token.get("/second_factors")[0] == 200
    assert token.patch("/second_factors", {"required": "everybody"})[1]["code"] == "session.needed"
    assert token.post(path, {"reason": "I want to"})[1]["code"] == "session.needed"
    assert (SecondFactor.objects.values().get(), Organization.objects.get(pk=1).settings) == before


def test_a_lost_phone_is_reset_with_a_reason(ada: User, eve: Browser) -> None:
    _secret, made = turned_on(ada)
    phone, half = Browser(ada), password_given(ada)
    person_id = str(SystemUser.objects.get(login=ada).pk)
    assert list(eve.call("GET", "/second_factors").json()["users"]) == [person_id]
    path = f"/second_factors/{person_id}/actions/reset"
    for reason in ("", "x", "y" * 301, "a\x00bcdef", 7):
        assert eve.call("POST", path, {"reason": reason}).status_code in (400, 422)
    assert codes.recovery_codes_left(ada) == 10 and phone.call("GET", "/session").status_code == 200
    assert eve.call("POST", path, {"reason": "Phone lost at sea"}).json() == {"ended": 1}
    assert phone.call("GET", "/session").status_code == 401
    assert not SecondFactor.objects.exists() and not Session.objects.filter(user_id=ada.pk).exists()
    assert half.post("/login/code/", {"code": made[0]})["Location"] == "/login/"
    assert half.get("/api/v1/session").status_code == 401
    assert sent_to(ada) == "/"
    mail = IdentityMail.objects.get(email=ada.email)
    assert (mail.kind, mail.facts) == ("factor_reset", {"by": "Eve", "reason": "Phone lost at sea"})
    entry = AuditEntry.objects.get(operation="second_factor_reset")
    assert (entry.actor_name, str(entry.record_id)) == ("Eve", person_id)
    assert entry.changes == {"reason": [None, "Phone lost at sea"]}
    again = eve.call("POST", path, {"reason": "Phone lost at sea"})
    assert (again.status_code, again.json()["code"]) == (409, "second_factor.none")
    mine = SystemUser.objects.get(email="eve@example.com").pk
    answer = eve.call("POST", f"/second_factors/{mine}/actions/reset", {"reason": "My own one"})
    assert (answer.status_code, answer.json()["code"]) == (403, "user.yourself")


def test_the_factor_of_one_workspace_is_none_in_the_other(
    ada: User,
    eve: Browser,
    other_workspace: Any,
) -> None:
    """Who belongs to two workspaces has a login in each: a session made without the factor opens only where none is asked."""
    from tenants.context import activate

    ask(eve, "everybody")
    with activate(other_workspace):
        User.objects.create_user(ada.email, OLD, full_name="Ada")
    there = Client(headers={"host": "globex.localhost"})
    assert there.post("/login/", {"email": ada.email, "password": OLD})["Location"] == "/"
    here = Client(headers={"host": "acme.localhost"})
    here.cookies = there.cookies
    assert here.get("/api/v1/session").status_code == 401
    assert sent_to(ada) == "/login/set-up/"


def test_whoever_owns_the_machine_resets_for_the_last_administrator(ada: User) -> None:
    turned_on(ada)
    phone = Browser(ada)
    assert installation.reset_second_factor("acme", "nobody@example.com") == ""
    assert installation.reset_second_factor("nowhere", ada.email) == ""
    assert phone.call("GET", "/session").status_code == 200
    assert "ada@example.com" in installation.reset_second_factor("acme", " Ada@Example.com")
    assert phone.call("GET", "/session").status_code == 401 and not SecondFactor.objects.exists()
    assert AuditEntry.objects.get(operation="second_factor_reset").actor_name == "Ada"
    assert installation.reset_second_factor("acme", ada.email) == ""
