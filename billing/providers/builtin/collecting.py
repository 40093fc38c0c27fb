"""Collects what an invoice says: charges, mandates, transfers, and what follows when they fail."""

from __future__ import annotations

from datetime import datetime, timedelta

from billing.providers.builtin.events import emit
from billing.providers.builtin.models import (
    Customer,
    Dispute,
    Invoice,
    Method,
    Payment,
    Subscription,
    new_id,
)
from billing.standing import RETRY_DAYS, SUSPENDED_AFTER_FAILURE

#: Banks take that long to say that a direct debit went through; until then it is neither paid nor failed.
SEPA_SETTLES = timedelta(days=3)
#: How long a bank takes to decide about a payment its customer disputes.
DISPUTE_DECIDED = timedelta(days=10)


class Declined(Exception):
    """The charge did not go through; `code` is the bank's word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def default_method(customer: Customer) -> Method | None:
    """What is charged when nothing else is said."""
    return customer.methods.filter(is_default=True).first()


def decline_code(method: Method | None, *, renewal: bool) -> str:
    """Why a charge on `method` fails now, or an empty text when it does not."""
    if method is None:
        return "no_payment_method"
    if method.behaviour == "decline":
        return "card_declined"
    if method.behaviour == "decline_renewal" and renewal:
        return "insufficient_funds"
    return ""


def collect(invoice: Invoice, at: datetime, *, renewal: bool) -> None:
    """Take one step to get an open invoice paid: charge, start a debit, or wait for the transfer.

    A failed charge is noted with the time of the next try (days 1, 3, 5, 7 after the first failure, ASP-20).
    """
    if invoice.status != "open":
        return
    if invoice.due_minor <= 0:
        settle(invoice, at)
        return
    if invoice.subscription.collection == "invoice":
        return
    if invoice.payments.filter(status="processing").exists():
        return
    method = default_method(invoice.customer)
    if method is not None and method.kind == "sepa_debit":
        Payment.objects.create(
            id=new_id("py"),
            invoice=invoice,
            status="processing",
            amount_minor=invoice.due_minor,
            kind=method.kind,
            at=at,
            settles_at=at + SEPA_SETTLES,
            will_fail=bool(decline_code(method, renewal=renewal)),
        )
        invoice.next_attempt_at = None
        invoice.save(update_fields=["next_attempt_at"])
        return
    kind = method.kind if method else ""
    code = decline_code(method, renewal=renewal)
    if code:
        note_failure(invoice, at, kind, code)
        return
    receive(invoice, invoice.due_minor, at, kind, "")


def receive(invoice: Invoice, amount_minor: int, at: datetime, kind: str, reference: str) -> Payment:
    """Note money that arrived; when it is enough the invoice is paid."""
    payment = Payment.objects.create(
        id=new_id("py"),
        invoice=invoice,
        status="succeeded",
        amount_minor=amount_minor,
        kind=kind,
        reference=reference[:200],
        at=at,
    )
    arrived(invoice, payment, at)
    return payment


def arrived(invoice: Invoice, payment: Payment, at: datetime) -> None:
    """Count money that is there; when it is enough the invoice is paid, and what is too much goes back."""
    invoice.paid_minor += payment.amount_minor
    invoice.save(update_fields=["paid_minor"])
    if invoice.due_minor <= 0 and invoice.status == "open":
        settle(invoice, at)
    else:
        emit("invoice.updated", invoice)
    give_back_surplus(invoice, at, payment)
    method = default_method(invoice.customer)
    if payment.kind == "card" and method is not None and method.behaviour == "dispute":
        _dispute(payment, at)


def give_back_surplus(invoice: Invoice, at: datetime, last: Payment | None = None) -> None:
    """Pay back what is paid beyond what is owed, the way it came: by what arrived `last`. A transfer's stays in the
    customer's favour until somebody sends it and notes that (`pay_out`)."""
    surplus = -invoice.due_minor - _held_by_banks(invoice)
    if last is None:
        last = invoice.payments.filter(status="succeeded").order_by("-at", "-id").first()
    if surplus <= 0 or last is None or last.kind == "bank_transfer":
        return
    pay_out(invoice, surplus, at, last.kind, "")


def _held_by_banks(invoice: Invoice) -> int:
    """What is being disputed: paid back by us as well, the customer would have it twice."""
    disputes = Dispute.objects.filter(payment__invoice=invoice, status="open")
    return sum(disputes.values_list("amount_minor", flat=True))


