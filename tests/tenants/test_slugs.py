"""Which workspace names are accepted, and with which code the others are refused (ASP-10.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants import slugs
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.models import Domain, Provisioning

GOOD = {
    "acme2": "acme2",
    "Acme2": "acme2",
    "  north-wind ": "north-wind",
    "a1b": "a1b",
    "ａｃｍｅ２": "acme2",  # full-width letters are the same letters (NFKC)
    "x" * 30: "x" * 30,
    "3m-team": "3m-team",
    "mailand": "mailand",
    "homer": "homer",
}
INVALID = [
    "", "  ", "ab", "x" * 31, "-acme", "acme-", "ac--me", "xn--80ak6aa92e", "12345", "1-2-3", "ac me", "ac.me",
    "ac_me", "acme!", "acme\x00", "аcme",  # Cyrillic a
    "acmé", "straße", "acme\n.evil", "../etc", "аррӏе", "acme/", "🙂🙂🙂", "acme:80", "a" * 10_000, "ⅷⅷⅷacme‐x",
]  # fmt: skip
RESERVED = [
    "www", "WWW", "admin", "admins", "api", "mail", "mails", "support", "ops", "ftp", "ns1", "autodiscover",
    "wpad", "localhost", "postmaster", "login", "log-in", "billing", "status", "addresses", "accounts", "contact",
    "contacts", "opportunity", "lead", "leads", "kontor", "kontor-support", "my-kontor", "k0nt0r", "paypal",
    "paypa1", "paypal-login", "g00gle", "micros0ft", "goog1e", "stripe-payments", "adm1n",
    "s-u-p-p-o-r-t", "m-a-i-l",
]  # fmt: skip


@pytest.mark.parametrize("raw", GOOD)
def test_accepted(database, raw):
    assert slugs.check_name(raw) == GOOD[raw]


@pytest.mark.parametrize("raw", INVALID)
def test_malformed(database, raw):
    with pytest.raises(TenantRefusal) as refusal:
        slugs.check_name(raw)
    assert (refusal.value.code, refusal.value.status) == ("tenant.name_invalid", 422)
    assert refusal.value.field == "slug"


@pytest.mark.parametrize("raw", RESERVED)
def test_reserved(database, raw):
    with pytest.raises(TenantRefusal) as refusal:
        slugs.check_name(raw)
    assert (refusal.value.code, refusal.value.status) == ("tenant.name_reserved", 422)


def test_taken_by_a_workspace(workspace):
    with pytest.raises(TenantRefusal) as refusal:
        slugs.check_name("ACME")
    assert (refusal.value.code, refusal.value.status) == ("tenant.name_taken", 422)


def test_held_by_a_sign_up_in_progress(database):
    Provisioning.objects.create(idempotency_key="k", slug="northwind")
    with pytest.raises(TenantRefusal, match="name_taken"):
        slugs.check_name("northwind")
    Provisioning.objects.update(state=Provisioning.State.REAPED)
    assert slugs.check_name("northwind") == "northwind"


def test_given_up_names_rest_for_their_time(workspace):
    with activate_public():
        until = timezone.now() + timedelta(days=1)
        old = Domain.objects.create(
            tenant=workspace,
            slug="oldname",
            domain="oldname.localhost",
            is_primary=False,
            tombstone_until=until,
        )
        with pytest.raises(TenantRefusal, match="name_taken"):
            slugs.check_name("oldname")
        Domain.objects.filter(pk=old.pk).update(tombstone_until=timezone.now() - timedelta(seconds=1))
        assert slugs.check_name("oldname") == "oldname"
        assert not Domain.objects.filter(pk=old.pk).exists()
