"""Ways to use the product without paying for it, or to pay without using it: each was possible once (decision 0011)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from billing.models import Invoice, Subscription
from billing.providers.builtin import changing, clock, collecting, cycle, document, portal
from billing.providers.builtin.cards import account, card
from billing.providers.builtin.models import Customer, PortalVisit
from billing.providers.builtin.models import Invoice as Issued
from billing.providers.builtin.models import Subscription as Held
from billing.services import changes, ending, payments, purchase, reconcile
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tests.billing.conftest import BAD_LATER, GOOD, START

Buy = Callable[..., Subscription]
Pass = Callable[[float], None]


@pytest.fixture
def days(tenant: Tenant) -> Pass:
    """Let days pass at the provider at once, and look at what came of it."""

    def act(count: float) -> None:
        clock.advance(timedelta(days=count))
        cycle.run_due()
        reconcile.reconcile(tenant)
        tenant.refresh_from_db()

    return act


def pay_with(tenant: Tenant, details: Any) -> None:
    """Another way to pay, chosen on the provider's page."""
    customer = Customer.objects.get(tenant_ref=str(tenant.pk))
    portal.change_method(PortalVisit(customer=customer, return_url="/", expires_at=clock.now()), details)


def test_a_transfer_is_charged_when_its_day_comes_and_a_card_is_there(
    tenant: Tenant, buy: Buy, days: Pass
) -> None:
    buy(seats=3, by_transfer=True, interval="year")
    invoice = Issued.objects.get()
    written = document.invoice_pdf(invoice)
    pay_with(tenant, card(GOOD, "12", "30", START.date()))
    days(13)
    assert Invoice.objects.get().state == "open"  # his transfer may be on its way
    days(1)
    assert Invoice.objects.get().state == "paid"
    assert document.invoice_pdf(Issued.objects.select_related("subscription").get()) == written


def test_a_debit_that_comes_back_after_a_transfer_stops_no_renewal(
    tenant: Tenant, buy: Buy, days: Pass
) -> None:
    buy(seats=1, card=BAD_LATER)
    days(30)
    pay_with(tenant, account("DE62370400440532013001"))
    reconcile.reconcile(tenant)
    unpaid = Invoice.objects.get(state="open")
    payments.book_bank_payment(unpaid.pk, unpaid.due_minor, reference="K1", by="ops")
    pay_with(tenant, card(GOOD, "12", "30", START.date()))
    days(4)
    assert (Subscription.objects.get().status, tenant.state) == ("active", "active")
    assert [p.state for p in unpaid.payments.filter(kind="sepa_debit")] == ["failed"]
    days(30)
    assert Invoice.objects.filter(state="paid").count() == 3


def test_who_owes_pays_before_he_buys_again(tenant: Tenant, buy: Buy, days: Pass) -> None:
    buy(seats=1, by_transfer=True)
    ending.cancel(tenant, reason="too dear", by="t")
    days(31)
    assert tenant.state == "canceled"
    for ask in (purchase.preview_purchase, partial(purchase.start_checkout, by="t")):
        with pytest.raises(TenantRefusal) as refused:
            ask(tenant, "professional", "month", 1)
        assert (refused.value.code, refused.value.status) == ("billing.unpaid", 409)
    assert Subscription.objects.count() == 1 and Invoice.objects.count() == 1
    pay_with(tenant, card(GOOD, "12", "30", START.date()))  # of a subscription that ended, too
    reconcile.reconcile(tenant)
    assert Invoice.objects.get().state == "paid"
    buy(seats=1)
    assert tenant.state == "active"


def test_a_cancellation_ends_the_year_that_was_paid_for(tenant: Tenant, buy: Buy, days: Pass) -> None:
    buy(seats=1)
    ending.cancel(tenant, reason="", by="t")
    days(3)
    changes.change_plan(tenant, "professional", "year", by="t", key="1")
    running = Subscription.objects.get()
    assert running.cancel_at == running.period_end == clock.now().replace(year=2027)
    days(40)
    assert (Subscription.objects.get().status, tenant.state) == ("active", "active")


def test_paying_late_gives_back_what_was_shut_and_no_more(tenant: Tenant, buy: Buy, days: Pass) -> None:
    """Due on day 14, suspended on day 28, two days before the period's end; paid on day 45."""
    buy(seats=1, by_transfer=True)
    for day in (14, 15, 16):
        days(day)
    unpaid = Invoice.objects.get()
    payments.book_bank_payment(unpaid.pk, unpaid.due_minor, reference="K1", by="ops")
    running = Subscription.objects.get()
    assert running.period_end == clock.now() + timedelta(days=2)
    days(2)
    assert Invoice.objects.latest("issued_at").issued_at == running.period_end
    # In time, or within the two weeks of grace: nothing is moved.
    following = Subscription.objects.get()
    days(20)
    late = Invoice.objects.get(state="open")
    payments.book_bank_payment(late.pk, late.due_minor, reference="K2", by="ops")
    assert Subscription.objects.get().period_end == following.period_end


def test_a_renewal_that_waited_for_a_payment_has_its_day(tenant: Tenant, buy: Buy, days: Pass) -> None:
    """Seats are overdue when the month ends: the next one is invoiced once they are paid, from where this one ended."""
    buy(seats=1, by_transfer=True)
    first = Invoice.objects.get()
    payments.book_bank_payment(first.pk, first.due_minor, reference="K1", by="ops")
    days(10)
    changes.set_seats(tenant, 2, by="t", key="1")
    days(15)
    days(9)
    more = Invoice.objects.get(reason="subscription_update")
    payments.book_bank_payment(more.pk, more.due_minor, reference="K2", by="ops")
    days(0)
    renewal = Invoice.objects.get(reason="subscription_cycle")
    assert renewal.issued_at == clock.now() and renewal.due_at == clock.now() + timedelta(days=14)
    line = renewal.lines.get()
    assert line.period_start == START + timedelta(days=30)


def test_a_cheaper_plan_at_once_lowers_what_is_still_owed(tenant: Tenant, buy: Buy, days: Pass) -> None:
    buy(seats=4, by_transfer=True)
    held = Held.objects.get()
    cheap = type(held.price).objects.get(pk="starter_v1_month_eur")
    owed = Issued.objects.get().due_minor
    changing.change_now(held, cheap, 4, clock.now())
    invoice = Issued.objects.get()
    assert (owed, invoice.credited_minor, invoice.status) == (14280, 7140, "open")
    assert invoice.due_minor == 4 * 1500 * 119 // 100


def test_one_that_breaks_keeps_no_other_renewal_back(
    tenant: Tenant, buy: Buy, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(seats=1)
    good = Held.objects.get()
    customer = Customer.objects.create(
        id="cus_b", tenant_ref="b", created_at=START, name="B", email="b@b.test"
    )
    broken = Held.objects.create(
        id="sub_b", customer=customer, status="active", collection="charge", price=good.price, seats=1,
        anchor=START, started_at=START - timedelta(days=31),
        period_start=START - timedelta(days=31), period_end=START - timedelta(hours=1),
        addons={"gone": 1},
    )  # fmt: skip
    clock.advance(timedelta(days=31))
    assert cycle.run_due() == {good.customer_id}
    good.refresh_from_db()
    broken.refresh_from_db()
    assert good.period_end > clock.now() and broken.period_end < START
    assert collecting.default_method(customer) is None and not customer.invoices.exists()
