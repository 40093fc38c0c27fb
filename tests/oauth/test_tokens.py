"""Codes and tokens: once, by whom they were given to, in time, and all ended when one is in two hands (SAAS.md A9, T4, A8)."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.records.models import AuditEntry
from tenants import hosts
from tenants.context import activate, activate_public
from tenants.identity.models import LoginThrottle, OAuthGrant, OAuthToken, User
from tenants.identity.oauth import applications, grants
from tenants.models import Tenant
from tests.api_client import ApiClient, person
from tests.oauth.program import BACK, VERIFIER, Program, challenge_of


def refused(answer: Any, error: str = "invalid_grant", status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.content
    assert "access_token" not in answer.json()


def test_a_code_becomes_tokens_that_work_at_the_api(program: Program) -> None:
    answer = program.exchange(program.code())
    got = answer.json()
    assert got["token_type"] == "Bearer" and got["expires_in"] == 3600 and got["scope"] == "read write"
    assert "no-store" in answer["Cache-Control"]
    api = ApiClient(program.host, got["access_token"])
    assert api.get("/session")[1]["user"]["name"] == "Ada Admin"
    status, made = api.post("/accounts", {"name": "By a program"})
    assert status == 201
    (row,) = api.get(f"/audit?record={made['record']['id'] if 'record' in made else made['id']}")[1]["rows"]
    assert (row["source"], row["via"], row["actor"]["name"]) == ("api", "Sheet sync", "Ada Admin")
    (row,) = [r for r in api.get("/audit?kind=login")[1]["rows"] if r["operation"] == "app_allowed"]
    assert row["via"] == "Sheet sync"
    assert OAuthGrant.objects.get().last_used_at is not None


def test_secrets_are_stored_hashed_and_never_logged(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="tenants")
    code = program.code()
    got = program.exchange(code).json()
    program.exchange(code)
    shown = [code, got["access_token"], got["refresh_token"], program.secret, VERIFIER]
    kept = str([*OAuthGrant.objects.values(), *OAuthToken.objects.values(), *AuditEntry.objects.values()])
    kept += str(vars(program.again()))
    for secret in shown:
        assert secret not in kept and secret not in caplog.text


def test_a_code_shown_twice_ends_what_it_gave(program: Program) -> None:
    code = program.code()
    got = program.exchange(code).json()
    assert program.works(got["access_token"])
    refused(program.exchange(code))
    assert not program.works(got["access_token"])
    refused(program.refresh(got["refresh_token"]))
    entry = AuditEntry.objects.get(operation="secret_replayed")
    assert (entry.via, entry.actor_name, entry.changes) == (
        "Sheet sync",
        "Ada Admin",
        {"secret": [None, "code"]},
    )
    other = program.tokens()
    assert program.works(other["access_token"]), "another access is not touched"


def test_a_code_needs_its_verifier_and_its_address(program: Program) -> None:
    code = program.code()
    for wrong in (
        {"code_verifier": "another-verifier-of-more-than-forty-three-chars"},
        {"code_verifier": challenge_of(VERIFIER)},
        {"code_verifier": VERIFIER[:42]},
        {"code_verifier": "ä" * 50},
    ):
        refused(program.exchange(code, **wrong))
    refused(program.exchange(code, code_verifier=None), "invalid_request")
    for uri in (None, BACK + "/", "https://evil.example/callback"):
        refused(program.exchange(code, redirect_uri=uri), "invalid_request")
    short = program.code(code_challenge=challenge_of("short"))
    refused(program.exchange(short, code_verifier="short"))
    assert not OAuthToken.objects.exists()
    assert program.exchange(code).status_code == 200, "refused tries do not spend it"


def test_a_code_of_another_program_or_workspace_is_unknown(
    program: Program, other_workspace: Any, workspace: Any, ada: User
) -> None:
    other = Program(workspace, ada, name="Other")
    with activate(other_workspace):
        person(other_workspace, "bea@example.com", "system_administrator")
        bea = User.objects.get(email="bea@example.com")
    foreign = Program(other_workspace, bea)
    code = program.code()
    refused(other.exchange(code))
    refused(foreign.exchange(code))
    refused(
        foreign.exchange(code, client_id=program.row.client_id, client_secret=program.secret),
        "invalid_client",
        401,
    )
    assert foreign.ask(client_id=program.row.client_id).status_code == 400
    got = program.exchange(code).json()
    refused(other.refresh(got["refresh_token"]))
    refused(foreign.refresh(got["refresh_token"]))
    assert program.works(got["access_token"]), "a stranger's try ends nothing"


def test_a_token_works_only_at_home(
    program: Program, other_workspace: Any, caplog: pytest.LogCaptureFixture
) -> None:
    got = program.tokens()
    with activate(other_workspace):
        person(other_workspace, "ada@example.com", "system_administrator")
    for secret in (got["access_token"], got["refresh_token"], program.secret):
        status, answer = ApiClient("globex.localhost", secret).get("/session")
        assert (status, answer["code"]) == (401, "session.required")
    assert "A token was refused" in caplog.text and got["access_token"] not in caplog.text
    assert program.works(got["access_token"])
    with activate(other_workspace):
        assert not OAuthGrant.objects.exists() and not OAuthToken.objects.exists()


def test_odd_tokens_are_nobodys(program: Program) -> None:
    got = program.tokens()
    access, refresh = got["access_token"], got["refresh_token"]
    none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiaXNzIjoiaHR0cDovL2FjbWUubG9jYWxob3N0In0."
    for odd in (
        refresh,
        program.secret,
        access + "x",
        access[:-1],
        access.swapcase(),
        "ko_" + "a" * 43,
        none,
        "ko_\u00e9",
    ):
        assert not program.works(odd), odd


def test_time_ends_codes_and_tokens(program: Program, time_machine: Any) -> None:
    time_machine.move_to(timezone.now())
    late = program.code()
    time_machine.shift(timedelta(seconds=61))
    refused(program.exchange(late))
    got = program.tokens()
    time_machine.shift(timedelta(hours=1, seconds=1))
    assert not program.works(got["access_token"])
    got = program.refresh(got["refresh_token"]).json()
    assert program.works(got["access_token"])
    time_machine.shift(timedelta(days=91))
    refused(program.refresh(got["refresh_token"]))
    grants.purge()
    assert not OAuthToken.objects.exists() and not OAuthGrant.objects.exists()


def test_a_refresh_token_is_exchanged_once(program: Program) -> None:
    first = program.tokens()
    second = program.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"] and program.works(second["access_token"])
    grants.purge()
    refused(program.refresh(first["refresh_token"]))
    assert not program.works(second["access_token"]) and not program.works(first["access_token"])
    refused(program.refresh(second["refresh_token"]))
    assert AuditEntry.objects.get(operation="secret_replayed").changes == {"secret": [None, "refresh_token"]}


def test_a_refresh_may_ask_for_less_and_never_for_more(program: Program) -> None:
    reader = program.tokens(scope="read")
    refused(program.refresh(reader["refresh_token"], scope="read write"), "invalid_scope")
    got = program.refresh(program.tokens()["refresh_token"], scope="read").json()
    assert got["scope"] == "read"
    assert ApiClient(program.host, got["access_token"]).post("/accounts", {"name": "x"})[0] == 403
    assert program.refresh(got["refresh_token"]).json()["scope"] == "read write"


def test_reading_only_changes_nothing(program: Program) -> None:
    api = ApiClient(program.host, program.tokens(scope="read")["access_token"])
    made = ApiClient(program.host, program.tokens()["access_token"]).post("/accounts", {"name": "Kept"})[1]
    record = made.get("record", made)
    before = AuditEntry.objects.count()
    path = f"/accounts/{record['id']}"
    for method, where, body in (
        ("POST", "/accounts", {"name": "x"}), ("PATCH", path, {"name": "x"}), ("DELETE", path, None),
        ("PATCH", "/preferences", {"x": 1}), ("PATCH", "/session", {"theme": "dark"}),
        ("POST", "/accounts/bulk", {"operation": "delete", "ids": [record["id"]]}),
    ):  # fmt: skip
        status, answer = api.call(method, where, body)
        assert (status, answer["code"]) == (403, "token.scope"), (where, status, answer)
    answer = api.post("/batch", {"operations": [{"method": "PATCH", "path": path, "body": {"name": "x"}}]})[1]
    assert answer["results"][0]["status"] == 403
    assert api.get(path)[0] == 200 and api.post("/accounts/query", {"fields": ["name"]})[0] == 200
    assert AuditEntry.objects.count() == before


def test_a_program_is_no_way_to_own_access_or_to_other_programs(program: Program) -> None:
    api = ApiClient(program.host, program.tokens()["access_token"])
    for path in ("/me/sessions", "/me/tokens", "/me/apps", "/oauth_applications"):
        assert api.get(path)[1]["code"] == "session.needed"


def test_a_program_must_show_its_secret_in_one_way(program: Program) -> None:
    code = program.code()
    refused(program.exchange(code, client_secret=None), "invalid_client", 401)
    refused(program.exchange(code, client_secret="ks_" + "a" * 43), "invalid_client", 401)
    refused(program.exchange(code, client_id=None), "invalid_client", 401)
    answer = program.exchange(code, client_id="app_" + "a" * 22)
    refused(answer, "invalid_client", 401)
    assert answer["WWW-Authenticate"].startswith("Basic")
    pair = base64.b64encode(f"{program.row.client_id}:{program.secret}".encode()).decode()
    program.http.defaults["HTTP_AUTHORIZATION"] = f"Basic {pair}"
    refused(program.exchange(code), "invalid_client", 401)
    assert program.exchange(code, client_id=None, client_secret=None).status_code == 200


def test_a_former_secret_stops_and_tokens_go_on(program: Program) -> None:
    got = program.tokens()
    former, program.secret = program.secret, applications.rotate_secret(program.again())
    refused(program.refresh(got["refresh_token"], client_secret=former), "invalid_client", 401)
    assert program.works(got["access_token"]) and program.refresh(got["refresh_token"]).status_code == 200


def test_a_program_without_secret_is_known_by_its_code(workspace: Any, ada: User) -> None:
    program = Program(workspace, ada, is_confidential=False)
    got = program.tokens()
    assert program.works(got["access_token"])
    refused(program.token(grant_type="client_credentials"), "invalid_client", 401)
    refused(program.refresh(got["refresh_token"], client_secret="ks_" + "a" * 43), "invalid_client", 401)
    assert program.refresh(got["refresh_token"]).status_code == 200


def test_a_service_acts_as_the_person_chosen_for_it(workspace: Any, ada: User) -> None:
    person(workspace, "sam@example.com", "salesperson", name="Sam Service")
    sam = User.objects.get(email="sam@example.com")
    program = Program(workspace, ada, service_user=sam, redirect_uris=[])
    got = program.token(grant_type="client_credentials", scope="read write").json()
    assert "refresh_token" not in got
    assert ApiClient(program.host, got["access_token"]).get("/session")[1]["user"]["name"] == "Sam Service"
    program.token(grant_type="client_credentials")
    assert OAuthGrant.objects.count() == 1
    refused(program.token(grant_type="client_credentials", scope="admin"), "invalid_scope")
    applications.change(program.again(), service_user=None)
    assert not program.works(got["access_token"])
    refused(program.token(grant_type="client_credentials"), "unauthorized_client")


def test_grants_of_old_are_not_offered(program: Program) -> None:
    for kind in (
        "password",
        "implicit",
        "openid",
        "urn:ietf:params:oauth:grant-type:device_code",
        "",
        "\u00e9",
    ):
        answer = program.token(
            grant_type=kind, username="ada@example.com", password="correct horse battery staple"
        )
        assert answer.status_code == 400 and answer.json()["error"] in (
            "unsupported_grant_type",
            "unauthorized_client",
            "invalid_request",
        )
    assert not OAuthToken.objects.exists()


def test_whoever_may_no_longer_is_out_at_once(program: Program, workspace: Any, ada: User) -> None:
    got = program.tokens()
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert not program.works(got["access_token"])
    refused(program.refresh(got["refresh_token"]))
    User.objects.filter(pk=ada.pk).update(is_active=True)
    assert program.works(got["access_token"])
    applications.change(program.again(), scopes=["read"])
    assert ApiClient(program.host, got["access_token"]).post("/accounts", {"name": "x"})[0] == 403
    with activate_public():
        Tenant.objects.filter(pk=workspace.pk).update(held_from=timezone.now())
    hosts.forget()
    assert ApiClient(program.host, got["access_token"]).get("/session")[0] == 401
    refused(program.refresh(got["refresh_token"]), "access_denied", 403)
    with activate_public():
        Tenant.objects.filter(pk=workspace.pk).update(held_from=None)
    hosts.forget()
    assert program.works(got["access_token"])
    applications.remove(program.again())
    assert not program.works(got["access_token"])


def test_a_program_gives_tokens_back(program: Program, workspace: Any, ada: User) -> None:
    other = Program(workspace, ada, name="Other")
    got = program.tokens()

    def give_back(who: Program, token: str, **changes: str) -> Any:
        form = {"client_id": who.row.client_id, "client_secret": who.secret, "token": token, **changes}
        return who.http.post(
            "/oauth/revoke", urlencode(form), content_type="application/x-www-form-urlencoded"
        )

    assert give_back(other, got["refresh_token"]).status_code == 200
    assert give_back(program, "unknown").status_code == 200
    assert give_back(program, got["access_token"], client_secret="").status_code == 401
    assert program.works(got["access_token"])
    assert give_back(program, got["access_token"]).status_code == 200 and not program.works(
        got["access_token"]
    )
    again = program.refresh(got["refresh_token"]).json()
    give_back(program, again["refresh_token"], token_type_hint="access_token")
    assert not program.works(again["access_token"])


def test_guessing_is_slowed_down(program: Program) -> None:
    for _try in range(22):
        answer = program.exchange("kc_" + "a" * 43)
    assert answer.status_code == 429 and int(answer["Retry-After"]) >= 1
    assert program.exchange(program.code()).status_code == 429


def test_only_forms_are_read(program: Program) -> None:
    for answer in (
        program.http.get("/oauth/token"),
        program.http.post("/oauth/token", {"grant_type": "authorization_code"}),
        program.http.post("/oauth/token", b"{}", content_type="application/json"),
        program.http.post("/oauth/token?grant_type=x", b"", content_type="application/x-www-form-urlencoded"),
        program.http.post(
            "/oauth/token", b"\xff\xfe%zz=%ff&&==", content_type="application/x-www-form-urlencoded"
        ),
        program.http.post("/oauth/token", b"a=1&" * 6000, content_type="application/x-www-form-urlencoded"),
    ):
        assert answer.status_code in (400, 405), answer.content


_ODD = st.text(max_size=40) | st.sampled_from(
    ["authorization_code", "refresh_token", "client_credentials", BACK, "S256", "code"]
)
_FORM = st.dictionaries(
    st.sampled_from(["grant_type", "code", "client_id", "client_secret", "redirect_uri", "code_verifier", "refresh_token", "scope",
                     "client", "user", "scopes", "extra_credentials", "response_type", "state", "code_challenge", "token"]),
    _ODD,
)  # fmt: skip


@given(form=_FORM)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nonsense_is_refused_and_never_an_error_of_ours(program: Program, form: dict[str, str]) -> None:
    LoginThrottle.objects.all().delete()
    body = urlencode(form, errors="replace")
    for path in ("/oauth/token", "/oauth/revoke"):
        answer = program.http.post(path, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (400, 401), (answer.status_code, form)
    assert program.http.get(f"/oauth/authorize?{body}").status_code == 400
    LoginThrottle.objects.all().delete()
    named = {**form, "client_id": program.row.client_id, "client_secret": program.secret}
    answer = program.http.post(
        "/oauth/token", urlencode(named, errors="replace"), content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in (400, 401) and not OAuthToken.objects.exists()
