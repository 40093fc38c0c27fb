"""Add-ons beside a plan: to the cent, at once when more, at renewal when less, never away from what is in use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.catalogue import GIB
from billing.models import Invoice, PlanPrice, PlanVersion, Subscription
from billing.money.proration import Period, addon_lines, addon_period_lines, addons_unused
from billing.providers import provider_named
from billing.providers.builtin import cards, checkout
from billing.providers.interface import ProviderError
from billing.services import (
    addons,
    agreements,
    catalogue,
    changes,
    figures,
    planned_addons,
    purchase,
    reconcile,
    terms,
)
from onboarding.models import OutgoingMail
from tenants import usage
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tests.billing.conftest import BAD_LATER, GOOD, START, told
from tests.billing.test_acceptance import signed_in

Buy = Callable[..., Subscription]
Later = Callable[[float], None]
STORAGE, MAIL = "storage_10_v1_month_eur", "emails_1000_v1_month_eur"
APRIL = Period(START, START + timedelta(days=30))


def change(tenant: Tenant, key: str = "", **wanted: int) -> Subscription:
    found = addons.set_addons(tenant, wanted, by="owner@acme.test", key=key or repr(wanted))
    tenant.refresh_from_db()
    return found


def held(tenant: Tenant) -> dict[str, tuple[int, int | None]]:
    subscription = Subscription.objects.get(tenant=tenant, ended_at=None)
    return {item.code: (item.quantity, item.next_quantity) for item in addons.held(subscription)}


def refusal(call: Callable[[], Any]) -> TenantRefusal:
    with pytest.raises(TenantRefusal) as refused:
        call()
    return refused.value


class TestArithmetic:
    UNITS = {STORAGE: 500, MAIL: 900}

    def test_half_a_period_costs_half(self) -> None:
        lines = addon_lines(self.UNITS, {}, {STORAGE: 3, MAIL: 1}, APRIL, START + timedelta(days=15))
        assert [(line.lookup_key, line.quantity, line.net_minor) for line in lines] == [
            (MAIL, 1, 450),
            (STORAGE, 3, 750),
        ]

    def test_a_third_of_an_odd_price_is_rounded_once(self) -> None:
        (line,) = addon_lines({STORAGE: 333}, {STORAGE: 1}, {STORAGE: 3}, APRIL, START + timedelta(days=20))
        assert (line.quantity, line.net_minor) == (2, 222)  # 666 × 10/30

    def test_fewer_have_no_line(self) -> None:
        with pytest.raises(ValueError):
            addon_lines(self.UNITS, {STORAGE: 2}, {STORAGE: 1}, APRIL, START)

    @given(st.integers(0, 10**6), st.integers(1, 1000), st.integers(0, 30 * 86_400))
    def test_what_is_used_and_what_is_unused_is_the_whole(
        self, unit: int, quantity: int, seconds: int
    ) -> None:
        at = START + timedelta(seconds=seconds)
        (whole,) = addon_period_lines({STORAGE: unit}, {STORAGE: quantity}, APRIL)
        (unused,) = addons_unused({STORAGE: unit}, {STORAGE: quantity}, APRIL, at)
        (charged,) = addon_lines({STORAGE: unit}, {}, {STORAGE: quantity}, APRIL, at)
        assert charged.net_minor == -unused.net_minor  # a credit mirrors its charge
        assert 0 <= charged.net_minor <= whole.net_minor == unit * quantity


def test_every_add_on_has_a_price_per_interval_and_currency(plans: None) -> None:
    for version in PlanVersion.objects.exclude(plan__kind="plan"):
        assert version.prices.count() == 2 * 5
    assert [offer.code for offer in catalogue.addon_offers("EUR", "en")] == [
        "read_only_user",
        "storage_10",
        "emails_1000",
        "sandbox",
    ]
    assert [(o.code, o.pack, o.price_minor) for o in catalogue.usage_offers("EUR", "en")] == [
        ("emails_beyond", 1000, 120), ("api_calls_beyond", 10_000, 100), ("storage_beyond", GIB, 2),
    ]  # fmt: skip
    assert {offer.code for offer in catalogue.public_offers("EUR", "en")} == {
        "starter",
        "professional",
        "enterprise",
    }
    with pytest.raises(catalogue.UnknownPlan):
        catalogue.current_version("storage_10")  # nobody subscribes to storage alone


def test_bought_with_the_plan(tenant: Tenant) -> None:
    wanted = {"storage_10": 2, "emails_1000": 0}
    preview = purchase.preview_purchase(tenant, "professional", "month", 3, addons=wanted)
    assert (preview.net_minor, preview.tax_minor, preview.total_minor) == (10000, 1900, 11900)
    page = purchase.start_checkout(tenant, "professional", "month", 3, addons=wanted, by="t")
    checkout.pay(page.id, cards.card(GOOD, "12", "30", START.date()))
    reconcile.reconcile(tenant)
    tenant.refresh_from_db()
    invoice = Invoice.objects.get(tenant=tenant)
    assert [(line.quantity, line.unit_minor, line.net_minor) for line in invoice.lines.all()] == [
        (3, 3000, 9000), (2, 500, 1000),
    ]  # fmt: skip
    assert "10 GB" in invoice.lines.all()[1].text
    assert held(tenant) == {"storage_10": (2, None)}
    assert tenant.entitlements["limits"]["storage_bytes"] == (20 + 3 * 5 + 2 * 10) * GIB
    assert figures.monthly_revenues([tenant.pk]) == {tenant.pk: ("EUR", 10000)}


def test_more_at_once_to_the_cent_and_less_at_the_renewal(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=10)
    before = tenant.entitlements["limits"]
    later(15)
    wanted = {"storage_10": 3, "emails_1000": 1}
    shown = addons.preview_addons(tenant, wanted)
    assert shown.now is not None
    assert (shown.now.net_minor, shown.now.tax_minor, shown.now.total_minor) == (1200, 228, 1428)
    assert shown.renewal.net_minor == 30000 + 1500 + 900
    change(tenant, **wanted)
    invoice = Invoice.objects.get(tenant=tenant, reason="subscription_update")
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor, invoice.state) == (
        1200,
        228,
        1428,
        "paid",
    )
    assert all(line.is_proration for line in invoice.lines.all())
    given_now = tenant.entitlements["limits"]
    assert given_now["storage_bytes"] - before["storage_bytes"] == 30 * GIB
    assert given_now["emails_per_day"] - before["emails_per_day"] == 1000

    change(tenant, storage_10=1)
    assert held(tenant) == {"storage_10": (3, 1), "emails_1000": (1, None)}
    assert tenant.entitlements["limits"] == given_now  # paid until the renewal
    assert Invoice.objects.filter(tenant=tenant).count() == 2
    later(15)
    assert held(tenant) == {"storage_10": (1, None), "emails_1000": (1, None)}
    renewal = Invoice.objects.get(tenant=tenant, reason="subscription_cycle")
    assert renewal.net_minor == 30000 + 500 + 900
    assert tenant.entitlements["limits"]["storage_bytes"] - before["storage_bytes"] == 10 * GIB


def test_what_is_in_use_is_not_taken_away(tenant: Tenant, buy: Buy, monkeypatch: pytest.MonkeyPatch) -> None:
    buy(seats=1)
    change(tenant, storage_10=2)
    monkeypatch.setitem(usage._meters, "storage_bytes", lambda: 36 * GIB)  # of 25 + 20
    refused = refusal(lambda: change(tenant, storage_10=1))
    assert (refused.status, refused.code) == (409, "addon.in_use")
    assert refused.details["exceeded"] == [{"meter": "storage_bytes", "used": 36 * GIB, "limit": 35 * GIB}]
    assert held(tenant) == {"storage_10": (2, None)}
    monkeypatch.setitem(usage._meters, "storage_bytes", lambda: 35 * GIB)
    change(tenant, storage_10=1)
    assert held(tenant) == {"storage_10": (2, 1)}


def test_what_is_in_use_again_is_renewed(
    tenant: Tenant, buy: Buy, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three times 10 GB planned away while nobody used them; two are in use two days before the renewal."""
    buy(seats=1)
    change(tenant, storage_10=3, emails_1000=2)
    change(tenant, storage_10=0, emails_1000=1)
    monkeypatch.setitem(usage._meters, "storage_bytes", lambda: 36 * GIB)  # 25 without
    later(27)
    assert held(tenant) == {"storage_10": (3, 0), "emails_1000": (2, 1)}  # there is time to make room
    later(1.5)
    assert held(tenant) == {"storage_10": (3, 2), "emails_1000": (2, 1)}
    assert told(tenant).count("addons_kept") == 1 and planned_addons.keep_those_in_use() == 0
    mail = OutgoingMail.objects.filter(subject__contains="add-ons that are in use").get()
    assert "2 × 10 GB storage" in mail.text
    monkeypatch.setitem(usage._meters, "storage_bytes", lambda: 90 * GIB)  # more than there ever was
    assert planned_addons.keep_those_in_use() == 1 and held(tenant)["storage_10"] == (3, None)
    assert planned_addons.keep_those_in_use() == 0
    later(1.5)
    renewal = Invoice.objects.get(tenant=tenant, reason="subscription_cycle")
    assert renewal.net_minor == 3000 + 3 * 500 + 900
    assert held(tenant) == {"storage_10": (3, None), "emails_1000": (1, None)}


