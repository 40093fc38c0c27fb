"""AC-02: seats, proration, dunning, with the figures of the specification."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from billing.models import Invoice, Payment, Subscription
from billing.providers import provider_named
from billing.services import changes, payments
from tenants import entitlements
from tenants.context import activate
from tenants.errors import TenantRefusal
from tenants.identity.models import User
from tenants.models import Tenant
from tests.api_client import host_of
from tests.billing.conftest import BAD_LATER, START, add_users

Buy = Callable[..., Subscription]
Later = Callable[[float], None]


def signed_in(tenant: Tenant) -> Client:
    with activate(tenant):
        user = User.objects.get(email="owner@acme.test")
        from crm_core.security.services import create_system_user

        create_system_user("Olga", user.email, login_id=user.pk, roles=["system_administrator"])
    client = Client(SERVER_NAME=host_of(tenant))
    client.post("/login/", {"email": "owner@acme.test", "password": "correct horse battery staple"})
    return client


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    call = getattr(client, method)
    if method == "get":
        return call(f"/api/v1{path}")
    return call(f"/api/v1{path}", data=body, content_type="application/json")


def test_ten_seats_become_twelve_in_the_middle_of_april(tenant: Tenant, buy: Buy, later: Later) -> None:
    subscription = buy(seats=10)
    assert subscription.period_end - subscription.period_start == timedelta(days=30)
    first = Invoice.objects.get(tenant=tenant)
    assert (first.net_minor, first.tax_minor, first.total_minor) == (30000, 5700, 35700)
    assert (first.state, first.number) == ("paid", "R-2026-00001")
    assert (tenant.state, tenant.entitlements["limits"]["users"]) == ("active", 10)
    add_users(tenant, 9)

    with activate(tenant), pytest.raises(TenantRefusal) as refused:
        entitlements.require_room(tenant, "users", 11)
    assert (refused.value.status, refused.value.code) == (402, "plan.seats")

    later(15)
    preview = changes.preview_change(tenant, "professional", "month", 12)
    assert preview.now is not None
    assert (preview.when, preview.now.net_minor, preview.renewal.net_minor) == ("now", 3000, 36000)
    changes.set_seats(tenant, 12, by="owner@acme.test", key="click-1")
    line = Invoice.objects.get(tenant=tenant, reason="subscription_update").lines.get()
    assert (line.quantity, line.unit_minor, line.net_minor, line.is_proration) == (2, 3000, 3000, True)
    tenant.refresh_from_db()
    entitlements.require_room(tenant, "users", 11)
    add_users(tenant, 1)

    with pytest.raises(TenantRefusal) as refused:
        changes.set_seats(tenant, 9, by="owner@acme.test", key="click-2")
    assert (refused.value.status, refused.value.code) == (409, "plan.seats_in_use")
    assert Subscription.objects.get(tenant=tenant).seats == 12

    later(15)
    renewal = Invoice.objects.get(tenant=tenant, reason="subscription_cycle")
    assert (renewal.net_minor, renewal.issued_at) == (36000, START + timedelta(days=30))


def test_a_payment_that_fails_every_time(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2, card=BAD_LATER)
    client = signed_in(tenant)
    later(30)
    unpaid = Invoice.objects.get(tenant=tenant, state="open")
    assert (tenant.state, unpaid.attempts) == ("past_due", 1)
    for day, attempts in ((1, 2), (3, 3), (5, 4), (7, 5), (13, 5)):
        later(START.timestamp() / 86400 + 30 + day - _today(tenant))
        unpaid.refresh_from_db()
        assert (tenant.state, unpaid.attempts) == ("past_due", attempts)
    assert send(client, "post", "/accounts", {"name": "Nord AG"}).status_code == 201
    later(1)
    assert tenant.state == "suspended"
    assert send(client, "get", "/accounts").status_code == 200
    answer = send(client, "post", "/accounts", {"name": "Süd AG"})
    assert (answer.status_code, answer.json()["code"]) == (423, "tenant.suspended")
    assert send(client, "get", "/accounts").json()["rows"][0]["name"] == "Nord AG"

    key_events = [
        payments.book_bank_payment(unpaid.pk, unpaid.total_minor, reference="KTO 1", by="ops") for _ in "12"
    ]
    assert {event.state for event in key_events} == {"paid"}
    tenant.refresh_from_db()
    assert tenant.state == "active"
    assert Payment.objects.filter(invoice=unpaid, state="succeeded").count() == 1
    assert provider_named("builtin").fetch_invoice(unpaid.provider_id).paid_minor == unpaid.total_minor
    assert send(client, "post", "/accounts", {"name": "Süd AG"}).status_code == 201


def _today(tenant: Tenant) -> float:
    from billing.services import clock

    return clock.now().timestamp() / 86400
