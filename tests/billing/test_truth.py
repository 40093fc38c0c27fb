"""Whatever becomes of the events, the mirror ends as the provider's truth (SAAS.md §3.5, B2, B4)."""

from __future__ import annotations

import csv
import io
import time
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import CreditNote, Dispute, Invoice, LedgerEntry, Payment, Subscription
from billing.money.rounding import percent
from billing.providers import provider_named
from billing.providers.builtin import cards, checkout, clock, cycle, portal
from billing.providers.builtin.models import Customer, OutboundEvent, PortalVisit
from billing.providers.interface import DisputeState, InvoiceState, ProviderError
from billing.services import booking_export, bookkeeping, inbox, ledger, lifecycle, purchase, reconcile, terms
from billing.standing import Facts, standing_at
from billing.webhooks.signature import sign
from tenants.errors import TenantRefusal
from tenants.models import Tenant
from tests.billing.conftest import GOOD, START

ACTS = (
    "pay",
    "grow",
    "shrink",
    "add",
    "take away",
    "cancel",
    "resume",
    "bad card",
    "good card",
    "month",
    "day",
    "transfer",
    "end",
    "credit",
    "pay out",
    "disputing card",
    "debit",
    "use",
)
ADD_ON, MAILS = "storage_10_v1_month_eur", "emails_beyond_v1_month_eur"
CARDS = {"bad card": "4000000000000341", "good card": GOOD, "disputing card": "4000000000000259"}
FATES = ("deliver", "twice", "late", "lose")