def test_what_operators_agreed_beside_needs_no_add_on(
    tenant: Tenant, buy: Buy, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(seats=1)
    change(tenant, storage_10=3)
    change(tenant, storage_10=0)
    monkeypatch.setitem(usage._meters, "storage_bytes", lambda: 36 * GIB)
    agreements.set_override(tenant, "storage_bytes", 40 * GIB, until=None, reason="pilot", by="ops")
    later(28.5)
    assert held(tenant) == {"storage_10": (3, 0)} and told(tenant).count("addons_kept") == 0


def test_read_only_seats_in_use_are_renewed(
    tenant: Tenant, buy: Buy, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The users that were planned away stay so, for one is active."""
    buy(seats=5)
    change(tenant, read_only_user=4)
    change(tenant, read_only_user=0)
    changes.set_seats(tenant, 2, by="t", key="fewer")
    monkeypatch.setattr(usage, "seats_taken", lambda: {"users": 1, "read_only_users": 3})
    later(28.5)
    assert held(tenant) == {"read_only_user": (4, 3)}
    later(1.5)
    running = Subscription.objects.get(tenant=tenant, ended_at=None)
    assert running.seats == 2 and held(tenant) == {"read_only_user": (3, None)}


def test_a_plan_below_use_counts_its_add_ons(
    tenant: Tenant, buy: Buy, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(seats=1)
    change(tenant, storage_10=2)
    monkeypatch.setitem(
        usage._meters, "storage_bytes", lambda: 26 * GIB
    )  # Starter has 5 + 1, with the add-ons 26
    changes.change_plan(tenant, "starter", "month", by="t", key="1")
    changes.keep_everything(tenant, by="t", key="2")
    monkeypatch.setitem(usage._meters, "storage_bytes", lambda: 27 * GIB)
    refused = refusal(lambda: changes.change_plan(tenant, "starter", "month", by="t", key="3"))
    assert (refused.status, refused.code) == (409, "plan.limits_exceeded")


def test_the_same_wish_twice_is_charged_once(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    for _ in range(3):
        change(tenant, key="click", storage_10=1)
    assert Invoice.objects.filter(tenant=tenant, reason="subscription_update").count() == 1


@pytest.mark.parametrize(
    ("wanted", "status", "code"),
    [
        ({"gold": 1}, 422, "addon.unknown"),
        ({"professional": 1}, 422, "addon.unknown"),
        ({"storage_10": -1}, 422, "addon.quantity"),
        ({"storage_10": 1001}, 422, "addon.quantity"),
        ({"emails_1000": 10**12}, 422, "addon.quantity"),
    ],
)
def test_bad_wishes_change_nothing(
    tenant: Tenant, buy: Buy, wanted: dict[str, int], status: int, code: str
) -> None:
    early = refusal(
        lambda: purchase.start_checkout(tenant, "professional", "month", 1, addons=wanted, by="t")
    )
    assert (early.status, early.code) == (status, code)
    buy(seats=1)
    refused = refusal(lambda: change(tenant, **wanted))
    assert (refused.status, refused.code, held(tenant)) == (status, code, {})
    assert Invoice.objects.filter(tenant=tenant).count() == 1


def test_without_a_subscription_there_is_nothing_to_add_to(tenant: Tenant) -> None:
    assert refusal(lambda: change(tenant, storage_10=1)).code == "plan.not_subscribed"


def test_a_declined_card_adds_nothing(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1, card=BAD_LATER)
    refused = refusal(lambda: change(tenant, storage_10=1))
    assert (refused.status, refused.code, held(tenant)) == (402, "payment.declined", {})


def test_more_users_leave_what_is_planned_for_the_add_ons(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2)
    change(tenant, storage_10=4)
    change(tenant, storage_10=1)
    changes.set_seats(tenant, 3, by="t", key="seats")
    assert held(tenant) == {"storage_10": (4, 1)}
    change(tenant, emails_1000=1)  # nor does adding another one
    assert held(tenant) == {"storage_10": (4, 1), "emails_1000": (1, None)}
    changes.keep_everything(tenant, by="t", key="keep")
    assert held(tenant)["storage_10"] == (4, None)


def test_another_interval_takes_the_add_ons_along(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1)
    change(tenant, storage_10=1)
    later(15)
    shown = changes.preview_change(tenant, "professional", "year", 1)
    changes.change_plan(tenant, "professional", "year", by="t", key="year")
    invoice = Invoice.objects.get(tenant=tenant, reason="subscription_update", issued_at__gt=START)
    # half of April back for user and storage, a year of both: −15.00 −2.50 +300.00 +50.00
    assert sorted(line.net_minor for line in invoice.lines.all()) == [-1500, -250, 5000, 30000]
    assert shown.now is not None and shown.now.net_minor == invoice.net_minor == 33250
    assert held(tenant) == {"storage_10": (1, None)}
    subscription = Subscription.objects.get(tenant=tenant)
    assert terms.items_of(subscription) == {"storage_10_v1_year_eur": 1}


def test_a_running_add_on_keeps_its_price(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    change(tenant, storage_10=1)
    old = catalogue.current_version("storage_10", addon=True)
    PlanVersion.objects.filter(pk=old.pk).update(state="retired")
    fresh = PlanVersion.objects.create(plan=old.plan, number=2, texts=old.texts, max_users=1000)
    price = PlanPrice.objects.create(version=fresh, interval="month", currency="EUR", amount_minor=700)
    provider_named("builtin").sync_catalogue([price])
    change(tenant, storage_10=2)
    subscription = Subscription.objects.get(tenant=tenant)
    assert terms.items_of(subscription) == {STORAGE: 2}


def test_the_provider_refuses_what_does_not_go_together(tenant: Tenant, buy: Buy) -> None:
    agent = provider_named("builtin")
    subscription = buy(seats=1)
    month = subscription.price.lookup_key
    for items in (
        {"storage_10_v1_year_eur": 1},
        {"storage_10_v1_month_usd": 1},
        {"starter_v1_month_eur": 1},
        {"x": 1},
    ):
        with pytest.raises(ProviderError):
            agent.change_now(subscription.provider_id, month, 1, f"k{items}", items)
    agent.change_now(subscription.provider_id, month, 1, "more", {STORAGE: 2})
    with pytest.raises(ProviderError):  # fewer only at the renewal
        agent.change_now(subscription.provider_id, month, 1, "less", {STORAGE: 1})
    assert agent.fetch_subscription(subscription.provider_id).addons == {STORAGE: 2}


def test_the_pages(tenant: Tenant, buy: Buy) -> None:
    client = signed_in(tenant)
    form = client.get("/billing/choose/?addon_storage_10=2&seats=1").content.decode()
    assert 'name="addon_storage_10"' in form and "€40.00" in form  # 30 + 2 × 5
    bad = client.get("/billing/choose/?addon_storage_10=5000")
    assert bad.status_code == 422 and "Between none and 1000" in bad.content.decode()
    buy(seats=1)
    assert "None. More storage" in client.get("/billing/").content.decode()
    shown = client.post("/billing/addons/", {"addon_storage_10": "2", "action": "preview"}).content.decode()
    assert "Confirm and pay €11.90" in shown and 'name="addon_storage_10" value="2"' in shown
    answer = client.post("/billing/addons/", {"addon_storage_10": "2", "action": "confirm", "key": "k"})
    assert answer["Location"] == "/billing/?done=addons"
    assert held(tenant) == {"storage_10": (2, None)}
    page = client.get("/billing/").content.decode()
    assert "10 GB storage" in page and "2 × €5.00" in page
    for odd in ("-1", "two", "1e3", "99999999", "٣"):  # no number is none: nothing is asked for
        client.post("/billing/addons/", {"addon_emails_1000": odd, "action": "confirm"})
    assert held(tenant) == {"storage_10": (2, None)}


def test_nobody_but_administrators_sees_them(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    from django.test import Client

    from tests.api_client import host_of

    answer = Client(SERVER_NAME=host_of(tenant)).post(
        "/billing/addons/", {"addon_storage_10": "1", "action": "confirm"}
    )
    assert answer.status_code == 302 and held(tenant) == {}


def test_the_clock_of_a_preview_is_the_clock_of_the_change(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1)
    later(29)
    shown = addons.preview_addons(tenant, {"storage_10": 7})
    change(tenant, storage_10=7)
    invoice = Invoice.objects.get(tenant=tenant, reason="subscription_update")
    assert shown.now is not None and shown.now.total_minor == invoice.total_minor
    assert invoice.net_minor == 117  # 3500 / 30 = 116.67
    assert invoice.issued_at == datetime(2026, 4, 30, 9, tzinfo=UTC)
