"""A person's own sessions, tokens and password (PLT-41, PLT-60, SAAS.md A1, T4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.identity.models import ApiToken, IdentityMail, LoginThrottle, Session, User
from tenants.identity.sessions import key_hash
from tests.api.conftest import OLD
from tests.api_client import ApiClient, person

NEW = "quiet-meadow-73-stones"
BACKEND = "tenants.identity.backends.WorkspaceBackend"


class Browser:
    """A signed-in browser with its CSRF token."""

    def __init__(self, user: User, host: str = "acme.localhost"):
        self.client = Client(SERVER_NAME=host, enforce_csrf_checks=True)
        self.client.force_login(user, backend=BACKEND)
        self.token = self.client.get("/api/v1/session").json()["csrf_token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method, f"/api/v1{path}", self.client._encode_json(body or {}, "application/json"),
            content_type="application/json", headers={"x-csrftoken": self.token, **headers},
        )  # fmt: skip

    @property
    def key(self) -> str:
        return key_hash(self.client.cookies["kontor_session"].value)


def test_sessions_are_listed_and_ended_one_by_one(ada: User) -> None:
    here, phone = Browser(ada), Browser(ada)
    rows = here.call("GET", "/me/sessions").json()["rows"]
    assert {row["id"]: row["current"] for row in rows} == {here.key: True, phone.key: False}
    assert here.call("DELETE", f"/me/sessions/{phone.key}").status_code == 204
    assert phone.call("GET", "/session").status_code == 401
    assert here.call("GET", "/session").status_code == 200
    assert here.call("DELETE", f"/me/sessions/{phone.key}").status_code == 404


def test_nobody_ends_the_session_of_somebody_else(ada: User, workspace: Any) -> None:
    person(workspace, "eve@example.com", "system_administrator", name="Eve")
    eve = Browser(User.objects.get(email="eve@example.com"))
    mine = Browser(ada)
    assert eve.call("DELETE", f"/me/sessions/{mine.key}").status_code == 404
    assert all(row["id"] != mine.key for row in eve.call("GET", "/me/sessions").json()["rows"])
    assert eve.call("POST", "/me/sessions/actions/end_others").json() == {"ended": 0}
    assert mine.call("GET", "/session").status_code == 200


def test_all_other_sessions_end_at_once(ada: User) -> None:
    here, phone, laptop = Browser(ada), Browser(ada), Browser(ada)
    assert here.call("POST", "/me/sessions/actions/end_others").json() == {"ended": 2}
    assert [b.call("GET", "/session").status_code for b in (here, phone, laptop)] == [200, 401, 401]


def test_a_token_is_shown_once_works_and_is_revoked(ada: User) -> None:
    here = Browser(ada)
    made = here.call(
        "POST", "/me/tokens", {"name": "  Reporting  sheet ", "days": 30}, **{"Idempotency-Key": "one"}
    )
    assert made.status_code == 201, made.content
    secret = made.json()["secret"]
    assert made.json()["name"] == "Reporting sheet" and made.json()["expires_at"]
    (row,) = here.call("GET", "/me/tokens").json()["rows"]
    assert "secret" not in row and secret.startswith(row["prefix"])
    api = ApiClient("acme.localhost", secret)
    assert api.get("/session")[1]["user"]["name"] == "Ada"
    assert here.call("DELETE", f"/me/tokens/{row['id']}").status_code == 204
    assert api.get("/session")[0] == 401
    assert here.call("GET", "/me/tokens").json()["rows"] == []


def test_a_token_for_reading_changes_nothing(ada: User) -> None:
    here = Browser(ada)
    secret = here.call("POST", "/me/tokens", {"name": "Sheet", "may_write": False}).json()["secret"]
    assert [row["may_write"] for row in here.call("GET", "/me/tokens").json()["rows"]] == [False]
    api = ApiClient("acme.localhost", secret)
    assert api.get("/accounts")[0] == 200
    status, answer = api.post("/accounts", {"name": "x"})
    assert (status, answer["code"]) == (403, "token.scope")
    assert api.get("/accounts?count=exact")[1]["count"]["value"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": 7},
        {"name": "x" * 101},
        {"name": "a", "days": 31},
        {"name": "a", "days": True},
        {"name": "a", "may_write": "no"},
    ],
)
def test_a_wrong_token_is_refused_and_none_made(ada: User, body: dict) -> None:
    assert Browser(ada).call("POST", "/me/tokens", body).status_code == 422
    assert not ApiToken.objects.filter(user=ada, name__in=("a", "")).exists()


def test_a_token_gives_no_way_to_own_access(workspace: Any) -> None:
    api = person(workspace, "bo@example.com", "salesperson", name="Bo")[1]
    before = ApiToken.objects.count()
    for method, path in (("GET", "/me/sessions"), ("POST", "/me/tokens"), ("POST", "/me/password")):
        status, answer = api.call(method, path, {} if method == "POST" else None)
        assert (status, answer["code"]) == (403, "session.needed")
    assert ApiToken.objects.count() == before


def test_tokens_have_a_limit(ada: User) -> None:
    here = Browser(ada)
    statuses = [here.call("POST", "/me/tokens", {"name": f"t{n}"}).status_code for n in range(21)]
    assert statuses == [201] * 20 + [409]


def test_a_new_password_keeps_this_session_and_ends_the_others(ada: User) -> None:
    here, phone = Browser(ada), Browser(ada)
    answer = here.call("POST", "/me/password", {"current": OLD, "new": NEW})
    assert (answer.status_code, answer.json()) == (200, {"ended": 1})
    assert here.call("GET", "/session").status_code == 200
    assert phone.call("GET", "/session").status_code == 401
    assert Session.objects.filter(user_id=ada.pk).count() == 1
    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert IdentityMail.objects.filter(email=ada.email, kind="password_changed").count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"current": "wrong", "new": NEW}, 422, "password.wrong", "current"),
        ({"current": OLD, "new": "short"}, 422, "password.weak", "new"),
        ({"current": OLD, "new": "ada@example.com"}, 422, "password.weak", "new"),
        ({"current": OLD, "new": "é" * 2000}, 422, "password.weak", "new"),
        ({"current": OLD}, 422, "value.required", "new"),
        ({"current": OLD, "new": ["x"]}, 422, "value.wrong_type", "new"),
    ],
)  # fmt: skip
def test_a_refused_password_changes_nothing(
    ada: User, body: dict, status: int, code: str, field: str
) -> None:
    here, phone = Browser(ada), Browser(ada)
    answer = here.call("POST", "/me/password", body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, field)
    ada.refresh_from_db()
    assert ada.check_password(OLD)
    assert phone.call("GET", "/session").status_code == 200


def test_guessing_the_current_password_is_slowed_down(ada: User) -> None:
    here = Browser(ada)
    statuses = [
        here.call("POST", "/me/password", {"current": "guess", "new": NEW}).status_code for _ in range(12)
    ]
    assert statuses[0] == 422 and statuses[-1] == 429
    assert LoginThrottle.objects.exists()
    assert here.call("POST", "/me/password", {"current": OLD, "new": NEW}).status_code == 429
    ada.refresh_from_db()
    assert ada.check_password(OLD)


def test_without_the_csrf_token_nothing_happens(ada: User) -> None:
    here = Browser(ada)
    here.token = "none"
    assert here.call("POST", "/me/tokens", {"name": "x"}).status_code == 403
    assert not ApiToken.objects.filter(user=ada, name="x").exists()
