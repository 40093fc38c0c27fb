"""Money and several people at once (C1), and terms that do not go together (B8)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from billing.models import Invoice, SeatChange, Subscription
from billing.providers import provider_named
from billing.providers.interface import ProviderError
from billing.services import changes
from tenants.context import activate_public
from tenants.models import Tenant

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


def test_nobody_is_billed_in_two_currencies(tenant: Tenant, buy: Buy) -> None:
    subscription = buy(seats=2)
    agent: Any = provider_named("builtin")
    for act in (agent.change_now, agent.change_at_renewal):
        with pytest.raises(ProviderError) as refused:
            act(subscription.provider_id, "professional_v1_month_usd", 2, f"usd:{act.__name__}")
        assert refused.value.code == "provider.invalid"
    assert agent.fetch_subscription(subscription.provider_id).lookup_key == "professional_v1_month_eur"
    assert Invoice.objects.filter(tenant=tenant).count() == 1
