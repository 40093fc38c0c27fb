"""Money and several people at once (C1), and terms that do not go together (B8)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from billing.models import Invoice, SeatChange, Subscription
from billing.providers import provider_named
from billing.providers.builtin import cards, checkout
from billing.providers.builtin.models import Checkout
from billing.providers.builtin.models import Invoice as Issued
from billing.providers.interface import CouponTerms, CustomerData, Order, ProviderError
from billing.services import changes
from tenants.context import activate_public
from tenants.models import Tenant
from tests.billing.conftest import GOOD, START
from tests.threads import at_once

Buy = Callable[..., Subscription]


@pytest.mark.real_commit
def test_two_administrators_buy_seats_at_once(tenant: Tenant, buy: Buy) -> None:
    """The same click twice is one change and one invoice; two different wishes are done one after the other."""
    buy(seats=1)
    failed: list[Exception] = []

    def click(seats: int, key: str) -> None:
        try:
            with activate_public():
                changes.set_seats(tenant, seats, by="owner@acme.test", key=key)
        except Exception as error:  # noqa: BLE001 - what a thread raises would be lost
            failed.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=click, args=wish) for wish in [(3, "click"), (3, "click"), (3, "other")]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert SeatChange.objects.filter(tenant=tenant).count() == 2
    assert Subscription.objects.get(tenant=tenant).seats == 3
    paid = Invoice.objects.filter(tenant=tenant, reason="subscription_update")
    assert [(i.net_minor, i.state) for i in paid] == [(6000, "paid")]  # two seats for the whole month, once


@pytest.mark.real_commit
def test_the_last_use_of_a_coupon_goes_to_one(plans: None) -> None:
    """Pages of four customers are open with a code for two; all pay at once, two get the discount, two pay nothing."""
    agent: Any = provider_named("builtin")
    terms = CouponTerms("LAST", amount_off_minor=1000, currency="EUR", max_redemptions=2)
    details = cards.card(GOOD, "12", "30", START.date())
    pages: list[str] = []
    for number in range(4):
        name = f"Buyer {number}"
        data = CustomerData(f"race-{number}", name, f"b{number}@race.test", "DE")
        customer = agent.ensure_customer(data, "", name)
        order = Order(data.tenant_id, customer, "professional_v1_month_eur", 1, "/", "/", terms)
        pages.append(agent.create_checkout(order, name).id)

    def click(page: str) -> str:
        try:
            with activate_public():
                return checkout.pay(page, details)
        except ProviderError as refused:
            return refused.code

    answers = at_once([partial(click, page) for page in pages])
    assert sorted(answers) == ["complete", "complete", "coupon.used_up", "coupon.used_up"]
    rows = Checkout.objects.filter(pk__in=pages)
    assert sorted(rows.values_list("status", flat=True)) == ["complete", "complete", "open", "open"]
    refused_ones = [row.customer for row in rows.filter(status="open").select_related("customer")]
    for customer in refused_ones:
        assert not customer.subscriptions.exists() and not customer.invoices.exists()
        assert not customer.methods.exists()
    paid = Issued.objects.filter(customer__tenant_ref__startswith="race-")
    assert [row.net_minor for row in paid] == [2000, 2000]


def test_nobody_is_billed_in_two_currencies(tenant: Tenant, buy: Buy) -> None:
    subscription = buy(seats=2)
    agent: Any = provider_named("builtin")
    for act in (agent.change_now, agent.change_at_renewal):
        with pytest.raises(ProviderError) as refused:
            act(subscription.provider_id, "professional_v1_month_usd", 2, f"usd:{act.__name__}")
        assert refused.value.code == "provider.invalid"
    assert agent.fetch_subscription(subscription.provider_id).lookup_key == "professional_v1_month_eur"
    assert Invoice.objects.filter(tenant=tenant).count() == 1
