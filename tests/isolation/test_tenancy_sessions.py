"""A session, token or link of one workspace is worth nothing in another (T3, T4, A3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.utils import timezone

from tenants import hosts
from tenants.context import activate, activate_public
from tenants.identity import sessions, tokens
from tenants.identity.models import OneTimeToken, Session, User
from tenants.models import Tenant, TenantState
from tests.tenants import operators

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_host_cache():
    hosts.forget()
    yield
    hosts.forget()


@pytest.fixture
def both(workspace, other_workspace):
    """The same person with the same password in both workspaces."""
    for tenant in (workspace, other_workspace):
        with activate(tenant):
            User.objects.create_user(email="pat@example.com", password=PASSWORD, is_admin=True)
    return workspace, other_workspace


def pat() -> User:
    """The person in the workspace active now."""
    return User.objects.get(email="pat@example.com")


def signed_in(host: str, email: str = "pat@example.com") -> Client:
    client = Client(headers={"host": host})
    answer = client.post("/login/", {"email": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def is_signed_in(client: Client, host: str) -> bool:
    """The log-in page sends somebody who is signed in on to the start page."""
    return client.get("/login/", headers={"host": host}).status_code == 302


def test_session_of_one_workspace_is_nobody_in_the_other(both):
    client = signed_in("acme.localhost")
    assert is_signed_in(client, "acme.localhost")
    thief = Client(headers={"host": "globex.localhost"})
    thief.cookies["kontor_session"] = client.cookies["kontor_session"].value
    assert not is_signed_in(thief, "globex.localhost")
    assert is_signed_in(client, "acme.localhost"), "the session at home stays untouched"


def test_copied_session_row_is_refused_by_the_tenant_it_carries(both):
    """Even when the very row and cache entry exist over there."""
    home, other = both
    client = signed_in("acme.localhost")
    key = client.cookies["kontor_session"].value
    with activate(home):
        row = Session.objects.get(pk=sessions.key_hash(key))
    with activate(other):
        Session.objects.create(
            pk=row.pk, data=row.data, user_id=row.user_id, tenant_id=row.tenant_id, expires_at=row.expires_at
        )
        cache.set(sessions._cache_key(row.pk), sessions.SessionStore().decode(row.data))
    assert not is_signed_in(client, "globex.localhost")


def test_session_survives_a_lost_cache(both):
    client = signed_in("acme.localhost")
    cache.clear()
    assert is_signed_in(client, "acme.localhost")


def test_session_works_while_the_cache_server_is_down(both, monkeypatch):
    class Down:
        def __getattr__(self, _name):
            def fail(*_a, **_k):
                raise ConnectionError("cache server is away")

            return fail

    monkeypatch.setattr(sessions, "cache", Down())
    client = signed_in("acme.localhost")
    assert is_signed_in(client, "acme.localhost")


def test_cookie_value_is_not_stored(both):
    client = signed_in("acme.localhost")
    key = client.cookies["kontor_session"].value
    with activate(both[0]):
        assert not Session.objects.filter(pk=key).exists()
        assert Session.objects.get(pk=sessions.key_hash(key)).user_id == pat().pk


def test_cookie_is_host_only_and_out_of_reach_for_script(both):
    cookie = signed_in("acme.localhost").cookies["kontor_session"]
    assert cookie["domain"] == ""
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_key_changes_at_sign_in(both):
    client = Client(headers={"host": "acme.localhost"})
    client.cookies["kontor_session"] = "a" * 40  # chosen by an attacker
    client.post("/login/", {"email": "pat@example.com", "password": PASSWORD})
    assert client.cookies["kontor_session"].value != "a" * 40


def test_revoked_session_ends_at_once(both):
    client = signed_in("acme.localhost")
    with activate(both[0]):
        sessions.revoke_user(pat())
    assert not is_signed_in(client, "acme.localhost")


def test_changing_a_session_revoked_meanwhile_is_refused(both):
    with activate(both[0]):
        store = sessions.SessionStore()
        store["x"] = 1
        store.save()
        sessions.revoke(Session.objects.all())
        store["x"] = 2
        with pytest.raises(UpdateError):
            store.save()


def test_deactivated_user_is_out(both):
    client = signed_in("acme.localhost")
    with activate(both[0]):
        User.objects.update(is_active=False)
    assert not is_signed_in(client, "acme.localhost")


def test_sign_out_ends_the_session(both):
    client = signed_in("acme.localhost")
    assert client.get("/logout/").status_code == 405, "a link must not sign anybody out"
    client.post("/logout/")
    assert not is_signed_in(client, "acme.localhost")
    with activate(both[0]):
        assert Session.objects.count() == 0


def test_operator_and_workspace_user_do_not_mix(both):
    with activate_public():
        get_user_model().objects.create_user("visitor@example.com", PASSWORD)
    operator = operators.signed_in("op@example.com")
    assert is_signed_in(operator, "ops.localhost")
    assert not is_signed_in(operator, "acme.localhost")
    for host, email in (("acme.localhost", "op@example.com"), ("ops.localhost", "visitor@example.com")):
        answer = Client(headers={"host": host}).post("/login/", {"email": email, "password": PASSWORD})
        assert answer.status_code == 422
    with activate(both[0]):
        User.objects.update(is_operator=True)  # a workspace cannot make its users operators
    answer = Client(headers={"host": "acme.localhost"}).post(
        "/login/", {"email": "pat@example.com", "password": PASSWORD}
    )
    assert answer.status_code == 422


def test_api_token_works_only_at_home(both):
    home, other = both
    with activate(home):
        row, secret = tokens.create_api_token(pat(), "script")
        assert tokens.authenticate_bearer(f"Bearer {secret}").user.email == "pat@example.com"
        assert secret not in (row.token_hash, row.prefix) and secret.startswith(row.prefix)
    with activate(other):
        assert tokens.authenticate_bearer(f"Bearer {secret}") is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: f"Token {s}",
        lambda s: s,
        lambda s: f"Bearer {s[:-1]}",
        lambda s: f"Bearer  {s}",
        lambda s: f"Bearer {s}\n",
        lambda s: f"Bearer {s}x",
        lambda s: "Bearer " + "k" * 100_000,
        lambda s: "Bearer kt_",
        lambda s: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
        lambda s: "",
    ],
)
def test_odd_authorization_headers(both, spoil):
    with activate(both[0]):
        _row, secret = tokens.create_api_token(pat(), "script")
        assert tokens.authenticate_bearer(spoil(secret)) is None


def test_api_token_of_inactive_user_or_revoked_or_expired(both, time_machine):
    time_machine.move_to(timezone.now())
    with activate(both[0]):
        user = pat()
        _row, secret = tokens.create_api_token(user, "x", expires_at=timezone.now() + timedelta(hours=1))
        second, lasting = tokens.create_api_token(user, "y")
        assert tokens.authenticate_bearer(f"Bearer {secret}")
        time_machine.shift(timedelta(hours=2))
        assert tokens.authenticate_bearer(f"Bearer {secret}") is None
        User.objects.update(is_active=False)
        assert tokens.authenticate_bearer(f"Bearer {lasting}") is None
        User.objects.update(is_active=True)
        second.revoked_at = timezone.now()
        second.save()
        assert tokens.authenticate_bearer(f"Bearer {lasting}") is None


def test_hand_over_link_works_once_and_only_at_home(both):
    with activate(both[0]):
        secret = tokens.issue_one_time(pat(), OneTimeToken.Purpose.SIGN_IN)
    elsewhere = Client(headers={"host": "globex.localhost"})
    elsewhere.get(f"/enter/{secret}/")
    assert not is_signed_in(elsewhere, "globex.localhost")
    client = Client(headers={"host": "acme.localhost"})
    assert client.get(f"/enter/{secret}/?next=//evil.example")["Location"] == "/"
    assert is_signed_in(client, "acme.localhost")
    second = Client(headers={"host": "acme.localhost"})
    second.get(f"/enter/{secret}/")
    assert not is_signed_in(second, "acme.localhost")


def test_suspended_workspace_lets_only_administrators_in(both):
    home, _other = both
    with activate(home):
        User.objects.create_user("rep@example.com", PASSWORD)
    rep = signed_in("acme.localhost", "rep@example.com")
    with activate_public():
        tenant = Tenant.objects.get(pk=home.pk)
        tenant.state = TenantState.SUSPENDED
        tenant.save()
    assert rep.get("/api/v1/accounts").status_code == 423
    assert rep.get("/api/v1/accounts").json()["code"] == "tenant.suspended"
    assert rep.get("/").status_code == 423
    answer = Client(headers={"host": "acme.localhost"}).post(
        "/login/", {"email": "rep@example.com", "password": PASSWORD}
    )
    assert answer.status_code == 423
    assert is_signed_in(signed_in("acme.localhost"), "acme.localhost")


def test_remote_user_headers_sign_nobody_in(both):
    client = Client(
        headers={
            "host": "acme.localhost",
            "x-remote-user": "pat@example.com",
            "remote-user": "pat@example.com",
        },
        REMOTE_USER="pat@example.com",
    )
    assert not is_signed_in(client, "acme.localhost")


def test_client_address_takes_forwarded_for_only_behind_our_proxy(settings):
    from tenants.identity.clients import client_address

    request = RequestFactory().get(
        "/", headers={"x-forwarded-for": "6.6.6.6, 9.9.9.9"}, REMOTE_ADDR="10.0.0.1"
    )
    settings.KONTOR_BEHIND_PROXY = False
    assert client_address(request) == "10.0.0.1"
    settings.KONTOR_BEHIND_PROXY = True
    assert client_address(request) == "9.9.9.9"
