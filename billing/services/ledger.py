"""The account of each customer, entry by entry: written from the mirrors, checked, and handed out as proof.

Whatever the provider told about an invoice is booked once, under the lock of the tenant's profile (projection calls
here). For every tenant and currency: invoices − credit notes − payments + refunds − what was written off = balance.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Sum

from billing.models import Dispute, Invoice, LedgerEntry, Payment, PaymentMethod
from billing.services import clock
from tenants.models import Tenant

Kind = LedgerEntry.Kind


@dataclass(frozen=True)
class Movement:
    """Something to be booked; `source` says what for, so that it is booked once. Amounts in minor units."""

    source: str
    kind: str
    at: datetime
    amount_minor: int
    document: str = ""


@dataclass(frozen=True)
class Fault:
    """An entry that is not as it was written: its number and what is wrong (`number`, `balance`, `hash`)."""

    number: int
    what: str


def note_invoice(invoice: Invoice) -> int:
    """Book what is new about an invoice: itself, credits, payments, refunds, dunning. Returns how many entries.

    Call with the tenant's profile locked.
    """
    if not invoice.number or invoice.state == Invoice.State.DRAFT:
        return 0
    return _book(invoice.tenant, invoice.currency, invoice, _movements(invoice))


def note_dispute(dispute: Dispute) -> int:
    """Book that a bank took a payment back, or that it stays with us after all. Call with the profile locked."""
    if dispute.state == Dispute.State.OPEN:
        return 0
    at = dispute.closed_at or clock.now()
    if dispute.state == Dispute.State.LOST:
        found = Movement(
            f"lost:{dispute.provider_id}", Kind.CHARGEBACK, at, dispute.amount_minor, dispute.reason
        )
    else:
        found = Movement(f"won:{dispute.provider_id}", Kind.CHARGEBACK_WON, at, 0, dispute.reason)
    return _book(dispute.tenant, dispute.currency, dispute.invoice, [found])


def _movements(invoice: Invoice) -> Iterator[Movement]:
    issued = invoice.issued_at or clock.now()
    yield Movement(f"invoice:{invoice.pk}", Kind.INVOICE, issued, invoice.total_minor, invoice.number)
    for credit in invoice.credit_notes.order_by("issued_at", "number"):
        yield Movement(
            f"credit:{credit.provider_id}",
            Kind.CREDIT_NOTE,
            credit.issued_at,
            -credit.total_minor,
            credit.number,
        )
    for payment in invoice.payments.order_by("at", "provider_id"):
        yield from _of_payment(payment)
    tried = invoice.payments.filter(state=Payment.State.FAILED).count()
    for step in range(tried + 1, invoice.attempts + 1 if invoice.failed_at else 0):
        at = invoice.failed_at if step == 1 and invoice.failed_at else clock.now()
        yield Movement(f"reminder:{invoice.pk}:{step}", Kind.REMINDER, at, 0, invoice.number)


def _of_payment(payment: Payment) -> Iterator[Movement]:
    pk, reference = payment.provider_id, payment.reference or payment.kind
    if payment.state == Payment.State.SUCCEEDED:
        yield Movement(f"payment:{pk}", Kind.PAYMENT, payment.at, -payment.amount_minor, reference)
    elif payment.state == Payment.State.REFUNDED:
        yield Movement(f"refund:{pk}", Kind.REFUND, payment.at, payment.amount_minor, reference)
    elif payment.state == Payment.State.FAILED:
        yield Movement(f"failed:{pk}", Kind.PAYMENT_FAILED, payment.at, 0, reference)


def _book(tenant: Tenant, currency: str, invoice: Invoice | None, movements: Iterable[Movement]) -> int:
    wanted = {movement.source: movement for movement in movements}
    known = dict(
        LedgerEntry.objects.filter(tenant=tenant, source__in=[*wanted]).values_list("source", "amount_minor")
    )
    fresh = [movement for source, movement in wanted.items() if source not in known]
    if invoice is not None and any(m.source == f"invoice:{invoice.pk}" for m in wanted.values()):
        fresh += _afterwards(tenant, invoice, wanted, known)
    if not fresh:
        return 0
    last = LedgerEntry.objects.filter(tenant=tenant).order_by("-number").first()
    number, previous = (last.number, last.hash) if last else (0, "")
    balance = balances(tenant).get(currency, 0)
    rows = []
    for movement in fresh:
        number, balance = number + 1, balance + movement.amount_minor
        row = LedgerEntry(
            tenant=tenant,
            number=number,
            kind=movement.kind,
            at=movement.at,
            booked_at=clock.now(),
            invoice=invoice,
            document=movement.document[:200],
            currency=currency,
            amount_minor=movement.amount_minor,
            balance_minor=balance,
            source=movement.source,
            previous_hash=previous,
        )
        row.hash = previous = _hash(row)
        rows.append(row)
    LedgerEntry.objects.bulk_create(rows)
    return len(rows)


def _afterwards(
    tenant: Tenant, invoice: Invoice, wanted: dict[str, Movement], known: dict[str, int]
) -> Iterator[Movement]:
    """What changed about something that is booked: a payment the bank returned, an amount the provider corrected, an
    invoice that was voided or given up (and perhaps paid after all)."""
    booked = LedgerEntry.objects.filter(tenant=tenant, invoice=invoice)
    amounts = dict(booked.values_list("source", "amount_minor"))
    for payment in invoice.payments.exclude(state=Payment.State.SUCCEEDED):
        pk = payment.provider_id
        if f"payment:{pk}" in amounts and f"returned:{pk}" not in amounts:
            amount = -amounts[f"payment:{pk}"]
            yield Movement(
                f"returned:{pk}",
                Kind.PAYMENT_RETURNED,
                clock.now(),
                amount,
                payment.reference or payment.kind,
            )
    for source, amount in known.items():
        corrected = sum(a for name, a in amounts.items() if name.startswith(f"correction:{source}:"))
        if source in wanted and wanted[source].amount_minor != amount + corrected:
            steps = sum(name.startswith(f"correction:{source}:") for name in amounts)
            yield Movement(
                f"correction:{source}:{steps + 1}", Kind.CORRECTION, clock.now(),
                wanted[source].amount_minor - amount - corrected, wanted[source].document,
            )  # fmt: skip
    given_up = invoice.state in (Invoice.State.VOID, Invoice.State.UNCOLLECTIBLE)
    off = -sum(a for name, a in amounts.items() if name.startswith(f"write_off:{invoice.pk}:"))
    target = max(invoice.balance_minor, 0) if given_up else 0
    if off != target:
        steps = sum(name.startswith(f"write_off:{invoice.pk}:") for name in amounts)
        yield Movement(
            f"write_off:{invoice.pk}:{steps + 1}", Kind.WRITE_OFF, clock.now(), off - target, invoice.number
        )


def _hash(row: LedgerEntry) -> str:
    said = [
        str(row.tenant_id), row.number, row.kind, _moment(row.at), _moment(row.booked_at), str(row.invoice_id or ""),
        row.document, row.currency, row.amount_minor, row.balance_minor, row.source, row.previous_hash,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def balances(tenant: Tenant) -> dict[str, int]:
    """The account now, by currency: above zero is owed by the customer, below zero by us."""
    rows = LedgerEntry.objects.filter(tenant=tenant).order_by().values_list("currency")
    return {currency: int(total) for currency, total in rows.annotate(total=Sum("amount_minor"))}


def verify(tenant: Tenant) -> list[Fault]:
    """Recompute numbers, balances and hashes of an account. Nothing is found unless somebody tampered with the table."""
    faults, previous, sums = [], "", dict[str, int]()
    for expected, row in enumerate(LedgerEntry.objects.filter(tenant=tenant).order_by("number"), start=1):
        sums[row.currency] = sums.get(row.currency, 0) + row.amount_minor
        if row.number != expected:
            faults.append(Fault(row.number, "number"))
        if row.balance_minor != sums[row.currency]:
            faults.append(Fault(row.number, "balance"))
        if row.previous_hash != previous or row.hash != _hash(row):
            faults.append(Fault(row.number, "hash"))
        previous = row.hash
    return faults


def difference(tenant: Tenant) -> dict[str, int]:
    """By currency, the account less what the invoices say is open: nothing but zeros, else our books are wrong."""
    found = balances(tenant)
    for invoice in Invoice.objects.filter(tenant=tenant).exclude(number="").exclude(state="draft"):
        open_minor = 0 if invoice.state in ("void", "uncollectible") else invoice.balance_minor
        found[invoice.currency] = found.get(invoice.currency, 0) - open_minor
    for dispute in Dispute.objects.filter(tenant=tenant, invoice=None, state=Dispute.State.LOST):
        found[dispute.currency] = found.get(dispute.currency, 0) - dispute.amount_minor
    return found


def statement(tenant: Tenant) -> list[dict[str, Any]]:
    """The account for people: every entry with its invoice's number, oldest first."""
    rows = LedgerEntry.objects.filter(tenant=tenant).select_related("invoice").order_by("number")
    kinds = dict(PaymentMethod.Kind.choices)  # a payment without reference says how it was made
    return [
        {
            "entry": row,
            "label": Kind(row.kind).label,
            "document": kinds.get(row.document, row.document),
            "about": row.invoice.number if row.invoice and row.invoice.number != row.document else "",
        }
        for row in rows
    ]
