"""Invoices, bookkeeping and coupons on the operators' console: what who manages money does, and others may not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Coupon, Invoice, LedgerEntry, Payment, Subscription
from billing.services import invoice_wording, ledger, purchase
from tenants.models import OperatorAudit, Tenant
from tenants.operator.models import Role
from tests.billing.conftest import BAD_LATER, START
from tests.tenants import operators

Buy = Callable[..., Subscription]
Later = Callable[[float], None]


def act(client: Any, invoice: Invoice, name: str, **values: str) -> int:
    return int(client.post(f"/invoices/{invoice.pk}/", {"act": name, **values}).status_code)


def test_a_transfer_is_booked_credited_and_sent_back(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=10, by_transfer=True)
    later(16)
    client = operators.signed_in(role=Role.BILLING)
    invoice = Invoice.objects.get(tenant=tenant)
    listed = client.get("/invoices/?state=overdue").content.decode()
    assert invoice.number in listed and "357.00 EUR" in listed and tenant.name in listed
    for values in ({"amount": "0", "reference": "K"}, {"amount": "357.01", "reference": "K"}, {"amount": "357.001", "reference": "K"},
                   {"amount": "x", "reference": "K"}, {"amount": "357", "reference": " "}, {"amount": "1e9", "reference": "K"}):  # fmt: skip
        assert act(client, invoice, "payment", **values) == 422, values
    assert not Payment.objects.filter(state="succeeded").exists()
    assert not OperatorAudit.objects.filter(act="invoice.payment").exists()
    assert act(client, invoice, "payment", amount="357.00", reference="KTO 4711") == 302
    tenant.refresh_from_db()
    assert tenant.state == "active"
    assert act(client, invoice, "credit", amount="119.00", reason="a week down") == 302
    page = client.get(f"/invoices/{invoice.pk}/").content.decode()
    assert "119.00 EUR" in page and "In the customer" in page
    assert act(client, invoice, "refund", amount="119.01", reference="SENT") == 422
    assert act(client, invoice, "refund", amount="119.00", reference="SENT") == 302
    account = client.get(f"/invoices/accounts/{tenant.pk}/").content.decode()
    assert "the balance equals the invoices" in account
    assert [e.balance_minor for e in LedgerEntry.objects.order_by("-number")[:1]] == [0]
    noted = OperatorAudit.objects.filter(tenant_id=tenant.pk, act__startswith="invoice.")
    assert {row.act for row in noted} == {"invoice.payment", "invoice.credit", "invoice.refund"}


def test_a_button_pressed_twice_and_a_transfer_made_twice(tenant: Tenant, buy: Buy) -> None:
    """One page writes one credit note; money that is too much stands in the customer's favour until it is sent back."""
    buy(seats=10, by_transfer=True)
    client = operators.signed_in(role=Role.BILLING)
    invoice = Invoice.objects.get(tenant=tenant)
    key = re.search(r'name="key" value="(\w+)"', client.get(f"/invoices/{invoice.pk}/").content.decode())
    for _click in "12":
        note = {"amount": "100.00", "reason": "sorry", "key": key[1] if key else ""}
        assert act(client, invoice, "credit", **note) == 302
    assert [c.total_minor for c in invoice.credit_notes.all()] == [10000]
    paid = {"amount": "357.00", "reference": "KTO 1"}
    assert act(client, invoice, "payment", **paid) == 422  # a slip of the pen is more likely
    for _click in "12":
        assert act(client, invoice, "payment", **paid, surplus="on") == 302
    assert act(client, invoice, "payment", amount="257.00", reference="KTO 2", surplus="on") == 302
    invoice.refresh_from_db()
    assert (invoice.state, invoice.balance_minor, invoice.refunded_minor) == ("paid", -35700, 0)
    assert ledger.balances(tenant) == {"EUR": -35700} and not any(ledger.difference(tenant).values())
    assert act(client, invoice, "refund", amount="357.00", reference="SENT") == 302
    assert ledger.balances(tenant) == {"EUR": 0}


