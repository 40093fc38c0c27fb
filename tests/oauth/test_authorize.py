"""Asking for access: who may be led back where, and what the person sees (PLT-63, SAAS.md A9)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tenants.identity.models import OAuthGrant, User
from tenants.identity.oauth.redirects import is_registrable, matches
from tests.oauth.program import BACK, Program, answered


def test_the_page_says_who_wants_what_and_leads_back_with_a_code(program: Program) -> None:
    page = program.ask(decision=None)
    text = page.content.decode()
    for shown in ("Sheet sync", "Sheets Ltd", "Ada Admin", "ada@example.com", "sheets.example", "delete"):
        assert shown in text, shown
    assert "form-action 'self' https://sheets.example" in page["Content-Security-Policy"]
    assert "no-store" in page["Cache-Control"] and not OAuthGrant.objects.exists()
    answer = program.ask()
    told = answered(answer)
    assert (told["state"], told["iss"]) == (
        "xyz",
        program.http.get("/.well-known/oauth-authorization-server").json()["issuer"],
    )
    assert answer["Location"].startswith(f"{BACK}?") and OAuthGrant.objects.get().code_hash not in (
        None,
        told["code"],
    )


def test_reading_only_is_said_and_is_what_is_given(program: Program) -> None:
    assert "Create, change and delete" not in program.ask(decision=None, scope="read").content.decode()
    assert program.tokens(scope="read")["scope"] == "read"
    assert program.tokens(scope=None)["scope"] == "read"


def test_the_page_speaks_german(program: Program, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(language="de")
    assert "Zugriff erlauben" in program.ask(decision=None).content.decode()


def test_who_refuses_gives_nothing(program: Program) -> None:
    told = answered(program.ask(decision="deny"))
    assert told["error"] == "access_denied" and told["state"] == "xyz" and "iss" in told
    assert not OAuthGrant.objects.exists()


def test_signing_in_comes_back_to_the_question(program: Program) -> None:
    stranger = Client(SERVER_NAME=program.host)
    away = program.ask(stranger, decision=None)
    assert away.status_code == 302 and away["Location"].startswith("/login/?next=/oauth/authorize")
    page = stranger.get(away["Location"])
    answer = stranger.post(
        "/login/",
        {
            "email": "ada@example.com",
            "password": "correct horse battery staple",
            "next": page.context["next"],
        },
    )
    assert answer.status_code == 302 and "Sheet sync" in stranger.get(answer["Location"]).content.decode()
    assert program.ask(stranger, decision="switch")["Location"].startswith("/login/?next=/oauth/authorize")
    assert program.ask(stranger, decision="allow").status_code == 302, "signed out"
    assert not OAuthGrant.objects.exists()


#: Readings of an address that are not the registered one, letter by letter.
ELSEWHERE = (
    None, "", "https://evil.example/callback", BACK + "/", BACK + "/x", BACK + "?next=1", BACK + "#x", BACK + "%2f..",
    "http://sheets.example/callback", "https://Sheets.example/callback", "https://sheets.example/Callback",
    "https://sheets.example@evil.example/callback", "https://evil.example\\@sheets.example/callback",
    "https://sheets.example:443/callback", "https://sheets.example/callback/../callback", "//sheets.example/callback",
    "https://sheets.example.evil.example/callback", "https://sheets.example%2eevil.example/callback",
    "https://sheets.example/callback\r\nSet-Cookie: a=b", " https://sheets.example/callback", "javascript:alert(1)",
    "https://sheets.example/callback https://evil.example", "/callback", "https://sheets.example/call%62ack",
)  # fmt: skip


def test_nobody_is_led_to_an_address_that_is_not_registered(program: Program) -> None:
    browser, stranger = program.browser(), Client(SERVER_NAME=program.host)
    for uri in ELSEWHERE:
        for client, decision in ((browser, None), (browser, "allow"), (browser, "deny"), (stranger, None)):
            answer = program.ask(client, decision, redirect_uri=uri)
            assert answer.status_code == 400 and "Location" not in answer, (uri, decision)
    assert not OAuthGrant.objects.exists()


def test_an_address_said_twice_or_an_unknown_app_is_refused(program: Program) -> None:
    browser = program.browser()
    for changes in (
        {"client_id": "app_" + "x" * 22},
        {"client_id": None},
        {"client_id": "' OR 1=1 --"},
        {"client_id": "\x00"},
    ):
        answer = program.ask(browser, **changes)
        assert answer.status_code == 400 and "Location" not in answer
    query = urlencode([*program.query().items(), ("redirect_uri", "https://evil.example/")])
    answer = browser.post(f"/oauth/authorize?{query}", {"decision": "allow"})
    assert answer.status_code == 400 and "Location" not in answer
    assert not OAuthGrant.objects.exists()


BAD_REQUESTS = (
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "s256"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge": "x" * 44}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code token"}, "unauthorized_client"),
    ({"response_type": None}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"scope": "everything"}, "invalid_scope"),
)


def test_a_bad_request_is_told_to_the_program(program: Program) -> None:
    browser = program.browser()
    for changes, error in BAD_REQUESTS:
        for decision in (None, "allow"):
            answer = program.ask(browser, decision, **changes)
            assert answer.status_code == 303, (changes, answer.content)
            told = answered(answer)
            assert told["error"] == error and "code" not in told and "#" not in answer["Location"]
    assert not OAuthGrant.objects.exists()


def test_a_program_gets_no_more_than_it_was_let_have(workspace: Any, ada: User) -> None:
    program = Program(workspace, ada, scopes=["read"])
    assert answered(program.ask())["error"] == "invalid_scope"


def test_a_desktop_program_chooses_its_port(workspace: Any, ada: User) -> None:
    own = "com.example.desk:/done"
    program = Program(workspace, ada, redirect_uris=["http://127.0.0.1/done", own], is_confidential=False)
    here = "http://127.0.0.1:51234/done"
    assert (
        "form-action 'self' http://127.0.0.1:51234"
        in program.ask(decision=None, redirect_uri=here)["Content-Security-Policy"]
    )
    code = program.code(redirect_uri=here)
    assert program.exchange(code, redirect_uri="http://127.0.0.1:51235/done").status_code == 400
    assert program.exchange(code, redirect_uri=here).status_code == 200
    assert program.ask(redirect_uri=own)["Location"].startswith(own + "?")
    for other in ("http://127.0.0.1:51234/done/", "http://127.0.0.1:1@evil.example/done", "http://localhost:51234/done", "http://127.0.0.1:99999/done"):  # fmt: skip
        assert program.ask(redirect_uri=other).status_code == 400
    assert program.row.secret_hash == "" and program.secret is None


@pytest.mark.parametrize(
    "uri",
    ["", "http://a.example/", "https://u@a.example/", "https://a.example/#f", "https://*.example/", "https://A.example/",
     "HTTPS://a.example/", "javascript:alert(1)", "data:text/html,x", "//a.example", "https:///x", "https://a.example/../x",
     "https://a.example/%2e%2e/x", "https://a.example\\@b/", "ftp://a.example/", "https://a.example:99999/", "app:/x",
     "com.example.app://host/x", "https://a b/", "https://a.example/\n", "https://[::g]/", "https://ä.example/", "https://a.example:/"],
)  # fmt: skip
def test_odd_addresses_cannot_be_registered(uri: str) -> None:
    assert not is_registrable(uri)


def test_usual_addresses_can() -> None:
    for uri in ("https://a.example", BACK, "https://a.example:8443/x?y=1", "http://127.0.0.1/x", "http://[::1]/x",
                "http://localhost:3000/x", "com.example.app:/x"):  # fmt: skip
        assert is_registrable(uri) and matches([uri], uri), uri


def test_a_form_of_another_site_gives_nothing(program: Program) -> None:
    browser = Client(SERVER_NAME=program.host, enforce_csrf_checks=True)
    browser.force_login(program.by, backend="tenants.identity.backends.WorkspaceBackend")
    assert program.ask(browser).status_code == 403
    assert not OAuthGrant.objects.exists()


def test_the_server_describes_itself(program: Program) -> None:
    told = program.http.get("/.well-known/oauth-authorization-server").json()
    assert told["token_endpoint"] == told["issuer"] + "/oauth/token"
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    assert Client(SERVER_NAME="ops.localhost").get("/oauth/authorize").status_code == 404
