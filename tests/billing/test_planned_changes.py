"""What is shown before a change is what is charged after it, also when something is planned already (ASP-20.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from billing import catalogue
from billing.models import Invoice, Subscription
from billing.services import changes
from billing.services.catalogue import sync_catalogue
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tests.billing.conftest import add_users
from tests.billing.test_acceptance import signed_in

Buy = Callable[..., Subscription]
Later = Callable[[float], None]


def renewed(tenant: Tenant) -> tuple[str, int, int]:
    """Plan, seats and net of the renewal."""
    subscription = Subscription.objects.get(tenant=tenant, ended_at=None)
    invoice = Invoice.objects.filter(tenant=tenant, reason="subscription_cycle").latest("issued_at")
    return subscription.price.version.plan.code, subscription.seats, invoice.net_minor


def test_a_smaller_plan_takes_as_many_seats_as_it_may_have(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=12)
    preview = changes.preview_change(tenant, "starter", "month", 12)
    assert (preview.when, preview.now, preview.renewal.net_minor) == ("renewal", None, 15000)
    changes.change_plan(tenant, "starter", "month", by="t", key="1")
    later(30)
    assert renewed(tenant) == ("starter", 10, 15000)


def test_a_planned_plan_outlives_a_seat_that_is_added(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2)
    changes.change_plan(tenant, "starter", "month", by="t", key="1")
    later(15)
    preview = changes.preview_change(tenant, "professional", "month", 3)
    assert preview.now is not None
    assert (preview.now.net_minor, preview.renewal.net_minor) == (1500, 4500)  # half of 30.00, then 3 × 15.00
    changes.set_seats(tenant, 3, by="t", key="2")
    assert Invoice.objects.get(reason="subscription_update").net_minor == 1500
    with pytest.raises(TenantRefusal) as refused:  # more than the plan that is planned may have
        changes.set_seats(tenant, 11, by="t", key="3")
    assert refused.value.code == "plan.seats_range"
    later(15)
    assert renewed(tenant) == ("starter", 3, 4500)


def test_fewer_seats_and_a_smaller_plan_are_planned_together(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=5)
    changes.set_seats(tenant, 3, by="t", key="1")
    assert changes.preview_change(tenant, "starter", "month", 5).renewal.net_minor == 4500
    changes.change_plan(tenant, "starter", "month", by="t", key="2")
    assert changes.preview_change(tenant, "professional", "month", 2).renewal.net_minor == 3000
    changes.set_seats(tenant, 2, by="t", key="3")
    later(30)
    assert renewed(tenant) == ("starter", 2, 3000)


def test_too_many_users_for_the_smaller_plan_are_named(tenant: Tenant, buy: Buy) -> None:
    buy(seats=12)
    add_users(tenant, 11)
    page = signed_in(tenant).get("/billing/change/?plan=starter&interval=month")
    words = page.content.decode()
    assert page.status_code == 409 and "You use more than this plan has" in words
    assert "Users: 12" in words and "allowed 10" in words
    with pytest.raises(TenantRefusal) as refused:
        changes.change_plan(tenant, "starter", "month", by="t", key="1")
    assert refused.value.code == "plan.limits_exceeded"
    assert Subscription.objects.get(tenant=tenant).next_price is None


def test_new_terms_count_from_consent_and_the_renewal_on(
    tenant: Tenant, buy: Buy, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASP-1: a changed plan changes nothing that runs, at no renewal either, until the customer chooses it."""
    buy(seats=2)
    dearer = [
        replace(
            plan, monthly={**plan.monthly, "EUR": 3300}, features={**plan.features, "emails_per_day": 3000}
        )
        if plan.code == "professional"
        else plan
        for plan in catalogue.PLANS
    ]
    monkeypatch.setattr("billing.services.catalogue.PLANS", tuple(dearer))
    sync_catalogue()
    later(30)
    assert (
        renewed(tenant) == ("professional", 2, 6000)
        and tenant.entitlements["limits"]["emails_per_day"] == 2000
    )
    client = signed_in(tenant)
    assert "This plan has new terms" in client.get("/billing/").content.decode()
    words = client.get("/billing/change/newer/").content.decode()
    assert (
        "€30.00" in words
        and "€33.00" in words
        and "2,000" in words
        and "3,000" in words
        and "€78.54" in words
    )
    assert client.post("/billing/change/newer/").status_code == 302
    tenant.refresh_from_db()
    assert tenant.entitlements["limits"]["emails_per_day"] == 2000  # not before the renewal
    later(31)
    assert (
        renewed(tenant) == ("professional", 2, 6600)
        and tenant.entitlements["limits"]["emails_per_day"] == 3000
    )
    assert client.get("/billing/change/newer/").status_code == 409


def test_new_terms_say_in_words_what_a_version_lacks(
    tenant: Tenant, buy: Buy, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = next(plan for plan in catalogue.PLANS if plan.code == "professional")
    older = {
        k: v for k, v in known.features.items() if k not in ("custom_domain", "sandboxes", "emails_per_day")
    }
    for features in (
        {**older, "emails_per_day": 0},
        {**older, "custom_domain": True, "sandboxes": 2, "emails_per_day": 5},
    ):
        plans = [replace(p, features=features) if p.code == "professional" else p for p in catalogue.PLANS]
        monkeypatch.setattr("billing.services.catalogue.PLANS", tuple(plans))
        sync_catalogue()
        if not features["emails_per_day"]:
            buy(seats=1)
    page = signed_in(tenant).get("/billing/change/newer/").content.decode()
    rows = [
        re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)
    ]
    said = {
        row[0]: [re.sub(r"<[^>]+>", "", cell).strip() for cell in row[1:]] for row in rows if len(row) == 3
    }
    assert said.pop("Price per user") == ["€30.00", "€30.00"]
    assert sorted(said.values()) == [
        ["not included", "2"],
        ["not included", "5 per day"],
        ["not included", "included"],
    ]
