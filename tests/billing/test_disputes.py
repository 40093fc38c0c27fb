"""Payments a customer's bank takes back: who is told, what the pages say, and that nobody gets his money twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from billing.models import Dispute, Invoice, LedgerEntry, Subscription
from billing.providers.builtin import collecting
from billing.providers.builtin.models import Dispute as Undecided
from billing.services import clock, ledger, payments, reconcile
from onboarding.models import OutgoingMail
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tenants.operator.models import Role
from tests.billing.conftest import BAD_LATER, told
from tests.billing.test_pages import signed_in
from tests.tenants import operators

Buy = Callable[..., Subscription]
Later = Callable[[float], None]
DISPUTING = "4000000000000259"


def entries(tenant: Tenant) -> list[tuple[str, int]]:
    rows = LedgerEntry.objects.filter(tenant=tenant).order_by("number")
    return list(rows.values_list("kind", "amount_minor"))


def owed(tenant: Tenant) -> int:
    assert not any(ledger.difference(tenant).values())
    return ledger.balances(tenant)["EUR"]


def decide(*, won: bool, tenant: Tenant) -> None:
    collecting.decide(Undecided.objects.get(status="open"), clock.now(), won=won)
    reconcile.reconcile(tenant)
    tenant.refresh_from_db()


def page(tenant: Tenant) -> str:
    return signed_in(tenant).get("/billing/").content.decode()


def test_a_dispute_says_what_happened_what_it_means_and_what_to_do(
    tenant: Tenant, buy: Buy, later: Later
) -> None:
    buy(seats=10, card=DISPUTING)
    assert (tenant.state, tenant.entitlements["access"], tenant.entitlements["dispute"]) == (
        "past_due", "full", "open",
    )  # fmt: skip
    client = signed_in(tenant)
    assert entries(tenant)[-1] == ("payment", -35700)  # nothing is decided yet
    shown = client.get("/billing/").content.decode()
    for words in (
        "A payment of €357.00 is disputed at your bank", "On April 1, 2026", "invoice R-2026-00001", "until April 11, 2026",
        "Everybody can go on working", "ask your bank to withdraw the dispute", "write to",
    ):  # fmt: skip
        assert words in shown, words
    assert "is not paid" not in shown and "Payment disputed" in shown and ">Disputed<" in shown
    workspace = client.get("/api/v1/session").json()["workspace"]
    assert (workspace["state"], workspace["next_state_at"], workspace["dispute"]) == (
        "past_due",
        None,
        "open",
    )
    later(11)
    shown = client.get("/billing/").content.decode()
    for words in (
        "Your bank took a payment of €357.00 back", "It decided so on April 11, 2026", "Invoice R-2026-00001 is open again",
        "transfer €357.00", ">Open again<",
    ):  # fmt: skip
        assert words in shown, words
    assert (tenant.state, tenant.entitlements["dispute"], owed(tenant)) == ("past_due", "lost", 35700)


def test_customer_and_operators_are_told_once(tenant: Tenant, buy: Buy, later: Later) -> None:
    operators.make("money@example.com", Role.BILLING)
    operators.make("looks@example.com", Role.READ_ONLY)
    gone, _secret = operators.make("left@example.com", Role.OPERATOR)
    gone.user.is_active = False
    gone.user.save()
    buy(seats=1, card=DISPUTING)
    reconcile.reconcile(tenant)
    (mail,) = OutgoingMail.objects.filter(to="money@example.com")
    assert mail.subject == "Dispute: Acme Ltd, €35.70"
    invoice = Invoice.objects.get(tenant=tenant)
    for words in (
        "April 11, 2026",
        "R-2026-00001",
        f"ops.localhost:8000/invoices/{invoice.pk}/".split(":")[0],
    ):
        assert words in mail.text, mail.text
    assert not OutgoingMail.objects.filter(to__in=["looks@example.com", "left@example.com"]).exists()
    later(11)
    later(1)
    subjects = OutgoingMail.objects.filter(to="money@example.com").order_by("created_at")
    assert [m.subject.split(":")[0] for m in subjects] == ["Dispute", "Dispute lost"]
    to_customer = [
        kind for kind in told(tenant) if kind.startswith("dispute") and not kind.endswith("operator")
    ]
    assert to_customer == ["dispute_opened", "dispute_lost"]


def test_the_console_marks_it_until_it_is_settled(tenant: Tenant, buy: Buy, later: Later) -> None:
    operator = operators.signed_in("money@example.com", Role.BILLING)
    assert "payment disputed" not in operator.get("/").content.decode()
    buy(seats=1, card=DISPUTING)
    invoice = Invoice.objects.get(tenant=tenant)
    for path, words in (
        ("/", "payment disputed"), ("/?state=attention", "payment disputed"), ("/tenants.csv", "payment disputed"),
        (f"/tenants/{tenant.pk}/", f"/invoices/{invoice.pk}/"), (f"/tenants/{tenant.pk}/", "35.70 EUR"), (f"/?q={invoice.number}", "Acme Ltd"),
        ("/figures/", "35.70 EUR; 0 of them taken back"), ("/invoices/?state=disputed", invoice.number),
    ):  # fmt: skip
        assert words in operator.get(path).content.decode(), (path, words)
    later(11)
    assert "payment taken back" in operator.get("/").content.decode()
    answer = operator.post(
        f"/invoices/{invoice.pk}/", {"act": "payment", "amount": "35.70", "reference": "KTO 4711"}
    )
    assert answer.status_code == 302, answer.content.decode()
    tenant.refresh_from_db()
    assert (tenant.state, owed(tenant), told(tenant)[-1]) == ("active", 0, "dispute_settled")
    assert "nothing is disputed" in operator.get("/figures/").content.decode()
    assert "payment taken back" not in operator.get("/").content.decode()
    assert entries(tenant)[-2:] == [("chargeback", 3570), ("payment", -3570)]


def test_a_lost_dispute_is_settled_by_a_credit_that_pays_nothing_back(
    tenant: Tenant, buy: Buy, later: Later
) -> None:
    buy(seats=10, card=DISPUTING)
    later(11)
    payments.credit(Invoice.objects.get(tenant=tenant).pk, 35700, reason="settled", by="ops")
    tenant.refresh_from_db()
    assert (tenant.state, owed(tenant)) == ("active", 0)
    assert entries(tenant)[-2:] == [("chargeback", 35700), ("credit_note", -35700)]


@pytest.mark.parametrize(("won", "kinds"), [
    (False, ["credit_note", "chargeback"]),  # the bank gave the money back: we do not
    (True, ["credit_note", "chargeback_won", "refund"]),
])  # fmt: skip
def test_a_credit_while_the_bank_decides_is_paid_back_once(
    tenant: Tenant, buy: Buy, won: bool, kinds: list[str]
) -> None:
    buy(seats=10, card=DISPUTING)
    invoice = Invoice.objects.get(tenant=tenant)
    payments.credit(invoice.pk, 35700, reason="sorry", by="ops")
    invoice.refresh_from_db()
    assert "refund" not in payments.possible(invoice)
    with pytest.raises(TenantRefusal, match="customer's favour"):
        payments.pay_out(invoice.pk, 35700, reference="KTO 1", by="ops")
    decide(won=won, tenant=tenant)
    assert sorted(kind for kind, _amount in entries(tenant)[2:]) == sorted(kinds)
    assert (tenant.state, owed(tenant)) == ("active", 0)


def test_no_more_is_booked_than_was_taken_back(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1, card=DISPUTING)
    later(11)
    invoice = Invoice.objects.get(tenant=tenant)
    with pytest.raises(TenantRefusal):
        payments.book_bank_payment(invoice.pk, 3571, reference="KTO 1", by="ops")
    payments.book_bank_payment(invoice.pk, 3000, reference="KTO 1", by="ops")
    tenant.refresh_from_db()
    assert (tenant.state, owed(tenant)) == ("past_due", 570)


def test_a_dispute_decided_for_us_is_over(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1, card=DISPUTING)
    decide(won=True, tenant=tenant)
    assert (tenant.state, entries(tenant)[-1]) == ("active", ("chargeback_won", 0))
    assert owed(tenant) == 0 and told(tenant)[-1] == "dispute_settled"
    assert not Dispute.unsettled().exists() and "disputed" not in page(tenant)


def test_an_invoice_paid_late_is_still_told_as_paid(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1, card=BAD_LATER)
    later(31)
    invoice = Invoice.objects.get(tenant=tenant, state="open")
    payments.book_bank_payment(invoice.pk, invoice.due_minor, reference="KTO 1", by="ops")
    assert told(tenant)[-1] == "paid_again"