def act(tenant: Tenant, name: str) -> None:
    """Something happens at the provider, without our services knowing."""
    agent = provider_named("builtin")
    customer = Customer.objects.filter(tenant_ref=str(tenant.pk)).first()
    known = agent.subscriptions_of(customer.pk) if customer else []
    live = next((s for s in known if s.status != "ended"), None)
    key = f"{name}:{OutboundEvent.objects.count()}:{time.monotonic_ns()}"
    try:
        if name == "pay":
            if live is None:
                page = purchase.start_checkout(tenant, "professional", "month", 3, by="t")
                year = clock.now().year + 2
                checkout.pay(page.id, cards.card(GOOD, "12", str(year), clock.now().date()))
        elif name in ("month", "day"):
            clock.advance(timedelta(days=31 if name == "month" else 1))
            cycle.run_due()
        elif live is None or customer is None:
            return
        elif name == "grow":
            agent.change_now(live.id, live.lookup_key, live.seats + 1, key)
        elif name == "shrink":
            agent.change_at_renewal(live.id, live.lookup_key, max(live.seats - 1, 1), key)
        elif name == "add":
            more = {ADD_ON: live.addons.get(ADD_ON, 0) + 2}
            agent.change_now(live.id, live.lookup_key, live.seats, key, more)
        elif name == "take away":
            fewer = {ADD_ON: max(live.addons.get(ADD_ON, 0) - 1, 0)}
            agent.change_at_renewal(live.id, live.lookup_key, live.seats, key, fewer)
        elif name in ("cancel", "end"):
            agent.cancel(live.id, at_once=name == "end", reason="x", key=key)
        elif name == "resume":
            agent.resume(live.id, key)
        elif name == "transfer":
            unpaid = next((i for i in agent.invoices_of(customer.pk) if i.status == "open"), None)
            if unpaid is not None:
                agent.book_payment(unpaid.id, owed(unpaid), key, key)
        elif name == "credit":
            last = agent.invoices_of(customer.pk)[-1]
            rest = last.total_minor - sum(credit.total_minor for credit in last.credits)
            agent.credit(last.id, -(-rest // 3), "sorry", key)
        elif name == "pay out":
            ours = next((i for i in agent.invoices_of(customer.pk) if owed(i) < 0), None)
            if ours is not None:
                agent.book_refund(ours.id, -owed(ours), key, key)
        elif name == "use":
            if MAILS not in live.addons:
                agent.change_now(live.id, live.lookup_key, live.seats, key, {**live.addons, MAILS: 1})
            agent.report_usage(customer.pk, "emails_per_day", 1234, clock.now(), key)
        else:
            visit = PortalVisit(customer=customer, return_url="/", expires_at=clock.now())
            details = (
                cards.account("DE89370400440532013000")
                if name == "debit"
                else cards.card(CARDS[name], "12", str(clock.now().year + 2), clock.now().date())
            )
            portal.change_method(visit, details)
    except (
        TenantRefusal
    ) as refused:  # our mirror has not heard of the end yet: the hourly reconcile repairs it
        assert name == "pay" and refused.code in ("plan.subscribed", "billing.unpaid")
    except ProviderError as refused:
        assert refused.code in ("payment.declined", "provider.invalid", "checkout.subscribed")


def owed(invoice: InvoiceState) -> int:
    """What is open of an invoice; below zero what goes back."""
    back = sum(p.amount_minor for p in invoice.payments if p.status == "refunded")
    credited = sum(credit.total_minor for credit in invoice.credits)
    return invoice.total_minor - invoice.paid_minor - credited + back


def deliver(fates: list[str], kept: list[OutboundEvent]) -> None:
    """Bring the new events in the order and number `fates` says; the late ones come with a later call."""
    fresh = list(OutboundEvent.objects.filter(finished_at=None).order_by("created_at", "id"))
    OutboundEvent.objects.filter(pk__in=[e.pk for e in fresh]).update(finished_at=clock.now())
    queue = [*kept]
    kept.clear()
    for number, event in enumerate(fresh):
        fate = fates[number % len(fates)]
        queue += [event] * {"deliver": 1, "twice": 2}.get(fate, 0)
        if fate == "late":
            kept.append(event)
    secret = clock.installation().webhook_secret
    for event in reversed(queue):
        body = event.body.encode()
        inbox.receive("builtin", body, sign(body, secret, int(time.time())))
    inbox.process_waiting()


def compare(tenant: Tenant) -> None:
    """The mirror is the provider's truth, and the state follows from it."""
    agent = provider_named("builtin")
    customer = Customer.objects.get(tenant_ref=str(tenant.pk))
    truth = {
        s.id: (s.status, s.seats, s.lookup_key, s.period_end, s.cancel_at, s.next_seats)
        for s in agent.subscriptions_of(customer.pk)
    }
    rows = Subscription.objects.filter(tenant=tenant).select_related("price__version__plan")
    assert {
        s.provider_id: (s.status, s.seats, s.price.lookup_key, s.period_end, s.cancel_at, s.next_seats)
        for s in rows
    } == truth
    addons = {s.id: (dict(s.addons), s.next_addons) for s in agent.subscriptions_of(customer.pk)}
    for row in rows:
        now, later = addons[row.provider_id]
        assert terms.items_of(row) == now
        assert terms.items_of(row, later=True) == (now if later is None else later)
    invoices = {
        i.id: (i.status, i.total_minor, i.paid_minor, i.attempts, i.failed_at)
        for i in agent.invoices_of(customer.pk)
    }
    mirrored = Invoice.objects.filter(tenant=tenant)
    assert {
        i.provider_id: (i.state, i.total_minor, i.paid_minor, i.attempts, i.failed_at) for i in mirrored
    } == invoices
    paid = sum(i[2] for i in invoices.values())
    received = Payment.objects.filter(invoice__tenant=tenant, state="succeeded")
    assert sum(received.values_list("amount_minor", flat=True)) == paid
    credits = {c.id: c.total_minor for i in agent.invoices_of(customer.pk) for c in i.credits}
    noted = CreditNote.objects.filter(invoice__tenant=tenant)
    assert dict(noted.values_list("provider_id", "total_minor")) == credits
    disputes = {d.id: (d.status, d.amount_minor, d.invoice_id) for d in agent.disputes_of(customer.pk)}
    known = Dispute.objects.filter(tenant=tenant).select_related("invoice")
    assert {
        d.provider_id: (d.state, d.amount_minor, d.invoice.provider_id if d.invoice else "") for d in known
    } == disputes
    prove(tenant, agent.invoices_of(customer.pk), agent.disputes_of(customer.pk))
    tenant.refresh_from_db()
    moment = clock.now()
    facts: Facts = lifecycle.facts_of(lifecycle.load(tenant.pk), moment)
    assert tenant.state == standing_at(facts, moment).state


def prove(tenant: Tenant, invoices: list[InvoiceState], disputes: list[DisputeState]) -> None:
    """The customer's account reconciles to zero with what the provider says, and nothing is missing."""
    assert ledger.verify(tenant) == []
    assert not any(ledger.difference(tenant).values())
    lost = sum(d.amount_minor for d in disputes if d.status == "lost")
    assert ledger.balances(tenant) == {"EUR": sum(owed(i) for i in invoices) + lost}
    for invoice in invoices:
        paid_back = sum(p.amount_minor for p in invoice.payments if p.status == "refunded")
        taken_back = sum(
            d.amount_minor for d in disputes if d.status == "lost" and d.invoice_id == invoice.id
        )
        assert paid_back + taken_back <= invoice.paid_minor  # nobody has his money twice
        assert invoice.net_minor == sum(line.net_minor for line in invoice.lines)
        assert invoice.total_minor == invoice.net_minor + invoice.tax_minor
        assert invoice.tax_minor == percent(invoice.net_minor, invoice.tax_rate)
        credited = sum(credit.total_minor for credit in invoice.credits)
        assert sum(credit.net_minor + credit.tax_minor for credit in invoice.credits) == credited
        if credited == invoice.total_minor:
            assert sum(credit.tax_minor for credit in invoice.credits) == invoice.tax_minor
    rows = bookkeeping.documents(START, clock.now() + timedelta(days=1))
    numbers = [row.number for row in rows]
    assert len(set(numbers)) == len(numbers) == len(invoices) + sum(len(i.credits) for i in invoices)
    assert bookkeeping.missing_numbers() == []
    sums = bookkeeping.tax_sums(rows)
    assert [(s.treatment, s.rate) for s in sums] == [("standard", Decimal(19))]
    prove_files(tenant, rows)
    noted = [credit for invoice in invoices for credit in invoice.credits]
    assert sums[0].net_minor == sum(i.net_minor for i in invoices) - sum(c.net_minor for c in noted)
    assert sums[0].tax_minor == sum(i.tax_minor for i in invoices) - sum(c.tax_minor for c in noted)


def prove_files(tenant: Tenant, rows: list[bookkeeping.Document]) -> None:
    """What the tax adviser gets, in either layout, adds up to the customer's account, line by line and as a whole."""
    for layout, comma in ((booking_export.PLAIN, "."), (booking_export.GERMAN, ",")):
        tables = []
        for columns, write, found in (
            (booking_export.DOCUMENT_COLUMNS, booking_export.write_documents, rows),
            (booking_export.MOVEMENT_COLUMNS, booking_export.write_movements,
             bookkeeping.movements(START, clock.now() + timedelta(days=1))),
        ):  # fmt: skip
            out = io.StringIO()
            write(out, found, layout)  # type: ignore[operator]
            lines = list(csv.reader(io.StringIO(out.getvalue()), delimiter=layout.delimiter))[1:]
            tables.append([dict(zip(columns, line, strict=True)) for line in lines])
        documents, moved = tables

        def amount(text: str, comma: str = comma) -> Decimal:
            return Decimal(text.replace(comma, ".") or 0)

        for line in documents:
            assert amount(line["net"]) + amount(line["vat"]) == amount(line["gross"])
        owed = sum(amount(r["gross"]) - amount(r["paid"]) for r in documents)
        balance = Decimal(sum(ledger.balances(tenant).values())) / 100
        assert owed == sum(amount(r["amount"]) for r in moved) == balance
        booked = LedgerEntry.objects.filter(tenant=tenant, kind__in=["invoice", "credit_note"])
        assert {r["number"]: round(amount(r["gross"]) * 100) for r in documents} == dict(
            booked.values_list("document", "amount_minor")
        )


story = st.lists(
    st.tuples(st.sampled_from(ACTS), st.lists(st.sampled_from(FATES), min_size=1, max_size=5)), max_size=7
)


@settings(
    max_examples=16,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story)
def test_any_order_loss_and_duplication_ends_in_the_truth(
    tenant: Tenant, told: list[tuple[str, list[str]]]
) -> None:
    point = transaction.savepoint()
    kept: list[OutboundEvent] = []
    try:
        for name, fates in [("pay", ["deliver"]), *told]:
            act(tenant, name)
            deliver(fates, kept)
        reconcile.reconcile(tenant)
        compare(tenant)
        deliver(["lose"], kept)  # those that were late come after all
        compare(tenant)
        assert reconcile.reconcile(tenant) == 0
    finally:
        transaction.savepoint_rollback(point)
        tenant.refresh_from_db()
