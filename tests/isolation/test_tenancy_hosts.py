"""The host alone decides the workspace; everything else about hosts is refused alike (T6, T8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tenants import hosts
from tenants.context import activate_public
from tenants.models import Domain, Tenant, TenantState


@pytest.fixture(autouse=True)
def _fresh_host_cache():
    hosts.forget()
    yield
    hosts.forget()


def get(host: str, path: str = "/login/", **headers):
    return Client(headers={"host": host, **headers}).get(path)


@pytest.mark.parametrize(
    "host", ["acme.localhost", "ACME.localhost", "acme.localhost:8000", "acme.localhost."]
)
def test_workspace_host(workspace, host):
    answer = get(host)
    assert answer.status_code == 200
    assert b"Acme Ltd" in answer.content


def test_each_host_shows_its_own_workspace(workspace, other_workspace):
    assert b"Globex GmbH" in get("globex.localhost").content
    assert b"Globex GmbH" not in get("acme.localhost").content


NOBODY = [
    "unknown.localhost", "acme.localhost.evil.example", "evil.example", "acme.evil.example", "x.acme.localhost",
    "acme", "acme..localhost", ".localhost", "-acme.localhost", "acme_.localhost", "127.0.0.2", "[::1]",
    "[::1]:8000", "acme.localhost:99999", "acme.localhost:abc", "acme.localhost:", "acme@globex.localhost", "localhost.acme.localhost",
    "acme.localhost, globex.localhost", "acme.localhost globex.localhost", "%61cme.localhost",
    "t_testworkspace1.localhost", "public.localhost", "a" * 254 + ".localhost", "xn--acme-.localhost",
    "ops.acme.localhost", "acme.localhost/../globex", "acme.localhost\x00.evil",
]  # fmt: skip


@pytest.mark.parametrize("host", NOBODY)
def test_nobody_behind_the_host(workspace, host):
    """One neutral page for all of them, the same as for an unknown name."""
    answer = get(host)
    assert answer.status_code == 404
    assert answer.content == get("unknown.localhost").content
    assert b"Acme" not in answer.content and b"csrf" not in answer.content


def test_unknown_host_answers_json_below_api(workspace):
    answer = get("unknown.localhost", "/api/v1/accounts")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("state", [TenantState.DELETED, TenantState.FAILED])
def test_gone_workspace_is_like_an_unknown_one(workspace, state):
    with activate_public():
        Tenant.objects.filter(pk=workspace.pk).update(state=state)
    hosts.forget()
    answer = get("acme.localhost")
    assert (answer.status_code, answer.content) == (404, get("unknown.localhost").content)


def test_workspace_being_prepared_says_so(workspace):
    with activate_public():
        Tenant.objects.filter(pk=workspace.pk).update(state=TenantState.PROVISIONING)
    hosts.forget()
    answer = get("acme.localhost")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert b"being prepared" in answer.content


def test_forwarded_headers_do_not_choose_the_workspace(workspace, other_workspace):
    answer = get(
        "acme.localhost",
        **{
            "x-forwarded-host": "globex.localhost",
            "forwarded": "host=globex.localhost",
            "x-original-url": "/password/forgot/",
            "x-rewrite-url": "/password/forgot/",
            "x-host": "globex.localhost",
            "x-http-method-override": "DELETE",
        },
    )
    assert b"Acme Ltd" in answer.content and b"Globex" not in answer.content


def test_given_up_name_redirects_while_it_rests(workspace):
    with activate_public():
        Domain.objects.create(
            tenant=workspace,
            slug="oldname",
            domain="oldname.localhost",
            is_primary=False,
            tombstone_until=timezone.now() + timedelta(days=90),
        )
    answer = get("oldname.localhost", "/login/?next=/accounts")
    assert answer.status_code == 302
    assert answer["Location"].startswith("http://acme.localhost")
    assert answer["Location"].endswith("/login/?next=/accounts")


def test_custom_domain(workspace):
    with activate_public():
        Domain.objects.create(tenant=workspace, domain="crm.acme.example", is_primary=False)
    assert b"Acme Ltd" in get("crm.acme.example").content


def test_lookup_is_cached_and_forgotten_when_a_tenant_changes(workspace, django_assert_num_queries):
    with activate_public():
        with django_assert_num_queries(2):  # the path and the row
            assert hosts.find("acme.localhost").tenant.name == "Acme Ltd"
        with django_assert_num_queries(0):
            hosts.find("acme.localhost")
        with django_assert_num_queries(1):  # the path is known
            assert hosts.find("nobody.localhost") is None
        with django_assert_num_queries(0):
            assert hosts.find("nobody.localhost") is None
        tenant = Tenant.objects.get(pk=workspace.pk)
        tenant.name = "Acme Inc"
        tenant.save()
        assert hosts.find("acme.localhost").tenant.name == "Acme Inc"


def test_change_in_another_process_is_noticed_through_the_cache(workspace, monkeypatch):
    assert hosts.find("acme.localhost").tenant.name == "Acme Ltd"
    with activate_public():
        Tenant.objects.filter(pk=workspace.pk).update(name="Acme Inc")  # no signal, as in another process
        assert hosts.find("acme.localhost").tenant.name == "Acme Ltd"
        cache.set(hosts.VERSION_KEY, "of another process", timeout=None)
    monkeypatch.setattr(hosts._cache, "_next_check", 0.0)
    assert hosts.find("acme.localhost").tenant.name == "Acme Inc"


def test_lookup_works_while_the_cache_server_is_down(workspace, monkeypatch):
    class Down:
        def get(self, *_a, **_k):
            raise ConnectionError("cache server is away")

        set = get

    monkeypatch.setattr(hosts, "cache", Down())
    hosts.forget()
    monkeypatch.setattr(hosts._cache, "_next_check", 0.0)
    assert hosts.find("acme.localhost").tenant.name == "Acme Ltd"
    assert get("acme.localhost").status_code == 200


def test_caller_may_change_its_copy(workspace):
    hosts.find("acme.localhost").tenant.name = "changed"
    assert hosts.find("acme.localhost").tenant.name == "Acme Ltd"
