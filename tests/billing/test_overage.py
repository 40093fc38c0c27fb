"""Use beyond the plan: only with consent, up to the cap, charged once and to the cent with the next invoice (SAAS.md §3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from billing.catalogue import GIB
from billing.models import Invoice, OverageConsent, OverageReport, Subscription
from billing.money.proration import Period, usage_line
from billing.providers import provider_named
from billing.providers.builtin.models import MeterEvent
from billing.providers.interface import ProviderError
from billing.services import addons, allowance, changes, ending, figures, meters, overage, profile, terms
from tenants import counters, metering
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tests.billing.conftest import BAD_LATER, START, told
from tests.billing.test_acceptance import signed_in

Buy = Callable[..., Subscription]
Later = Callable[[float], None]
MAIL, API = metering.EMAILS, metering.API_CALLS


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(counters, "_away_until", 0.0)
    cache.clear()
    yield
    cache.clear()


def use(tenant: Tenant, meter: str, amount: int) -> None:
    """Use so much today, and look as the job does every minute."""
    tenant.refresh_from_db()
    metering.take(tenant, meter, amount)
    meters.flush()
    overage.charge_all()
    tenant.refresh_from_db()


def agree(tenant: Tenant, code: str = "emails_beyond", packs: int = 5) -> allowance.Agreement:
    found = overage.agree(tenant, code, packs, by="owner@acme.test", key=f"{code}:{packs}")
    tenant.refresh_from_db()
    return found


def renewal(tenant: Tenant) -> Any:
    price = Subscription.objects.get(tenant=tenant, ended_at=None).price
    subscription = Subscription.objects.get(tenant=tenant, ended_at=None)
    agent = provider_named("builtin")
    return agent.preview(
        subscription.provider_id, price.lookup_key, subscription.seats, at_renewal=True,
        addons=terms.items_of(subscription),
    )  # fmt: skip


@given(st.integers(1, 10**9), st.integers(1, 10**5), st.integers(0, 10**4))
def test_a_pack_that_was_begun_counts_and_no_other(used: int, pack: int, unit: int) -> None:
    line = usage_line(unit, used, pack, Period(START, START + timedelta(days=30)), "x")
    assert (line.quantity - 1) * pack < used <= line.quantity * pack
    assert line.net_minor == line.quantity * unit


def test_without_consent_the_limit_stops_and_nothing_is_charged(
    tenant: Tenant, buy: Buy, later: Later
) -> None:
    buy(seats=1)
    use(tenant, MAIL, 2000)
    with pytest.raises(TenantRefusal) as refused:
        metering.take(tenant, MAIL, 1)
    assert (refused.value.status, refused.value.code) == (402, "quota.email")
    later(30)
    assert not OverageReport.objects.exists() and not MeterEvent.objects.exists()
    assert Invoice.objects.get(reason="subscription_cycle").net_minor == 3000


def test_what_is_used_beyond_is_on_the_next_invoice(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1)
    one = agree(tenant, packs=5)
    assert (one.most, one.most_minor, one.left) == (5000, 600, 5000)
    assert tenant.entitlements["limits"][MAIL] == 7000 and tenant.entitlements["included"] == {MAIL: 2000}
    assert Invoice.objects.count() == 1  # agreeing costs nothing
    use(tenant, MAIL, 2500)
    use(tenant, MAIL, 1)
    assert list(OverageReport.objects.values_list("quantity", flat=True)) == [500, 1]
    assert tenant.entitlements["limits"][MAIL] == 7000  # what is left of the cap and what is charged today
    shown = renewal(tenant)
    assert [(line.quantity, line.unit_minor, line.net_minor) for line in shown.lines] == [
        (1, 120, 120),
        (1, 3000, 3000),
    ]
    assert (shown.net_minor, shown.total_minor) == (3120, 3713)
    assert told(tenant).count("overage") == 1
    use(tenant, MAIL, 600)
    later(30)
    invoice = Invoice.objects.get(reason="subscription_cycle")
    assert [(line.quantity, line.net_minor) for line in invoice.lines.all()] == [(2, 240), (1, 3000)]
    assert "1,000 e-mails beyond the plan" in invoice.lines.all()[0].text
    assert set(MeterEvent.objects.values_list("invoice", flat=True)) == {invoice.provider_id}
    later(31)
    assert Invoice.objects.order_by("-issued_at")[0].net_minor == 3000  # charged once


def test_never_more_than_the_cap(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1)
    agree(tenant, packs=1)
    use(tenant, MAIL, 3000)
    with pytest.raises(TenantRefusal):
        metering.take(tenant, MAIL, 1)
    assert allowance.agreements(Subscription.objects.get(tenant=tenant))[0].left == 0
    later(30)
    assert Invoice.objects.get(reason="subscription_cycle").net_minor == 3120
    assert (
        allowance.agreements(Subscription.objects.get(tenant=tenant))[0].left == 1000
    )  # a new period, the cap anew


def test_looking_twice_charges_once_and_an_outage_loses_nothing(
    tenant: Tenant, buy: Buy, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(seats=1)
    agree(tenant)
    agent = type(provider_named("builtin"))
    with monkeypatch.context() as away:

        def refuse(*_given: Any) -> None:
            raise ProviderError("provider.unavailable")

        away.setattr(agent, "report_usage", refuse)
        use(tenant, MAIL, 2100)
    assert OverageReport.objects.get().sent_at is None and not MeterEvent.objects.exists()
    assert [overage.charge_all() for _ in "12"] == [1, 0]
    assert MeterEvent.objects.get().value == 100
    report = OverageReport.objects.get()
    customer = profile.profile_of(tenant).customer_id
    provider_named("builtin").report_usage(
        customer, MAIL, 100, report.at, str(report.pk)
    )  # sent again after a crash
    assert MeterEvent.objects.count() == 1


def test_storage_is_charged_by_gigabyte_and_day(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1)
    agree(tenant, "storage_beyond", packs=300)
    included = tenant.entitlements["included"]["storage_bytes"]
    assert (
        included == 25 * GIB and tenant.entitlements["limits"]["storage_bytes"] == 35 * GIB
    )  # 300 GB-days in 30 days
    for _day in range(3):
        meters.record(tenant, "storage_bytes", included + 3 * GIB // 2)
        overage.charge_all()
        later(1)
    assert list(OverageReport.objects.values_list("quantity", "meter")) == [(2, "storage_bytes_days")] * 3
    assert next((line.quantity, line.net_minor) for line in renewal(tenant).lines) == (6, 12)


def test_who_does_not_pay_gets_no_more_on_credit(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1, card=BAD_LATER)
    agree(tenant)
    later(30)
    assert tenant.state == "past_due" and tenant.entitlements["limits"][MAIL] == 2000
    with pytest.raises(TenantRefusal) as refused:
        agree(tenant, "api_calls_beyond", 3)
    assert refused.value.code == "billing.unpaid" and OverageConsent.objects.count() == 1


def test_taking_it_back_stops_at_once_and_keeps_what_was_used(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1)
    agree(tenant)
    tenant.refresh_from_db()
    metering.take(tenant, MAIL, 2300)
    meters.flush()
    agree(tenant, packs=0)
    assert tenant.entitlements["limits"][MAIL] == 2000 and "included" not in tenant.entitlements
    with pytest.raises(TenantRefusal):
        metering.take(tenant, MAIL, 1)
    overage.send()
    later(30)
    assert Invoice.objects.get(reason="subscription_cycle").net_minor == 3120
    assert list(OverageConsent.objects.order_by("agreed_at", "id").values_list("most_packs", "agreed_by")) == [
        (5, "owner@acme.test"), (0, "owner@acme.test"),
    ]  # fmt: skip


def test_who_leaves_gets_a_last_invoice(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    agree(tenant)
    use(tenant, MAIL, 2001)
    ending.cancel(tenant, reason="x", by="t", at_once=True)
    from billing.services import reconcile

    reconcile.reconcile(tenant)
    last = Invoice.objects.order_by("-issued_at", "-number")[0]
    assert (last.net_minor, last.state, last.lines.get().quantity) == (120, "paid", 1)


def test_another_interval_charges_what_was_used_and_goes_on(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1)
    agree(tenant)
    use(tenant, MAIL, 2500)
    later(15)
    changes.change_plan(tenant, "professional", "year", by="t", key="1")
    invoice = Invoice.objects.get(reason="subscription_update")
    assert invoice.net_minor == 120 - 1500 + 30000
    assert terms.items_of(Subscription.objects.get(tenant=tenant)) == {"emails_beyond_v1_year_eur": 1}
    assert renewal(tenant).net_minor == 30000


def test_it_is_no_add_on_and_no_revenue_before_it_is_used(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    agree(tenant)
    subscription = Subscription.objects.get(tenant=tenant)
    assert addons.held(subscription) == [] and figures.recurring_revenue() == {"EUR": 3000}
    with pytest.raises(TenantRefusal) as refused:
        addons.set_addons(tenant, {"api_calls_beyond": 7}, by="t", key="1")
    assert refused.value.code == "addon.unknown"
    addons.set_addons(tenant, {"storage_10": 1}, by="t", key="2")
    assert terms.items_of(Subscription.objects.get(tenant=tenant)) == {
        "emails_beyond_v1_month_eur": 1, "storage_10_v1_month_eur": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "packs", "expected"),
    [
        ("emails_beyond", -1, "overage.packs"),
        ("emails_beyond", 0, "overage.packs"),
        ("emails_beyond", 10_001, "overage.packs"),
        ("storage_10", 1, "overage.unknown"),
        ("professional", 1, "overage.unknown"),
        ("", 1, "overage.unknown"),
        ("'; drop", 1, "overage.unknown"),
    ],
)
def test_odd_wishes_change_nothing(tenant: Tenant, buy: Buy, code: str, packs: int, expected: str) -> None:
    buy(seats=1)
    with pytest.raises(TenantRefusal) as refused:
        agree(tenant, code, packs)
    assert (refused.value.status, refused.value.code) == (422, expected)
    assert not OverageConsent.objects.exists()
    assert terms.items_of(Subscription.objects.get(tenant=tenant)) == {}


def test_a_trial_buys_nothing_beyond(tenant: Tenant) -> None:
    with pytest.raises(TenantRefusal) as refused:
        agree(tenant)
    assert (refused.value.status, refused.value.code) == (409, "plan.not_subscribed")


def test_the_page_says_the_price_before_and_the_use_after(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    client = signed_in(tenant)
    page = client.get("/billing/usage/").content.decode()
    assert "€1.20" in page and "10 cost €12.00" in page
    assert client.post("/billing/usage/", {"code": "emails_beyond", "packs": "many"}).status_code == 422
    assert not OverageConsent.objects.exists()
    assert client.post("/billing/usage/", {"code": "emails_beyond", "packs": "5"}).status_code == 302
    use(tenant, MAIL, 2500)
    overview = client.get("/billing/").content.decode()
    assert "1 of at most 5 charged in this period (€6.00 net at most)" in overview
    assert "€1.20" in overview  # the next invoice
    assert client.post("/billing/usage/", {"code": "emails_beyond", "action": "stop"}).status_code == 302
    assert OverageConsent.objects.first().most_packs == 0  # type: ignore[union-attr]
