"""The pages about money in a browser without script: who sees them, what they say, what a click does."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from billing.models import BillingProfile, Invoice, SeatChange, Subscription
from billing.providers.builtin import cards, checkout
from billing.providers.builtin.models import Checkout, Customer
from billing.services import agreements, clock, virtual_time
from crm_core.security.services import create_system_user
from tenants.context import activate
from tenants.identity.models import User
from tenants.models import Tenant
from tests.api_client import host_of
from tests.billing.conftest import BAD_LATER, GOOD, START, add_users
from tests.billing.test_acceptance import signed_in

Buy = Callable[..., Subscription]
Later = Callable[[float], None]


@pytest.fixture
def admin(tenant: Tenant) -> Client:
    return signed_in(tenant)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def follow(client: Client, answer: Any) -> tuple[Client, Any]:
    """Follow a redirect to whichever host it names."""
    match = re.match(r"https?://([^/:]+)(?::\d+)?(/.*)", answer["Location"])
    if match is None:
        return client, client.get(answer["Location"])
    host, path = match.groups()
    visitor = client if host == client.defaults["SERVER_NAME"] else Client(SERVER_NAME=host)
    return visitor, visitor.get(path)


def test_strangers_sign_in_and_colleagues_are_told_whom_to_ask(tenant: Tenant) -> None:
    stranger = Client(SERVER_NAME=host_of(tenant))
    for path in ("", "choose/", "change/", "cancel/", "details/", f"invoices/{uuid.uuid4()}.pdf"):
        answer = stranger.get(f"/billing/{path}")
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")
    with activate(tenant):
        login = User.objects.create_user("eve@acme.test", "correct horse battery staple", full_name="Eve")
        create_system_user("Eve", login.email, login_id=login.pk, roles=["salesperson"])
    stranger.post("/login/", {"email": "eve@acme.test", "password": "correct horse battery staple"})
    for path in ("", "choose/", "change/", "cancel/", "details/"):
        assert stranger.get(f"/billing/{path}").status_code == 403
    assert stranger.post("/billing/choose/", {"action": "pay", "seats": "3"}).status_code == 403
    assert not BillingProfile.objects.exists()


def test_a_code_that_others_used_up_meanwhile_is_refused_on_the_page(tenant: Tenant, admin: Client) -> None:
    agreements.create_coupon("ONE", percent_off=Decimal(50), max_redemptions=1, by="ops")
    order = {"plan": "professional", "interval": "month", "seats": "3", "coupon": "ONE", "action": "pay"}
    visitor, page = follow(admin, admin.post("/billing/choose/", order))
    path = page.request["PATH_INFO"]
    mine = Checkout.objects.get()
    other = Customer.objects.create(id="cus_o", tenant_ref="o", name="O", country="DE", created_at=START)
    theirs = Checkout.objects.create(
        id="cs_o", customer=other, price=mine.price, seats=1, coupon=mine.coupon, expires_at=mine.expires_at
    )
    checkout.pay(theirs.pk, cards.card(GOOD, "12", "30", START.date()))
    refused = visitor.post(path, {"kind": "card", "number": GOOD, "expiry": "12/30"})
    assert refused.status_code == 409 and "as often as it can be used" in text(refused)
    assert not mine.customer.subscriptions.exists() and not mine.customer.invoices.exists()
    assert not Subscription.objects.filter(tenant=tenant).exists()


def test_from_trial_to_a_paid_plan(tenant: Tenant, admin: Client) -> None:
    page = text(admin.get("/billing/"))
    assert (
        "30 days left in your trial" in page and "Test billing: no money moves" in page and "1 / 25" in page
    )
    preview = text(admin.post("/billing/choose/", {"plan": "professional", "interval": "year", "seats": "3"}))
    assert "€900.00" in preview and "€171.00" in preview and "€1,071.00" in preview
    checkout = admin.post(
        "/billing/choose/", {"plan": "professional", "interval": "month", "seats": "3", "action": "pay"}
    )
    visitor, page = follow(admin, checkout)
    assert "Order for €107.10" in text(page) and not Subscription.objects.exists()
    path = page.request["PATH_INFO"]
    declined = visitor.post(path, {"kind": "card", "number": "4000000000000002", "expiry": "12/30"})
    assert declined.status_code == 402 and "declined" in text(declined)
    for number, expiry, words in (
        ("4111111111111111", "12/30", "test cards only"),
        ("123", "12/30", "no card number"),
        ("4242424242424242", "01/20", "expired"),
        ("4242424242424242", "soon", "month and year"),
    ):
        refused = visitor.post(path, {"kind": "card", "number": number, "expiry": expiry})
        assert refused.status_code == 422 and words in text(refused)
    assert visitor.post(path, {"kind": "gold"}).status_code == 422
    asked = visitor.post(path, {"kind": "card", "number": "4000002500003155", "expiry": "12/30"})
    assert asked["Location"].endswith("/confirm/")
    no = visitor.post(asked["Location"], {"answer": "no"})
    assert no.status_code == 402
    visitor.post(path, {"kind": "card", "number": "4000002500003155", "expiry": "12/30"})
    paid = visitor.post(asked["Location"], {"answer": "yes"})
    _client, back = follow(admin, paid)
    assert back["Location"] == "/billing/?done=welcome"
    page = text(admin.get("/billing/"))
    assert "Active" in page and "R-2026-00001" in page and "Visa •••• 3155" in page and "1 / 3" in page
    assert visitor.get(path)["Location"].endswith("/billing/welcome/")  # paying twice is paying once
    assert Invoice.objects.count() == 1


def test_the_success_page_grants_nothing(tenant: Tenant, admin: Client) -> None:
    admin.post(
        "/billing/choose/", {"plan": "professional", "interval": "month", "seats": "3", "action": "pay"}
    )
    answer = admin.get("/billing/welcome/")
    tenant.refresh_from_db()
    assert answer.status_code == 302 and tenant.state == "trialing" and not Subscription.objects.exists()


def test_a_checkout_expires_and_other_addresses_do_not_exist(
    tenant: Tenant, admin: Client, later: Later
) -> None:
    answer = admin.post("/billing/choose/", {"plan": "starter", "seats": "1", "action": "pay"})
    visitor, page = follow(admin, answer)
    later(1 / 24)
    assert visitor.get(page.request["PATH_INFO"]).status_code == 410
    posted = visitor.post(page.request["PATH_INFO"], {"kind": "bank_transfer"})
    assert posted.status_code == 410 and not Subscription.objects.exists()
    assert visitor.get("/billing/checkout/cs_0/").status_code == 404
    assert visitor.get("/billing/portal/ps_0/").status_code == 404


def test_seats_with_the_price_before_the_click_and_one_charge_for_two_clicks(
    tenant: Tenant, admin: Client, buy: Buy, later: Later
) -> None:
    buy(seats=10)
    later(15)
    page = admin.post("/billing/change/", {"seats": "12"})
    assert "Confirm and pay €35.70" in text(page) and "€360.00" in text(page)
    key = re.search(r'name="key" value="(\w+)"', page.content.decode()).group(1)  # type: ignore[union-attr]
    for _click in "12":
        form = {"seats": "12", "action": "confirm", "key": key, "plan": "professional", "interval": "month"}
        assert admin.post("/billing/change/", form)["Location"] == "/billing/?done=seats"
    assert SeatChange.objects.count() == 1
    assert Invoice.objects.filter(reason="subscription_update").count() == 1
    assert Subscription.objects.get().seats == 12
    add_users(tenant, 9)
    refused = admin.post("/billing/change/", {"seats": "9"})
    assert refused.status_code == 409 and "10 users are active" in text(refused)
    form = {"seats": "10", "action": "confirm", "key": "k2", "plan": "professional", "interval": "month"}
    assert admin.post("/billing/change/", form)["Location"] == "/billing/?done=seats_later"
    assert "with 10 users" in text(admin.get("/billing/"))
    later(15)
    assert Subscription.objects.get().seats == 10
    assert Invoice.objects.filter(reason="subscription_cycle").get().net_minor == 30000


def test_a_smaller_plan_says_what_is_in_the_way(tenant: Tenant, admin: Client, buy: Buy) -> None:
    buy(seats=12)
    add_users(tenant, 10)
    page = admin.post("/billing/change/", {"plan": "starter", "interval": "month"})
    assert page.status_code == 409
    form = {"plan": "starter", "interval": "month", "action": "confirm", "key": "x"}
    assert admin.post("/billing/change/", form).status_code == 409
    assert Subscription.objects.get().next_price is None


def test_cancel_keep_and_the_end(tenant: Tenant, admin: Client, buy: Buy, later: Later) -> None:
    buy(seats=1)
    assert "€" not in text(admin.get("/billing/cancel/"))
    admin.post("/billing/cancel/", {"reason": "missing", "words": "a map"})
    row = Subscription.objects.get()
    assert (row.cancel_at, row.cancel_reason) == (row.period_end, "missing – a map")
    assert "Your subscription ends on May 1, 2026" in text(admin.get("/billing/"))
    admin.post("/billing/resume/")
    assert Subscription.objects.get().cancel_at is None
    admin.post("/billing/cancel/", {"reason": "no_need"})
    later(30)
    assert tenant.state == "canceled"
    page = text(admin.get("/billing/"))
    assert "only the export is left" in page and "Start again" in page
    later(29.9)
    assert tenant.state == "canceled"
    later(0.2)
    assert tenant.state == "deleted"
    assert admin.get("/billing/").status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("tax_id", "DE999999999", "tax_id"),
        ("tax_id", "ATU13585626", "tax_id"),
        ("email", "nobody", "email"),
        ("country", "Germany", "country"),
        ("country", "", "country"),
        ("country", "ZZ", "country"),
        ("legal_name", "", "legal_name"),
        ("legal_name", "x" * 161, "legal_name"),
        ("city", "\x00", "city"),
    ],
)
def test_bad_billing_details_change_nothing(
    tenant: Tenant, admin: Client, field: str, value: str, code: str
) -> None:
    good = {"legal_name": "Acme GmbH", "email": "books@acme.test", "country": "DE", "city": "Kiel"}
    answer = admin.post("/billing/details/", good | {field: value})
    assert answer.status_code in (400, 422)
    if answer.status_code == 422:
        assert f'id="{code}-error"' in answer.content.decode() or code == "country"
    assert not BillingProfile.objects.filter(legal_name="Acme GmbH").exists()


def test_reverse_charge_from_the_form_to_the_invoice(tenant: Tenant, admin: Client, buy: Buy) -> None:
    form = {"legal_name": "Wien AG", "email": "b@wien.test", "country": "AT", "tax_id": "atu 13585627"}
    assert admin.post("/billing/details/", form).status_code == 302
    buy(seats=2)
    invoice = Invoice.objects.get()
    assert (invoice.tax_treatment, invoice.tax_minor, invoice.total_minor) == ("reverse_charge", 0, 6000)
    pdf = admin.get(f"/billing/invoices/{invoice.pk}.pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF-")


def test_documents_of_others_do_not_exist(tenant: Tenant, admin: Client, buy: Buy) -> None:
    buy(seats=1)
    other = Tenant.objects.get(domains__slug="globex")
    Invoice.objects.update(tenant=other)
    found = Invoice.objects.get()
    assert admin.get(f"/billing/invoices/{found.pk}.pdf").status_code == 404
    assert admin.post(f"/billing/invoices/{found.pk}/pay/").status_code == 404


def test_past_due_names_each_next_step_and_another_card_pays(
    tenant: Tenant, admin: Client, buy: Buy, later: Later
) -> None:
    buy(seats=1, card=BAD_LATER)
    later(30)
    page = text(admin.get("/billing/"))
    assert "is not paid" in page and "May 2, 2026 : we try" in page.replace("2026:", "2026 :")
    assert "May 15, 2026" in page
    assert admin.post(f"/billing/invoices/{Invoice.objects.get(state='open').pk}/pay/").status_code == 402
    visitor, page = follow(admin, admin.post("/billing/portal/"))
    path = page.request["PATH_INFO"]
    assert (
        visitor.post(path, {"kind": "card", "number": "4000000000000002", "expiry": "12/30"}).status_code
        == 402
    )
    back = visitor.post(path, {"kind": "card", "number": "4242424242424242", "expiry": "12/30"})
    follow(admin, back)
    tenant.refresh_from_db()
    assert tenant.state == "active"
    assert "Visa •••• 4242" in text(admin.get("/billing/?done=method"))


def test_coupons_on_the_form(tenant: Tenant, admin: Client, buy: Buy) -> None:
    agreements.create_coupon("HALF", percent_off=50, by="ops")  # type: ignore[arg-type]
    agreements.create_coupon("GONE", percent_off=50, expires_at=clock.now(), by="ops")  # type: ignore[arg-type]
    form = {"plan": "professional", "interval": "month", "seats": "2"}
    assert "€35.70" in text(admin.post("/billing/choose/", form | {"coupon": "half"}))
    for code, words in (("GONE", "expired"), ("NOPE", "no such code")):
        refused = admin.post("/billing/choose/", form | {"coupon": code})
        assert refused.status_code == 409 and words in text(refused)
    buy(seats=2, coupon="HALF")
    assert Invoice.objects.get().net_minor == 3000
    admin.post("/billing/cancel/", {"reason": "no_need"})
    virtual_time.advance(timedelta(days=31), by="test")
    refused = admin.post("/billing/choose/", form | {"coupon": "HALF"})
    assert refused.status_code == 409 and "used this code" in text(refused)
