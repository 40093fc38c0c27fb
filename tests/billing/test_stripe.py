"""The Stripe adapter without a network: every call against the SDK's typed parameters, every answer by its shape."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import stripe
from stripe import params as sdk

from billing.providers.interface import CouponTerms, CustomerData, Order, ProviderError
from billing.providers.stripe import invoice_shapes, shapes
from billing.providers.stripe.adapter import StripeProvider
from billing.providers.stripe.api import API_VERSION
from tests.billing.fake_stripe import SHAPES, FakeStripe, nested, problems


@pytest.fixture
def fake() -> FakeStripe:
    return FakeStripe()


@pytest.fixture
def agent(fake: FakeStripe) -> StripeProvider:
    client = stripe.StripeClient(
        "sk_test_x", http_client=fake, stripe_version=API_VERSION, max_network_retries=0
    )
    return StripeProvider(client, ["whsec_a", "whsec_b"])


BUYER = CustomerData(
    "t-1", "Wien AG", "b@wien.test", "AT", "Ring 1", "1010", "Wien", "ATU13585627", "PO 7", "de"
)
COUPON = CouponTerms("HALF", percent_off=Decimal("50"), duration="repeating", months=3)
ORDER = Order("t-1", "cus_1", "professional_v1_month_eur", 5, "https://a/ok", "https://a/no", COUPON, "de")
MONTH, YEAR = "professional_v1_month_eur", "professional_v1_year_eur"

STORAGE, MAIL = "storage_10_v1_month_eur", "emails_1000_v1_month_eur"

ACTS: dict[str, Callable[[StripeProvider], Any]] = {
    "new customer": lambda a: a.ensure_customer(BUYER, "", "k"),
    "known customer": lambda a: a.ensure_customer(BUYER, "cus_1", "k"),
    "fetch customer": lambda a: a.fetch_customer("cus_1"),
    "forget customer": lambda a: a.forget_customer("cus_1"),
    "checkout": lambda a: a.create_checkout(ORDER, "k"),
    "fetch checkout": lambda a: a.fetch_checkout("cs_1"),
    "portal": lambda a: a.create_portal("cus_1", "https://a/", "de"),
    "subscription": lambda a: a.fetch_subscription("sub_1"),
    "subscriptions": lambda a: a.subscriptions_of("cus_1"),
    "more seats": lambda a: a.change_now("sub_1", MONTH, 12, "k"),
    "fewer seats": lambda a: a.change_at_renewal("sub_1", YEAR, 8, "k"),
    "preview": lambda a: a.preview("sub_1", MONTH, 12, at_renewal=False),
    "preview renewal": lambda a: a.preview("sub_1", MONTH, 12, at_renewal=True),
    "preview order": lambda a: a.preview_order(BUYER, MONTH, 3, COUPON),
    "more add-ons": lambda a: a.change_now("sub_1", MONTH, 10, "k", {STORAGE: 3, MAIL: 1}),
    "fewer add-ons": lambda a: a.change_at_renewal("sub_1", MONTH, 10, "k", {STORAGE: 1}),
    "preview add-ons": lambda a: a.preview("sub_1", MONTH, 10, at_renewal=False, addons={STORAGE: 3}),
    "preview order with add-ons": lambda a: a.preview_order(BUYER, MONTH, 3, None, {STORAGE: 1}),
    "checkout with add-ons": lambda a: a.create_checkout(replace(ORDER, addons={STORAGE: 2}), "k"),
    "cancel": lambda a: a.cancel("sub_1", at_once=False, reason="x", key="k"),
    "cancel at once": lambda a: a.cancel("sub_1", at_once=True, reason="x", key="k"),
    "resume": lambda a: a.resume("sub_1", "k"),
    "invoice": lambda a: a.fetch_invoice("in_1"),
    "invoices": lambda a: a.invoices_of("cus_1"),
    "transfer": lambda a: a.book_payment("in_1", 35700, "KTO 1", "k"),
    "retry": lambda a: a.retry_payment("in_1", "k"),
    "credit": lambda a: a.credit("in_1", 100, "sorry", "k"),
    "disputes": lambda a: a.disputes_of("cus_1"),
    "whose charge": lambda a: a.customer_of("ch_1"),
    "usage": lambda a: a.report_usage("cus_1", "emails", 5, datetime.now(UTC), "k"),
}


@pytest.mark.parametrize("name", ACTS)
def test_every_call_has_parameters_the_sdk_knows(agent: StripeProvider, fake: FakeStripe, name: str) -> None:
    ACTS[name](agent)
    assert fake.sent
    assert all(headers["Stripe-Version"] == API_VERSION for *_call, headers in fake.sent)


def test_the_catalogue_and_coupons_are_made_when_missing(agent: StripeProvider, fake: FakeStripe) -> None:
    class Price:
        lookup_key, currency, interval, amount_minor = MONTH, "EUR", "month", 3000

        class version:
            plan = types.SimpleNamespace(kind="plan")

            @staticmethod
            def text(_key: str, _language: str) -> str:
                return "Professional"

    empty = {"object": "list", "data": [], "has_more": False}
    fake.answers = {"get /v1/prices": empty, "get /v1/promotion_codes": empty}
    assert agent.sync_catalogue([Price()]) == 1
    made = next(
        given for method, path, given, _headers in fake.sent if (method, path) == ("post", "/v1/prices")
    )
    assert (made["unit_amount"], made["lookup_key"], made["currency"]) == ("3000", MONTH, "eur")
    left = {"id": "price_9", "object": "price", "lookup_key": MONTH, "unit_amount": 2900}
    fake.answers["get /v1/prices"] = {**empty, "data": [left]}
    assert agent.sync_catalogue([Price()]) == 1  # an attempt that was never put on sale had another amount
    assert fake.sent[-1][2]["transfer_lookup_key"] == "true"
    left["unit_amount"] = 3000
    assert agent.sync_catalogue([Price()]) == 0
    fake.answers["get /v1/prices"] = empty
    agent.promotion(COUPON)
    agent.promotion(CouponTerms("TEN", amount_off_minor=1000, currency="EUR", max_redemptions=7))
    limits = [given.get("max_redemptions") for _m, path, given, _h in fake.sent if path == "/v1/coupons"]
    assert limits == [None, "7"]
    posted = [path for method, path, *_rest in fake.sent if method == "post"]
    assert posted.count("/v1/coupons") == posted.count("/v1/promotion_codes") == 2


MAILS = "emails_beyond_v1_month_eur"
METERED = {"id": "price_3", "object": "price", "lookup_key": MAILS, "metadata": {"kind": "usage"},
           "recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr_1"}}  # fmt: skip


def test_a_price_by_usage_has_a_meter_and_is_sold_by_packs(agent: StripeProvider, fake: FakeStripe) -> None:
    class Price:
        lookup_key, currency, interval, amount_minor = MAILS, "EUR", "month", 120

        class version:
            plan = types.SimpleNamespace(kind="usage")

            @staticmethod
            def text(_key: str, _language: str) -> str:
                return "1,000 e-mails"

            @staticmethod
            def sold_by() -> tuple[str, int]:
                return "emails_per_day", 1000

    empty = {"object": "list", "data": [], "has_more": False}
    fake.answers = {
        "get /v1/prices": empty,
        "post /v1/billing/meters": {"id": "mtr_1", "object": "billing.meter"},
    }
    assert agent.sync_catalogue([Price()]) == 1
    made = {path: given for method, path, given, _headers in fake.sent if method == "post"}
    assert made["/v1/billing/meters"]["event_name"] == "emails_per_day"
    assert made["/v1/billing/meters"]["default_aggregation"] == {"formula": "sum"}
    assert made["/v1/prices"]["recurring"] == {"interval": "month", "usage_type": "metered", "meter": "mtr_1"}
    assert made["/v1/prices"]["transform_quantity"] == {"divide_by": "1000", "round": "up"}
    known = {"id": "mtr_2", "object": "billing.meter", "event_name": "emails_per_day"}
    fake.answers["get /v1/billing/meters"] = {**empty, "data": [known]}
    fake.sent.clear()
    agent.sync_catalogue([Price()])
    assert [path for method, path, *_rest in fake.sent if method == "post"] == ["/v1/prices"]


def test_an_item_charged_by_usage_has_no_quantity(agent: StripeProvider, fake: FakeStripe) -> None:
    fake.answers = {"get /v1/prices": {"object": "list", "data": [METERED], "has_more": False}}
    agent.change_now("sub_1", MONTH, 10, "k", {MAILS: 1})
    items = [c for c in fake.sent if c[0] == "post"][-1][2]["items"]
    assert items["1"] == {"price": "price_3"}
    item = SHAPES["subscription"]["items"]["data"][0]
    metered = {k: v for k, v in item.items() if k != "quantity"} | {"id": "si_3", "price": METERED}
    known = {**SHAPES["subscription"], "items": {"object": "list", "data": [item, metered]}}
    fake.answers["get /v1/subscriptions/sub_1"] = known
    assert agent.fetch_subscription("sub_1").addons == {MAILS: 1}
    agent.change_now("sub_1", MONTH, 12, "k", {MAILS: 1})  # it stays as it is
    assert len([c for c in fake.sent if c[0] == "post"][-1][2]["items"]) == 1
    agent.change_at_renewal("sub_1", MONTH, 8, "k", {MAILS: 1})
    phases = [c for c in fake.sent if c[0] == "post"][-1][2]["phases"]
    assert phases["0"]["items"]["1"] == {"price": "price_3"}
    assert "quantity" not in phases["1"]["items"]["1"]


def test_meter_events_carry_their_id(agent: StripeProvider, fake: FakeStripe) -> None:
    agent.report_usage("cus_1", "emails_per_day", 500, datetime(2026, 5, 2, tzinfo=UTC), "0190-a")
    (call,) = fake.sent
    assert call[2] == {
        "event_name": "emails_per_day", "identifier": "0190-a", "timestamp": "1777680000",
        "payload": {"stripe_customer_id": "cus_1", "value": "500"},
    }  # fmt: skip


def test_refunds_and_disputes_are_seen(agent: StripeProvider, fake: FakeStripe) -> None:
    paid = {"id": "inpay_1", "status": "paid", "created": 1777626000, "amount_paid": 35700,
            "payment": {"type": "payment_intent", "payment_intent": "pi_1"}}  # fmt: skip
    fake.answers = {
        "get /v1/invoices/in_1": {**SHAPES["invoice"], "status": "paid", "payments": {"data": [paid]}},
        "get /v1/disputes": {"object": "list", "has_more": False, "data": [
            {"id": "dp_1", "object": "dispute", "amount": 35700, "currency": "eur", "reason": "fraudulent",
             "status": "needs_response", "created": 1777700000, "charge": "ch_1",
             "evidence_details": {"due_by": 1778500000}}]},
        "get /v1/invoice_payments": {"object": "list", "has_more": False, "data": [{"id": "inpay_1", "invoice": "in_1"}]},
    }  # fmt: skip
    payments = agent.fetch_invoice("in_1").payments
    assert [(p.id, p.status, p.amount_minor) for p in payments] == [
        ("inpay_1", "succeeded", 35700), ("re_1", "refunded", 11900),
    ]  # fmt: skip
    (dispute,) = agent.disputes_of("cus_1")
    assert (dispute.status, dispute.invoice_id, dispute.amount_minor) == ("open", "in_1", 35700)
    assert agent.customer_of("ch_1") == "cus_1"
    assert dispute.answer_by is not None and dispute.answer_by > dispute.opened_at

    def credited() -> str:
        agent.credit("in_1", 100, "sorry", "k")
        sent = [c for c in fake.sent if c[1] == "/v1/credit_notes" and c[0] == "post"][-1][2]
        (way,) = [name for name in ("refund_amount", "out_of_band_amount") if sent.get(name) == "100"]
        return way

    disputes = fake.answers["get /v1/disputes"]["data"]
    for status, way in (
        ("needs_response", "out_of_band_amount"), ("lost", "out_of_band_amount"), ("won", "refund_amount"),
    ):  # fmt: skip
        disputes[0]["status"] = status  # what the bank takes back is not refunded as well
        assert credited() == way, status
    paid["payment"] = {"type": "out_of_band"}
    assert credited() == "out_of_band_amount"
    with pytest.raises(ProviderError, match="no payment"):
        agent.book_payment("in_1", 35700, "KTO 1", "k")


def test_seats_are_absolute_and_keyed(agent: StripeProvider, fake: FakeStripe) -> None:
    agent.change_now("sub_1", MONTH, 12, "seats:42:12")
    (call,) = [c for c in fake.sent if c[0] == "post"]
    assert call[2]["items"]["0"]["quantity"] == "12"
    assert call[3]["Idempotency-Key"] == "seats:42:12"
    assert (call[2]["proration_behavior"], call[2]["payment_behavior"]) == (
        "always_invoice",
        "error_if_incomplete",
    )


def with_storage(quantity: int) -> dict[str, Any]:
    """The subscription with an add-on; its price says that it is one."""
    item = SHAPES["subscription"]["items"]["data"][0]
    price = {"id": "price_2", "object": "price", "lookup_key": STORAGE, "metadata": {"kind": "addon"}}
    beside = {**item, "id": "si_2", "quantity": quantity, "price": price}
    return {**SHAPES["subscription"], "items": {"object": "list", "data": [beside, item]}}  # in any order


def test_add_ons_are_items_beside_the_plan(agent: StripeProvider, fake: FakeStripe) -> None:
    fake.answers = {"get /v1/subscriptions/sub_1": with_storage(2)}
    assert agent.fetch_subscription("sub_1").addons == {STORAGE: 2}
    assert agent.fetch_subscription("sub_1").seats == 10
    agent.change_now("sub_1", MONTH, 10, "k", {STORAGE: 5, MAIL: 1})
    items = [c for c in fake.sent if c[0] == "post"][-1][2]["items"]
    assert [{k: v for k, v in items[n].items() if k != "price"} for n in sorted(items)] == [
        {"id": "si_1", "quantity": "10"}, {"id": "si_2", "quantity": "5"}, {"quantity": "1"},
    ]  # fmt: skip
    agent.change_now(
        "sub_1", YEAR, 10, "k", {"storage_10_v1_year_eur": 2}
    )  # another price of the same: the old one goes
    items = [c for c in fake.sent if c[0] == "post"][-1][2]["items"]
    assert items["1"] == {"id": "si_2", "deleted": "true"} and items["2"]["quantity"] == "2"
    agent.change_now("sub_1", MONTH, 12, "k")  # not named: left alone
    assert len([c for c in fake.sent if c[0] == "post"][-1][2]["items"]) == 1


def test_fewer_add_ons_are_a_phase_of_a_schedule(agent: StripeProvider, fake: FakeStripe) -> None:
    fake.answers = {"get /v1/subscriptions/sub_1": with_storage(2)}
    agent.change_at_renewal("sub_1", MONTH, 10, "k", {STORAGE: 1})
    sent = [c for c in fake.sent if c[0] == "post"][-1]
    assert [item["quantity"] for item in sent[2]["phases"]["1"]["items"].values()] == ["10", "1"]
    assert sent[2]["metadata"] == {"lookup_key": MONTH, "addons": f"{STORAGE}=1"}
    phase = {"items": [{"quantity": 10}, {"quantity": 1}]}
    schedule = {"status": "active", "metadata": sent[2]["metadata"], "phases": [phase, phase]}
    planned = shapes.subscription({**with_storage(2), "schedule": schedule})
    assert (planned.next_seats, planned.next_lookup_key, planned.next_addons) == (10, MONTH, {STORAGE: 1})
    fake.sent.clear()
    agent.change_at_renewal("sub_1", MONTH, 10, "k", {STORAGE: 2})  # today's terms: nothing to plan
    assert [c for c in fake.sent if c[0] == "post"] == []


def test_the_check_itself_finds_what_is_wrong() -> None:
    wanted = sdk.checkout.SessionCreateParams
    assert problems(nested("mode=subscription&line_items[0][quantity]=2"), wanted, "") == []
    for bad in ("mode=subscribe", "line_items[0][quantity]=two", "line_items[quantity]=2", "colour=red",
                "automatic_tax[enabled]=perhaps", "automatic_tax[on]=true"):  # fmt: skip
        assert problems(nested(bad), wanted, ""), bad


def test_shapes_of_a_subscription() -> None:
    got = shapes.subscription(SHAPES["subscription"])
    assert (got.status, got.seats, got.lookup_key) == ("active", 10, MONTH)
    assert (got.period_end - got.period_start).days == 30
    ended = shapes.subscription({**SHAPES["subscription"], "status": "canceled", "ended_at": 1775034000})
    assert (ended.status, ended.ended_at) == ("ended", datetime.fromtimestamp(1775034000, UTC))


def test_shapes_of_an_invoice() -> None:
    thing, now = SHAPES["invoice"], datetime(2026, 5, 2, tzinfo=UTC)
    got = invoice_shapes.invoice(thing, [], now)
    assert (got.number, got.status, got.net_minor, got.tax_minor, got.total_minor) == (
        "K-0001", "open", 30000, 5700, 35700,
    )  # fmt: skip
    assert (got.subscription_id, got.tax_rate, got.tax_treatment) == ("sub_1", Decimal("19.0"), "standard")
    assert got.failed_at is not None and got.attempts == 1
    assert (got.lines[0].quantity, got.lines[0].unit_minor, got.lines[0].is_proration) == (10, 3000, False)
    waiting = {**thing, "payments": {"data": [{"id": "inpay_1", "status": "open", "created": 1777626000,
               "payment": {"type": "payment_intent", "payment_intent": {"id": "pi_1", "status": "processing"}}}]}}  # fmt: skip
    assert invoice_shapes.invoice(waiting, [], now).failed_at is None  # a debit under way has not failed
    transfer = {**thing, "collection_method": "send_invoice", "due_date": 1777800000}
    assert invoice_shapes.invoice(transfer, [], now).failed_at is None
    assert invoice_shapes.invoice(transfer, [], datetime(2026, 5, 4, tzinfo=UTC)).failed_at is not None


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (402, {"type": "card_error", "code": "card_declined"}, "payment.declined"),
        (402, {"type": "card_error", "code": "authentication_required"}, "payment.action_required"),
        (404, {"type": "invalid_request_error", "code": "resource_missing"}, "provider.not_found"),
        (400, {"type": "invalid_request_error", "code": "parameter_unknown"}, "provider.invalid"),
        (500, {"type": "api_error"}, "provider.unavailable"),
        (401, {"type": "invalid_request_error"}, "provider.unavailable"),
    ],
)
def test_errors_get_our_codes(
    agent: StripeProvider, fake: FakeStripe, status: int, error: dict[str, str], code: str
) -> None:
    fake.status, fake.answers = status, {"get /v1/subscriptions/sub_1": {"error": {"message": "no", **error}}}
    with pytest.raises(ProviderError) as refused:
        agent.fetch_subscription("sub_1")
    assert refused.value.code == code
