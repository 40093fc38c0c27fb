"""Invoice numbers have no gaps, and two clicks are one purchase (SAAS.md C1)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction

from billing.models import Subscription
from billing.providers.builtin import cards, checkout, clock, invoicing
from billing.providers.builtin.models import Invoice as ProvidersInvoice
from billing.providers.interface import ProviderError
from billing.services import purchase
from tenants.models import Tenant
from tests.billing.conftest import GOOD


@pytest.mark.real_commit
def test_numbers_have_no_gap_when_many_are_given_out_and_some_fail(
    tenant: Tenant, buy: Callable[..., Subscription]
) -> None:
    buy(seats=1)
    at, results = clock.now(), []

    def write(number: int) -> None:
        try:
            with transaction.atomic():
                given_out = invoicing.next_number("R", at)
                if number % 3 == 0:
                    raise ProviderError("payment.declined")
                results.append(given_out)
        except ProviderError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [f"R-2026-{number:05d}" for number in range(2, 10)]
    assert ProvidersInvoice.objects.get().number == "R-2026-00001"


def test_two_clicks_at_the_provider_are_one_purchase(tenant: Tenant) -> None:
    page: Any = purchase.start_checkout(tenant, "professional", "month", 2, by="t")
    other: Any = purchase.start_checkout(tenant, "professional", "month", 2, by="t")
    details = cards.card(GOOD, "12", "30", clock.now().date())
    assert checkout.pay(page.id, details) == checkout.pay(page.id, details) == "complete"
    with pytest.raises(ProviderError, match="subscription runs already"):
        checkout.pay(other.id, details)
    assert ProvidersInvoice.objects.count() == 1