def test_taxation_and_payments_have_names(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1, card=BAD_LATER)
    later(30)
    client = operators.signed_in(role=Role.BILLING)
    first, renewal = Invoice.objects.filter(tenant=tenant).order_by("issued_at")
    pages = {}
    for language in ("en", "de"):
        client.cookies["language"] = language
        for invoice in (first, renewal):
            answer = client.get(f"/invoices/{invoice.pk}/", headers={"accept-language": language})
            pages[language, invoice.pk] = re.sub(r"<[^>]+>|\s+", " ", answer.content.decode()).replace(
                "\xa0", " "
            )
    assert "VAT 19 %" in pages["en", first.pk] and "Card" in pages["en", first.pk]
    assert "Card · not enough money" in pages["en", renewal.pk]
    assert "USt. 19 %" in pages["de", first.pk] and "Karte · nicht gedeckt" in pages["de", renewal.pk]
    assert "Taxable" in client.get(f"/invoices/books/?month={START:%Y-%m}").content.decode()


def test_every_taxation_has_a_name() -> None:
    names = [
        invoice_wording.tax_line(code, Decimal("25.50"))
        for code in ("standard", "reverse_charge", "out_of_scope")
    ]
    assert names == ["VAT 25.5 %", "VAT: reverse charge", "Not subject to EU VAT"]
    assert invoice_wording.payment_name("bank_transfer", "KTO 4711") == "Bank transfer · KTO 4711"
    assert invoice_wording.payment_name("", "") == "" and invoice_wording.payment_name("klarna") == "klarna"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY])
def test_others_look_and_change_nothing(tenant: Tenant, buy: Buy, role: str) -> None:
    buy(seats=1, by_transfer=True)
    invoice = Invoice.objects.get(tenant=tenant)
    client = operators.signed_in(role=role)
    assert invoice.number in client.get("/invoices/").content.decode()
    assert "Book the payment" not in client.get(f"/invoices/{invoice.pk}/").content.decode()
    for name in ("payment", "credit", "refund", "retry"):
        assert act(client, invoice, name, amount="35.70", reference="K", reason="x") == 403
    for path in ("/invoices/books/", "/invoices/books/documents.csv", "/coupons/"):
        assert client.get(path).status_code == 403
    assert client.post("/coupons/", {"code": "X"}).status_code == 403
    invoice.refresh_from_db()
    assert (invoice.state, Coupon.objects.count()) == ("open", 0)


def test_the_month_and_its_downloads(tenant: Tenant, buy: Buy) -> None:
    buy(seats=10)
    client = operators.signed_in(role=Role.BILLING)
    page = client.get("/invoices/books/?month=2026-04").content.decode()
    assert (
        "300.00 EUR" in page
        and "57.00 EUR" in page
        and "have no gaps" in page
        and "no entry was changed" in page
    )
    for what, column, expected in (
        ("documents", "gross", ["357.00"]),
        ("movements", "amount", ["357.00", "-357.00"]),
    ):
        answer = client.get(f"/invoices/books/{what}.csv?month=2026-04")
        assert "attachment" in answer["Content-Disposition"]
        rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        assert [row[column] for row in rows] == expected
    for month in ("soon", "2026-13", "", "0001-01", "9999-12"):
        assert client.get(f"/invoices/books/?month={month}").status_code == 200
    assert client.get("/invoices/?q=%25&state=nonsense&page=99").status_code == 200


def test_a_coupon_is_written_used_and_withdrawn(tenant: Tenant, buy: Buy) -> None:
    client = operators.signed_in(role=Role.BILLING)
    good = {
        "code": "spring",
        "kind": "percent",
        "value": "20",
        "duration": "repeating",
        "months": "3",
        "most": "5",
    }
    for bad in (
        {"value": "101"},
        {"value": "-1"},
        {"months": ""},
        {"kind": "no currency"},
        {"code": "a b"},
        {"duration": "x"},
    ):
        assert client.post("/coupons/", good | bad).status_code == 422, bad
    assert not Coupon.objects.exists()
    assert client.post("/coupons/", good).status_code == 302
    assert client.post("/coupons/", good).status_code == 422  # the code is taken
    row = Coupon.objects.get()
    assert (row.code, str(row.percent_off), row.months, row.max_redemptions) == ("SPRING", "20.00", 3, 5)
    assert purchase.preview_purchase(tenant, "professional", "month", 1, "spring").net_minor == 2400
    assert client.post(f"/coupons/{row.pk}/withdraw/").status_code == 302
    assert "Over" in client.get("/coupons/").content.decode()
    from tenants.errors import TenantRefusal

    with pytest.raises(TenantRefusal):
        purchase.preview_purchase(tenant, "professional", "month", 1, "spring")
