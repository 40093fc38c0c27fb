"""What an operator does about an invoice: book a transfer, credit, charge again (ASP-20.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from billing.providers.interface import BillingProvider, InvoiceState
from billing.services import clock, lifecycle, notices, profile, projection
from billing.services.purchase import told
from tenants.errors import TenantRefusal


def _change(invoice_id: UUID, cause: str, act: Callable[[BillingProvider, Invoice], InvoiceState]) -> Invoice:
    """Let the provider change an invoice, then mirror it and the subscription it belongs to."""
    found = Invoice.objects.select_related("tenant").filter(pk=invoice_id).first()
    if found is None:
        raise TenantRefusal("invoice.unknown", _("There is no such invoice."), status=404)
    with profile.locked(found.tenant) as buyer, told():
        found.refresh_from_db()
        agent = profile.provider_of(buyer)
        state = act(agent, found)
        projection.apply_invoice(buyer, state)
        if state.subscription_id:
            projection.apply_subscription(buyer, agent.fetch_subscription(state.subscription_id))
        lifecycle.refresh(found.tenant_id, cause)
        notices.announce_invoices(found.tenant)
    found.refresh_from_db()
    return found


def possible(invoice: Invoice) -> list[str]:
    """What an operator can do about an invoice now: `payment`, `retry`, `refund`, `credit`."""
    found = []
    if invoice.due_minor > 0 or (invoice.state == "paid" and invoice.provider == "builtin"):
        found.append("payment")
    if (
        invoice.due_minor > 0
        and invoice.state == "open"
        and invoice.failed_at is not None
        and invoice.payments.exclude(kind="bank_transfer").exists()
    ):
        found.append("retry")
    if invoice.balance_minor + invoice.disputed_minor < 0:
        found.append("refund")
    if invoice.state in ("open", "paid") and invoice.credited_minor < invoice.total_minor:
        found.append("credit")
    return found


def book_bank_payment(
    invoice_id: UUID, amount_minor: int, *, reference: str, by: str, surplus: bool = False
) -> Invoice:
    """Note a transfer seen on the bank statement. The same reference on the same invoice is one payment.

    Who transferred too much, or twice, has the rest in his favour when that is said to be meant (`surplus`); it is
    credited to him until `pay_out`.

    Raises TenantRefusal 404 `invoice.unknown`, 422 `payment.reference`, 409 `payment.amount`.
    """
    reference = _reference(reference)
    mark = hashlib.sha256(f"{invoice_id}\n{reference}".encode()).hexdigest()[:40]

    def act(agent: BillingProvider, invoice: Invoice) -> InvoiceState:
        known = invoice.payments.filter(reference=reference, state="succeeded").exists()
        if not known and (amount_minor <= 0 or (amount_minor > invoice.due_minor and not surplus)):
            message = _("The invoice is not open, or less is owed.")
            raise TenantRefusal("payment.amount", message, status=409, field="amount", due=invoice.due_minor)
        name = f"transfer:{mark}"
        return agent.book_payment(invoice.provider_id, amount_minor, reference, key=name, surplus=surplus)

    return _change(invoice_id, f"transfer booked by {by}", act)


def credit(invoice_id: UUID, total_minor: int, *, reason: str, by: str, key: str = "") -> Invoice:
    """Write a credit note over `total_minor` (with tax); the same `key` is one note.

    Raises TenantRefusal 409 `credit.amount`, 422 `credit.reason`.
    """
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise TenantRefusal("credit.reason", _("Give a reason."), status=422, field="reason")

    def act(agent: BillingProvider, invoice: Invoice) -> InvoiceState:
        if not 0 < total_minor <= invoice.total_minor - invoice.credited_minor:
            message = _("More than is left of the invoice.")
            raise TenantRefusal("credit.amount", message, status=409, field="amount")
        name = key or f"{invoice.credited_minor}:{total_minor}"
        return agent.credit(
            invoice.provider_id, total_minor, reason, key=f"credit:{invoice.provider_id}:{name}"
        )

    return _change(invoice_id, f"credited by {by}", act)


def pay_out(invoice_id: UUID, amount_minor: int, *, reference: str, by: str) -> Invoice:
    """Note that what is in the customer's favour was sent to him. The same reference is one refund.

    Raises TenantRefusal 404 `invoice.unknown`, 422 `payment.reference`, 409 `refund.amount`.
    """
    reference = _reference(reference)
    mark = hashlib.sha256(f"{invoice_id}\n{reference}".encode()).hexdigest()[:40]

    def act(agent: BillingProvider, invoice: Invoice) -> InvoiceState:
        known = invoice.payments.filter(reference=reference, state="refunded").exists()
        if not known and not 0 < amount_minor <= -invoice.balance_minor - invoice.disputed_minor:
            message = _("That is more than is in the customer's favour.")
            raise TenantRefusal("refund.amount", message, status=409, field="amount")
        return agent.book_refund(invoice.provider_id, amount_minor, reference, key=f"payout:{mark}")

    return _change(invoice_id, f"paid out by {by}", act)


def _reference(text: str) -> str:
    clean = " ".join(text.split())[:200]
    if not clean:
        message = _("Give the reference of the bank statement.")
        raise TenantRefusal("payment.reference", message, status=422, field="reference")
    return clean


def retry(invoice_id: UUID, *, by: str) -> Invoice:
    """Charge the payment method again now. Raises TenantRefusal 402 `payment.declined`."""

    def act(agent: BillingProvider, invoice: Invoice) -> InvoiceState:
        return agent.retry_payment(invoice.provider_id, key=f"retry:{invoice.provider_id}:{clock.now()}")

    return _change(invoice_id, f"charged by {by}", act)
