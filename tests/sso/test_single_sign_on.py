"""People sign in with the account of their organisation; passwords help when that is away (PLT-41, SAAS.md A8, F10)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pyotp
import pytest
from django.core.cache import cache
from django.test import Client

from crm_core.records.models import AuditEntry
from crm_core.security.models import Role, RoleAssignment, SystemUser
from tenants import entitlements, hosts, sealing
from tenants.domains import lookup
from tenants.errors import TenantRefusal
from tenants.identity.models import FederatedLogin, IdentityProvider, User
from tenants.identity.second_factor import codes
from tenants.identity.sso import fetching
from tests.api.test_own_access import Browser
from tests.api_client import person
from tests.sso.provider import CLIENT, SECRET, FakeProvider

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def running() -> Iterator[FakeProvider]:
    provider = FakeProvider()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running: FakeProvider, settings: Any) -> FakeProvider:
    hosts.forget()
    settings.KONTOR_SSO_INTERNAL_HOSTS = [running.host]
    running.claims, running.sign, running.described, running.asked = {}, "own", {}, []
    return running


@pytest.fixture
def eve(workspace: Any) -> Browser:
    """An administrator at her screen."""
    person(workspace, "eve@example.com", "system_administrator", name="Eve")
    return Browser(User.objects.get(email="eve@example.com"))


@pytest.fixture
def ada(workspace: Any) -> User:
    person(workspace, "ada@example.com", "salesperson", name="Ada")
    return User.objects.get(email="ada@example.com")


def set_up(eve: Browser, provider: FakeProvider, **values: Any) -> dict[str, Any]:
    body = {
        "name": "Example ID", "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET,
        "domains": ["example.com"], "is_active": True, **values,
    }  # fmt: skip
    answer = eve.call("PATCH", "/single_sign_on", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def browser() -> Client:
    return Client(headers={"host": "acme.localhost"})


def sent(client: Client, path: str = "/login/sso/?next=/accounts") -> str:
    answer = client.get(path)
    assert answer.status_code == 302
    return str(answer["Location"])


def back(client: Client, answer: dict[str, str]) -> str:
    """Where the answer of the provider leads."""
    done = client.get("/login/sso/callback/", answer)
    assert done.status_code == 302
    return str(done["Location"])


def came(client: Client, provider: FakeProvider) -> str:
    return back(client, provider.agree(sent(client)))


def signed_in(client: Client) -> bool:
    return client.get("/api/v1/session").status_code == 200


def test_somebody_known_signs_in_and_stays_himself(eve: Browser, ada: User, provider: FakeProvider) -> None:
    shown = set_up(eve, provider)
    assert (
        SECRET not in str(shown)
        and shown["has_secret"]
        and shown["return_address"].endswith("/login/sso/callback/")
    )
    kept = IdentityProvider.objects.get()
    assert SECRET not in kept.client_secret and sealing.unseal(kept.client_secret) == SECRET
    assert SECRET not in str(AuditEntry.objects.get(operation="single_sign_on").changes)
    client = browser()
    assert b"Sign in with Example ID" in client.get("/login/").content
    asked = dict(parse_qsl(urlsplit(sent(client)).query))
    assert asked["redirect_uri"] == shown["return_address"]
    assert came(client, provider) == "/accounts" and signed_in(client)
    assert AuditEntry.objects.filter(operation="login", actor_name="Ada").count() == 1
    # the provider's name for her counts from now on, whatever address she has there
    provider.claims = {"email": "renamed@elsewhere.example", "email_verified": False}
    again = browser()
    assert came(again, provider) == "/accounts" and signed_in(again)
    assert FederatedLogin.objects.get().user == ada
    # and her address at the provider, given to somebody else, is not her account
    provider.claims = {"sub": "sub-successor"}
    other = browser()
    assert came(other, provider) == "/login/?sso=unknown" and not signed_in(other)
    ada.is_active = False
    ada.save()
    provider.claims = {}
    assert came(browser(), provider) == "/login/?sso=inactive"


FORGED: tuple[dict[str, Any], ...] = (
    {"iss": "https://evil.example"},
    {"aud": "another"},
    {"aud": [CLIENT, "another"]},
    {"nonce": "x"},
    {"nonce": None},
    {"exp": 1},
    {"exp": None},
    {"exp": "tomorrow"},
    {"iat": 1},
    {"sub": None},
    {"sub": "x" * 300},
)


def test_a_token_that_is_not_for_this_sign_in_is_refused(
    eve: Browser, ada: User, provider: FakeProvider
) -> None:
    set_up(eve, provider)
    wrong = [("own", claims) for claims in FORGED]
    for provider.sign, provider.claims in [*wrong, ("none", {}), ("public", {}), ("stranger", {})]:
        client = browser()
        told = (provider.sign, provider.claims)
        assert came(client, provider) == "/login/?sso=refused" and not signed_in(client), told
    assert not FederatedLogin.objects.exists()


def test_an_answer_belongs_to_one_question_of_one_browser(
    eve: Browser, ada: User, provider: FakeProvider, time_machine: Any
) -> None:
    set_up(eve, provider)
    mine, theirs = browser(), browser()
    answer = provider.agree(sent(mine))
    sent(theirs)
    assert back(theirs, answer) == "/login/?sso=expired", "begun in another browser"
    assert back(browser(), answer) == "/login/?sso=expired"
    assert back(mine, {**answer, "state": "x"}) == "/login/?sso=expired"
    cache.clear()  # what is kept of sessions follows the commit, which no test's transaction has
    assert back(mine, answer) == "/login/?sso=expired", "a wrong answer ends the question"
    client = browser()
    assert (
        back(client, {**provider.agree(sent(client)), "iss": "https://evil.example"}) == "/login/?sso=refused"
    )
    client = browser()
    state = provider.agree(sent(client))["state"]
    assert back(client, {"error": "access_denied", "state": state}) == "/login/?sso=canceled"
    client = browser()
    answer = provider.agree(sent(client))
    time_machine.move_to(time.time() + 700)
    assert back(client, answer) == "/login/?sso=expired"
    assert not any(signed_in(c) for c in (mine, theirs, client))


NOT_LET_IN: tuple[tuple[dict[str, Any], str], ...] = (
    ({"email_verified": False}, "unverified"),
    ({"email_verified": "true"}, "unverified"),
    ({"email_verified": None}, "unverified"),
    ({"email": None}, "unverified"),
    ({"email": "ada@evil.example"}, "domain"),
    ({"email": "ada@sub.example.com"}, "domain"),
    ({"email": "new@example.com"}, "unknown"),
)


def test_only_verified_addresses_of_the_own_domains_of_known_people(
    eve: Browser, ada: User, provider: FakeProvider
) -> None:
    set_up(eve, provider)
    before = User.objects.count()
    for provider.claims, reason in NOT_LET_IN:
        client = browser()
        assert came(client, provider) == f"/login/?sso={reason}" and not signed_in(client)
        assert client.get(f"/login/?sso={reason}").content.count(b'role="alert"') == 1
    assert User.objects.count() == before


def test_new_people_come_with_a_role_within_the_seats(
    eve: Browser, ada: User, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = Role.objects.get(key="salesperson")
    set_up(eve, provider, joining_role=str(role.pk))
    provider.claims = {"email": "New@Example.com", "sub": "sub-new", "name": " New  Person "}
    before = User.objects.count()

    def full(*_args: Any, **_kwargs: Any) -> None:
        raise TenantRefusal("plan.seats", "full", status=402)

    with monkeypatch.context() as patched:
        patched.setattr(entitlements, "require_room", full)
        assert came(browser(), provider) == "/login/?sso=seats"
    assert User.objects.count() == before and not FederatedLogin.objects.exists()
    client = browser()
    assert came(client, provider) == "/accounts" and signed_in(client)
    made = SystemUser.objects.get(email="new@example.com")
    assert (made.full_name, made.login.has_usable_password()) == ("New Person", False)
    assert RoleAssignment.objects.get(principal_id=made.pk).role == role
    assert client.get("/api/v1/session").json()["user"]["name"] == "New Person"
    assert came(browser(), provider) == "/accounts" and User.objects.count() == before + 1


def test_the_second_factor_is_asked_as_well(eve: Browser, ada: User, provider: FakeProvider) -> None:
    set_up(eve, provider)
    secret = codes.begin(ada)
    assert codes.confirm(ada, pyotp.TOTP(secret).now())
    client = browser()
    assert came(client, provider) == "/login/code/" and not signed_in(client)


def test_the_provider_away_leaves_the_password(
    eve: Browser, ada: User, provider: FakeProvider, settings: Any
) -> None:
    """F10: nobody waits for a service that does not answer, and administrators come in whatever is asked of others."""
    silent = FakeProvider()
    settings.KONTOR_SSO_INTERNAL_HOSTS = [silent.host]
    set_up(eve, silent, is_enforced=True)
    client = browser()
    answer = silent.agree(sent(client))
    silent.stop()
    assert back(client, answer) == "/login/?sso=away"
    cache.clear()
    assert sent(browser()) == "/login/?sso=away"
    assert b"does not answer" in client.get("/login/?sso=away").content
    refused = browser().post("/login/", {"email": ada.email, "password": PASSWORD})
    assert refused.status_code == 403
    admin = browser()
    assert admin.post("/login/", {"email": "eve@example.com", "password": PASSWORD})["Location"] == "/"
    assert signed_in(admin)
    assert eve.call("PATCH", "/single_sign_on", {"is_enforced": False, "is_active": False}).status_code == 200
    assert browser().post("/login/", {"email": ada.email, "password": PASSWORD})["Location"] == "/"
    assert browser().get("/login/sso/").status_code == 404


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
        ({"issuer": "ftp://x.example"}, "sso.issuer"), ({"issuer": "https://"}, "sso.issuer"), ({"issuer": 7}, "sso.issuer"),
        ({"domains": ["*"]}, "sso.domains"), ({"domains": "example.com"}, "sso.domains"), ({"domains": ["com"]}, "sso.domains"),
        ({"joining_role": "x"}, "sso.joining_role"), ({"joining_role": "administrator"}, "sso.joining_role"),
        ({"is_active": "yes"}, "value.wrong_type"), ({"client_secret": ""}, "sso.client_secret"), ({"name": "x" * 61}, "sso.name"),
        ({"issuer": "http://127.0.0.1:1"}, "sso.issuer"), ({"issuer": "https://127.0.0.1"}, "sso.issuer"),
        ({"issuer": "https://[::ffff:10.0.0.1]"}, "sso.issuer"), ({"issuer": "https://inside.example"}, "sso.issuer"),
        ({"issuer": "https://gone.example"}, "sso.away"), ({"domains": []}, "sso.incomplete"), ({"x": 1}, "code"),
)  # fmt: skip


def test_wrong_settings_change_nothing(
    eve: Browser, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Zone:
        def addresses(self, name: str) -> list[str]:
            return {"inside.example": ["93.184.216.34", "10.0.0.1"]}.get(name, [])

    monkeypatch.setattr(lookup, "zone", Zone)
    set_up(eve, provider)
    before = IdentityProvider.objects.values().get()
    for body, code in WRONG:
        if body.get("joining_role") == "administrator":
            body = {"joining_role": str(Role.objects.get(key="system_administrator").pk)}
        if "issuer" in body:
            body = {**body, "client_secret": "another"}
        answer = eve.call("PATCH", "/single_sign_on", body)
        assert answer.status_code in (400, 409, 422), (body, answer.content)
        assert code in str(answer.json()), body
        assert IdentityProvider.objects.values().get() == before


def test_another_issuer_needs_the_secret_again(
    eve: Browser, provider: FakeProvider, ada: User, workspace: Any
) -> None:
    set_up(eve, provider)
    answer = eve.call("PATCH", "/single_sign_on", {"issuer": "https://elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (409, "sso.incomplete")
    assert IdentityProvider.objects.get().issuer == provider.issuer
    mine = Browser(ada)
    assert mine.call("GET", "/single_sign_on").status_code == 403
    assert mine.call("PATCH", "/single_sign_on", {"is_active": False}).status_code == 403
    token = person(workspace, "root@example.com", "system_administrator")[1]
    assert token.patch("/single_sign_on", {"is_active": False})[1]["code"] == "session.needed"
    assert IdentityProvider.objects.get().is_active


def test_a_description_that_leads_elsewhere_is_not_believed(
    eve: Browser, ada: User, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(eve, provider)
    for described in (
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://169.254.169.254/latest"}, {"jwks_uri": "http://localhost:1/"},
        {"token_endpoint": f"{provider.issuer}/moved"}, {"authorization_endpoint": "javascript:alert(1)"},
    ):  # fmt: skip
        cache.clear()
        provider.described = {}
        client = browser()
        answer = provider.agree(sent(client))
        cache.clear()
        provider.described = described
        assert back(client, answer) in ("/login/?sso=away", "/login/?sso=refused"), described
        assert not signed_in(client)
    provider.described = {}
    monkeypatch.setattr(fetching, "MOST_BYTES", 50)
    cache.clear()
    assert sent(browser()) == "/login/?sso=away"
