"""The account of each customer: every movement once, reconciled to zero, and nothing can be changed afterwards."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from billing.models import Invoice, LedgerEntry, Payment, Subscription
from billing.providers import provider_named
from billing.providers.builtin import clock, cycle, portal
from billing.providers.builtin.cards import account, card
from billing.providers.builtin.models import Customer, PortalVisit
from billing.providers.builtin.models import Invoice as Issued
from billing.services import (
    booking_export,
    bookkeeping,
    changes,
    ledger,
    lifecycle,
    payments,
    purchase,
    reconcile,
)
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tests.billing.conftest import BAD_LATER, START
from tests.billing.test_acceptance import signed_in

Buy = Callable[..., Subscription]
Later = Callable[[float], None]
DISPUTING = "4000000000000259"


def kinds(tenant: Tenant) -> list[tuple[str, int, int]]:
    rows = LedgerEntry.objects.filter(tenant=tenant).order_by("number")
    return list(rows.values_list("kind", "amount_minor", "balance_minor"))


def test_a_purchase_and_a_credit_paid_back(tenant: Tenant, buy: Buy) -> None:
    buy(seats=10)
    assert kinds(tenant) == [("invoice", 35700, 35700), ("payment", -35700, 0)]
    invoice = Invoice.objects.get(tenant=tenant)
    payments.credit(invoice.pk, 11900, reason="a week without service", by="ops")
    assert kinds(tenant)[2:] == [("credit_note", -11900, -11900), ("refund", 11900, 0)]
    invoice.refresh_from_db()
    assert (invoice.credited_minor, invoice.refunded_minor, invoice.balance_minor) == (11900, 11900, 0)
    back = Payment.objects.get(invoice=invoice, state="refunded")
    assert (back.amount_minor, back.kind) == (11900, "card")
    assert reconcile.reconcile(tenant) == 0 and len(kinds(tenant)) == 4


def test_what_came_by_transfer_goes_back_when_somebody_sent_it(tenant: Tenant, buy: Buy) -> None:
    buy(seats=10, by_transfer=True)
    invoice = Invoice.objects.get(tenant=tenant)
    payments.book_bank_payment(invoice.pk, 35700, reference="KTO 1", by="ops")
    payments.credit(invoice.pk, 35700, reason="wrong plan", by="ops")
    assert ledger.balances(tenant) == {"EUR": -35700}  # in his favour until it is sent
    for amount, code in ((35701, "refund.amount"), (0, "refund.amount")):
        with pytest.raises(TenantRefusal) as refused:
            payments.pay_out(invoice.pk, amount, reference="SENT 1", by="ops")
        assert refused.value.code == code
    for _again in "12":  # the same line of the bank statement is one refund
        payments.pay_out(invoice.pk, 35700, reference="SENT 1", by="ops")
    assert ledger.balances(tenant) == {"EUR": 0}
    assert [kind for kind, *_rest in kinds(tenant)] == ["invoice", "payment", "credit_note", "refund"]


def test_three_credits_take_back_the_tax_to_the_cent(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    invoice = Invoice.objects.get(tenant=tenant)
    assert (invoice.net_minor, invoice.tax_minor) == (3000, 570)
    for number in range(3):
        payments.credit(invoice.pk, 1190, reason="again", by="ops", key=str(number))
    notes = list(invoice.credit_notes.order_by("number"))
    assert sum(note.net_minor for note in notes) == 3000 and sum(note.tax_minor for note in notes) == 570
    with pytest.raises(TenantRefusal):
        payments.credit(invoice.pk, 1, reason="too much", by="ops", key="more")


def test_money_that_arrives_twice_goes_back(tenant: Tenant, buy: Buy, later: Later) -> None:
    """A transfer is booked while a direct debit is on its way: the customer pays once."""
    buy(seats=10, card=BAD_LATER)
    customer = Customer.objects.get(tenant_ref=str(tenant.pk))
    later(30)
    visit = PortalVisit(customer=customer, return_url="/", expires_at=clock.now())
    portal.change_method(visit, account("DE89370400440532013000"))
    unpaid = Issued.objects.get(customer=customer, status="open")
    assert unpaid.payments.filter(status="processing").exists()
    reconcile.reconcile(tenant)
    mirror = Invoice.objects.get(provider_id=unpaid.pk)
    payments.book_bank_payment(mirror.pk, mirror.due_minor, reference="KTO 7", by="ops")
    later(4)
    mirror.refresh_from_db()
    assert (mirror.state, mirror.paid_minor, mirror.refunded_minor) == ("paid", 71400, 35700)
    assert ledger.balances(tenant) == {"EUR": 0}


def test_dunning_stands_on_the_account(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2, card=BAD_LATER)
    later(44)
    assert tenant.state == "suspended"
    found = [kind for kind, *_rest in kinds(tenant)]
    assert found == ["invoice", "payment", "invoice", *["payment_failed"] * 5]
    assert ledger.balances(tenant) == {"EUR": 7140}


def test_reminders_of_a_transfer_stand_on_the_account(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1, by_transfer=True)
    later(16)
    assert [kind for kind, *_rest in kinds(tenant)] == ["invoice", "reminder", "reminder"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_ledger_entry SET amount_minor = 0",
        "DELETE FROM billing_ledger_entry",
        "TRUNCATE billing_ledger_entry",
    ],
)
def test_nobody_changes_an_entry(tenant: Tenant, buy: Buy, statement: str) -> None:
    buy(seats=1)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    assert len(kinds(tenant)) == 2


def test_the_check_finds_what_was_tampered_with(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    assert ledger.verify(tenant) == []
    with connection.cursor() as cursor:  # somebody with all rights in the database
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_ledger_entry DISABLE TRIGGER billing_ledger_append_only")
        cursor.execute("UPDATE billing_ledger_entry SET amount_minor = -3000 WHERE number = 2")
        cursor.execute("ALTER TABLE billing_ledger_entry ENABLE TRIGGER billing_ledger_append_only")
    assert {(fault.number, fault.what) for fault in ledger.verify(tenant)} == {(2, "balance"), (2, "hash")}
    assert [found for found, _what in bookkeeping.unsound_accounts()] == [tenant]


def test_the_statement_shows_and_hands_out_everything(tenant: Tenant, buy: Buy) -> None:
    buy(seats=10)
    client = signed_in(tenant)
    page = client.get("/billing/statement/").content.decode()
    assert "R-2026-00001" in page and "Nothing is owed" in page and "every entry is as it was written" in page
    rows = list(csv.reader(io.StringIO(client.get("/billing/statement.csv").content.decode("utf-8-sig"))))
    assert [row[5:7] for row in rows[1:]] == [["357", "357"], ["-357", "0"]]
    assert [row[8] for row in rows[1:]] == list(
        LedgerEntry.objects.order_by("number").values_list("hash", flat=True)
    )


def test_the_month_for_the_bookkeeper(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=10)
    later(15)
    changes.set_seats(tenant, 12, by="t", key="1")
    first = Invoice.objects.get(reason="subscription_create")
    payments.credit(first.pk, 11900, reason="=cmd()", by="ops")
    rows = bookkeeping.documents(START, START + timedelta(days=30))
    assert [(row.kind, row.net_minor, row.tax_minor) for row in rows] == [
        ("invoice", 30000, 5700), ("credit_note", -10000, -1900), ("invoice", 3000, 570),
    ]  # fmt: skip
    (total,) = bookkeeping.tax_sums(rows)
    assert (total.country, total.net_minor, total.tax_minor, total.total_minor) == ("DE", 23000, 4370, 27370)
    out = io.StringIO()
    booking_export.write_documents(out, rows)
    table = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [(r["number"][:2], r["gross"], r["vat_rate"], r["country"]) for r in table] == [
        ("R-", "357.00", "19.00", "DE"), ("G-", "-119.00", "19.00", "DE"), ("R-", "35.70", "19.00", "DE"),
    ]  # fmt: skip
    assert table[1]["reason"] == "'=cmd()" and table[1]["for_invoice"] == first.number
    assert (table[0]["service_from"], table[0]["service_to"]) == ("2026-04-01", "2026-05-01")
    assert [(r["paid"], r["payment"], r["open"], r["reverse_charge"]) for r in table] == [
        ("238.00", "card", "0.00", "no"), ("", "", "", "no"), ("35.70", "card", "0.00", "no"),
    ]  # fmt: skip
    out = io.StringIO()
    booking_export.write_documents(out, rows, booking_export.GERMAN)
    german = list(csv.DictReader(io.StringIO(out.getvalue()), delimiter=";"))
    assert [[r[c] for c in ("Belegart", "Belegdatum", "Netto", "USt-Satz %", "USt", "Brutto", "Zahlungsart")] for r in german] == [
        ["Rechnung", "01.04.2026", "300,00", "19,00", "57,00", "357,00", "Karte"],
        ["Rechnungskorrektur", "16.04.2026", "-100,00", "19,00", "-19,00", "-119,00", ""],
        ["Rechnung", "16.04.2026", "30,00", "19,00", "5,70", "35,70", "Karte"],
    ]  # fmt: skip
    out = io.StringIO()
    booking_export.write_movements(out, bookkeeping.movements(START, START + timedelta(days=30)))
    moved = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert sum(round(float(row["amount"]) * 100) for row in moved) == 0
    assert bookkeeping.missing_numbers() == [] and bookkeeping.unsound_accounts() == []
    Issued.objects.filter(pk=first.provider_id).update(number="R-2026-99999")
    assert bookkeeping.missing_numbers() == ["R-2026-00001"]


def test_reconcile_alone_runs_a_month(tenant: Tenant, buy: Buy) -> None:
    """No webhook ever arrives: purchase, growth, renewal, failure, suspension, payment, end; states and account are right."""
    buy(seats=2)

    def a_day() -> None:
        clock.advance(timedelta(days=1))
        cycle.run_due()
        reconcile.reconcile_all(only_stale=False)
        lifecycle.refresh_all()
        tenant.refresh_from_db()

    states = []
    agent = provider_named("builtin")
    live = Subscription.objects.get(tenant=tenant)
    for day in range(1, 80):
        if day == 10:  # at the provider, past us
            agent.change_now(live.provider_id, "professional_v1_month_eur", 3, "portal")
        if day == 20:
            customer = Customer.objects.get(tenant_ref=str(tenant.pk))
            visit = PortalVisit(customer=customer, return_url="/", expires_at=clock.now())
            portal.change_method(visit, card(BAD_LATER, "12", "30", START.date()))
        if day == 50:
            unpaid = next(i for i in agent.invoices_of(live_customer(tenant)) if i.status == "open")
            agent.book_payment(unpaid.id, unpaid.total_minor, "KTO 9", "k9")
        if day == 55:
            agent.cancel(live.provider_id, at_once=False, reason="x", key="c")
        a_day()
        if not states or states[-1] != tenant.state:
            states.append(tenant.state)
    assert states == ["active", "past_due", "suspended", "active", "canceled"]
    assert Subscription.objects.get(tenant=tenant).seats == 3
    assert ledger.verify(tenant) == [] and ledger.balances(tenant) == {"EUR": 0}
    assert bookkeeping.missing_numbers() == []


def live_customer(tenant: Tenant) -> str:
    return Customer.objects.get(tenant_ref=str(tenant.pk)).pk


def test_a_discount_holds_for_what_is_added(tenant: Tenant, buy: Buy, later: Later) -> None:
    from decimal import Decimal

    from billing.services import agreements

    agreements.create_coupon("FIFTH", percent_off=Decimal(20), duration="forever", by="ops")
    buy(seats=10, coupon="FIFTH")
    later(15)
    preview = changes.preview_change(tenant, "professional", "month", 12)
    assert preview.now is not None and preview.now.net_minor == 2400  # 2 × 30.00 × 15/30 less 20 %
    changes.set_seats(tenant, 12, by="t", key="1")
    assert Invoice.objects.get(reason="subscription_update").net_minor == 2400


def test_a_coupon_for_months_leaves_the_rest_of_a_year(tenant: Tenant, buy: Buy) -> None:
    """Half off for three months: an eighth of the year, also of what is added, and nothing of the next one."""
    from decimal import Decimal

    from billing.services import agreements

    agreements.create_coupon("M3", percent_off=Decimal(50), duration="repeating", months=3, by="ops")
    seen = purchase.preview_purchase(tenant, "professional", "year", 2, "M3")
    running = buy(seats=2, interval="year", coupon="M3")
    first = Invoice.objects.get(tenant=tenant)
    assert seen.net_minor == first.net_minor == 60000 - 7500
    assert [line.text for line in first.lines.all()][1] == "Discount M3, 50 % for 3 of 12 months"
    changes.set_seats(tenant, 3, by="t", key="1")
    assert Invoice.objects.get(reason="subscription_update").net_minor == 30000 - 3750
    agent = provider_named("builtin")
    renewal = agent.preview(running.provider_id, "professional_v1_year_eur", 3, at_renewal=True)
    clock.advance(running.period_end - clock.now())
    cycle.run_due()
    reconcile.reconcile(tenant)
    assert Invoice.objects.get(reason="subscription_cycle").net_minor == 90000 == renewal.net_minor


def test_a_discount_is_not_paid_out_by_changing_the_interval(tenant: Tenant, buy: Buy) -> None:
    """Who paid nothing for his first month gets nothing back for it when he goes on by the year."""
    from decimal import Decimal

    from billing.services import agreements

    agreements.create_coupon("FREE1", percent_off=Decimal(100), duration="once", by="ops")
    buy(seats=10, coupon="FREE1")
    assert Invoice.objects.get(tenant=tenant).total_minor == 0
    preview = changes.preview_change(tenant, "professional", "year", 10)
    assert preview.now is not None and preview.now.net_minor == 300000
    changes.change_plan(tenant, "professional", "year", by="t", key="1")
    assert Invoice.objects.get(tenant=tenant, reason="subscription_update").net_minor == 300000


def test_an_amount_off_comes_back_with_the_unused_part_only(tenant: Tenant, buy: Buy, later: Later) -> None:
    from billing.services import agreements

    agreements.create_coupon("FIFTY", amount_off_minor=5000, currency="EUR", by="ops")
    buy(seats=10, coupon="FIFTY")
    assert Invoice.objects.get(tenant=tenant).net_minor == 25000
    later(15)
    changes.change_plan(tenant, "professional", "year", by="t", key="1")
    # half of what was paid for the month comes back: 125.00 of 250.00
    assert Invoice.objects.get(tenant=tenant, reason="subscription_update").net_minor == 300000 - 12500