def pay_out(invoice: Invoice, amount_minor: int, at: datetime, kind: str, reference: str) -> Payment:
    """Note money that went back. Raises ValueError for more than is in the customer's favour."""
    if not 0 < amount_minor <= -invoice.due_minor - _held_by_banks(invoice):
        raise ValueError("More than is in the customer's favour.")
    refund = Payment.objects.create(
        id=new_id("re"),
        invoice=invoice,
        status="refunded",
        amount_minor=amount_minor,
        kind=kind,
        reference=reference[:200],
        at=at,
    )
    invoice.refunded_minor += amount_minor
    invoice.save(update_fields=["refunded_minor"])
    emit("charge.refunded", refund)
    return refund


def _dispute(payment: Payment, at: datetime) -> None:
    """The bank takes back what is still with us of a payment."""
    kept = min(payment.amount_minor, payment.invoice.paid_minor - payment.invoice.refunded_minor)
    if kept <= 0:
        return
    row = Dispute.objects.create(
        id=new_id("dp"),
        payment=payment,
        amount_minor=kept,
        reason="fraudulent",
        opened_at=at,
        decided_at=at + DISPUTE_DECIDED,
    )
    emit("charge.dispute.created", row)


def decide(row: Dispute, at: datetime, *, won: bool) -> None:
    """The bank's word: the money stays (`won`) or is gone."""
    row.status, row.closed_at = ("won" if won else "lost"), at
    row.save(update_fields=["status", "closed_at"])
    invoice = Invoice.objects.select_for_update().get(pk=row.payment.invoice_id)
    if not won:
        invoice.charged_back_minor += row.amount_minor
        invoice.save(update_fields=["charged_back_minor"])
    emit("charge.dispute.closed", row)
    give_back_surplus(invoice, at)


def settle(invoice: Invoice, at: datetime) -> None:
    """Close an invoice nothing is owed on any more, and wake the subscription when all are closed."""
    invoice.status, invoice.paid_at, invoice.next_attempt_at = "paid", at, None
    invoice.save(update_fields=["status", "paid_at", "next_attempt_at"])
    emit("invoice.paid", invoice)
    _recover(invoice.subscription, at)


def note_failure(
    invoice: Invoice, at: datetime, kind: str, code: str, payment: Payment | None = None
) -> None:
    """A charge failed, a debit (`payment`) came back, or a transfer did not come in time.

    An invoice that was settled otherwise while the debit was on its way stays settled.
    """
    if payment is not None:
        payment.status, payment.reference = "failed", code
        payment.save(update_fields=["status", "reference"])
        if invoice.status != "open":
            emit("invoice.updated", invoice)
            return
    elif kind != "bank_transfer":
        Payment.objects.create(
            id=new_id("py"),
            invoice=invoice,
            status="failed",
            amount_minor=invoice.due_minor,
            kind=kind,
            reference=code,
            at=at,
        )
    first = invoice.failed_at or at
    invoice.failed_at = first
    invoice.attempts += 1
    done = invoice.attempts - 1
    invoice.next_attempt_at = first + timedelta(days=RETRY_DAYS[done]) if done < len(RETRY_DAYS) else None
    invoice.save(update_fields=["failed_at", "attempts", "next_attempt_at"])
    subscription = invoice.subscription
    if subscription.status in {"active", "past_due"}:
        status = "past_due" if invoice.next_attempt_at else "unpaid"
        if status != subscription.status:
            subscription.status = status
            subscription.save(update_fields=["status"])
            emit("customer.subscription.updated", subscription)
    emit("invoice.payment_failed", invoice)


def _recover(subscription: Subscription, at: datetime) -> None:
    if subscription.status not in {"past_due", "unpaid"}:
        return
    if subscription.invoices.filter(status="open", failed_at__isnull=False).exists():
        return
    subscription.status = "active"
    if lost := _locked_out(subscription, at):
        # Nobody pays for time in which nobody could work, and nobody gets more than that for paying late.
        if subscription.cancel_at is not None:
            subscription.cancel_at += lost
        subscription.period_start += lost
        subscription.period_end += lost
        subscription.anchor = subscription.period_end
    subscription.save(update_fields=["status", "anchor", "period_start", "period_end", "cancel_at"])
    emit("customer.subscription.updated", subscription)


def _locked_out(subscription: Subscription, at: datetime) -> timedelta:
    """How long the workspace was suspended for the invoices whose last one was paid just now (`at`)."""
    failed = subscription.invoices.filter(failed_at__isnull=False, paid_at__isnull=False)
    total, began, counted = timedelta(0), at, at
    for invoice in failed.order_by("-paid_at"):
        failed_at, paid_at = invoice.failed_at, invoice.paid_at
        if (
            failed_at is None or paid_at is None or paid_at < began
        ):  # that one was over before: its time was added then
            break
        began, suspended = min(began, failed_at), failed_at + SUSPENDED_AFTER_FAILURE
        total += max(timedelta(0), min(paid_at, counted) - suspended)
        counted = min(counted, suspended)
    return total
