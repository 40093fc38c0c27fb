"""Stripe's invoices, payments, credit notes and refunds as the plain values of the interface (SAAS.md §3.1): an invoice's
subscription is in `parent.subscription_details`, its payments in `payments`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from billing.providers.interface import (
    CreditState,
    DisputeState,
    InvoiceState,
    LineState,
    PaymentState,
    Preview,
)
from billing.providers.stripe.shapes import Thing, moment, reference, rows


def line(thing: Thing) -> LineState:
    period = thing.get("period") or {}
    quantity = int(thing.get("quantity") or 1)
    amount = int(thing["amount"])
    parent = thing.get("parent") or {}
    item = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    unit = (thing.get("pricing") or {}).get("unit_amount_decimal")
    return LineState(
        text=str(thing.get("description") or ""),
        quantity=quantity,
        unit_minor=int(Decimal(str(unit))) if unit is not None else amount // quantity,
        net_minor=amount,
        period_start=moment(period.get("start")),
        period_end=moment(period.get("end")),
        is_proration=bool(item.get("proration")),
    )


def _tax(thing: Thing) -> tuple[int, int, Decimal, str]:
    """Net, tax, rate and treatment of an invoice."""
    total = int(thing["total"])
    tax = sum(int(row["amount"]) for row in thing.get("total_taxes") or [])
    untaxed = thing.get("total_excluding_tax")
    net = int(untaxed) if untaxed is not None else total - tax
    rate = (Decimal(tax * 100) / net).quantize(Decimal("0.1")) if net else Decimal(0)
    if tax:
        return net, tax, rate, "standard"
    reverse = thing.get("customer_tax_exempt") == "reverse" or any(
        row.get("taxability_reason") == "reverse_charge" for row in thing.get("total_taxes") or []
    )
    return net, 0, Decimal(0), "reverse_charge" if reverse else "out_of_scope"


def invoice(thing: Thing, credits: list[Thing], now: datetime, charges: Sequence[Thing] = ()) -> InvoiceState:
    """Needs `payments` expanded; `charges` are the customer's with their refunds. When it was first not paid is taken
    from what Stripe tells: the due date of a transfer, the finalisation of a charge that was tried and is open."""
    net, tax, rate, treatment = _tax(thing)
    steps = thing.get("status_transitions") or {}
    finalized, due = moment(steps.get("finalized_at")), moment(thing.get("due_date"))
    status, attempts = str(thing["status"]), int(thing.get("attempt_count") or 0)
    failed = None
    if status in ("open", "uncollectible"):
        by_transfer = thing.get("collection_method") == "send_invoice"
        if by_transfer:
            failed = due if due and due <= now else None
        elif attempts and not _processing(thing):
            failed = finalized
    parent = (thing.get("parent") or {}).get("subscription_details") or {}
    return InvoiceState(
        id=str(thing["id"]),
        customer_id=reference(thing["customer"]),
        subscription_id=reference(parent.get("subscription")),
        number=str(thing.get("number") or ""),
        status=status,
        reason=str(thing.get("billing_reason") or "")[:24],
        currency=str(thing["currency"]).upper(),
        net_minor=net,
        tax_minor=tax,
        total_minor=int(thing["total"]),
        paid_minor=int(thing.get("amount_paid") or 0),
        tax_rate=rate,
        tax_treatment=treatment,
        issued_at=finalized or moment(thing.get("created")),
        due_at=due or finalized,
        paid_at=moment(steps.get("paid_at")),
        failed_at=failed,
        attempts=attempts,
        next_attempt_at=moment(thing.get("next_payment_attempt")),
        buyer_name=str(thing.get("customer_name") or "")[:160],
        buyer_country=str((thing.get("customer_address") or {}).get("country") or "")[:2],
        buyer_tax_id=_tax_id(thing),
        document_url=str(thing.get("invoice_pdf") or thing.get("hosted_invoice_url") or "")[:500],
        lines=tuple(line(row) for row in rows(thing.get("lines"))),
        payments=(
            *(payment(row) for row in rows(thing.get("payments"))),
            *(paid_back(row) for row in _refunds(thing, charges)),
            *(_sent_back(row) for row in credits if row.get("out_of_band_amount")),
        ),
        credits=tuple(credit(row) for row in credits),
    )


def _tax_id(thing: Thing) -> str:
    known = [row for row in thing.get("customer_tax_ids") or [] if row.get("value")]
    return str(known[0]["value"])[:40] if known else ""


def _processing(thing: Thing) -> bool:
    """A debit that takes days counts neither as paid nor as failed (SAAS.md §3.4)."""
    return any(
        row.get("status") == "open" and _intent(row).get("status") == "processing"
        for row in rows(thing.get("payments"))
    )


def _intent(row: Thing) -> Thing:
    found = (row.get("payment") or {}).get("payment_intent")
    return found if isinstance(found, Mapping) else {}


def payment(row: Thing) -> PaymentState:
    states = {"paid": "succeeded", "canceled": "failed", "open": "processing"}
    steps = row.get("status_transitions") or {}
    at = moment(steps.get("paid_at") or steps.get("canceled_at") or row.get("created"))
    assert at is not None
    return PaymentState(
        id=str(row["id"]),
        status=states.get(str(row.get("status")), "processing"),
        amount_minor=int(row.get("amount_paid") or row.get("amount_requested") or 0),
        kind=str((row.get("payment") or {}).get("type") or "")[:16],
        at=at,
    )


def _refunds(thing: Thing, charges: Sequence[Thing]) -> list[Thing]:
    """What was paid back of the charges that paid an invoice; what the bank has not confirmed is left out."""
    paid_by = {
        reference((row.get("payment") or {}).get(name))
        for row in rows(thing.get("payments"))
        for name in ("payment_intent", "charge")
    } - {""}
    return [
        refund
        for charge in charges
        if {str(charge["id"]), reference(charge.get("payment_intent"))} & paid_by
        for refund in rows(charge.get("refunds"))
        if refund.get("status") == "succeeded"
    ]


def paid_back(thing: Thing) -> PaymentState:
    """A refund."""
    at = moment(thing["created"])
    assert at is not None
    return PaymentState(
        id=str(thing["id"]),
        status="refunded",
        amount_minor=int(thing["amount"]),
        kind="refund",
        at=at,
        reference=str(thing.get("reason") or "")[:200],
    )


def _sent_back(thing: Thing) -> PaymentState:
    """What a credit note says was paid back outside Stripe."""
    note = credit(thing)
    amount = int(thing["out_of_band_amount"])
    return PaymentState(f"{note.id}_oob", "refunded", amount, "bank_transfer", note.issued_at, note.number)


DISPUTE_STATES = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}


def dispute(thing: Thing, charge: Thing, invoice_id: str) -> DisputeState:
    """A dispute of the charge that paid an invoice."""
    opened = moment(thing["created"])
    assert opened is not None
    return DisputeState(
        id=str(thing["id"]),
        customer_id=reference(charge.get("customer")),
        status=DISPUTE_STATES.get(str(thing.get("status")), "open"),
        currency=str(thing["currency"]).upper(),
        amount_minor=int(thing["amount"]),
        reason=str(thing.get("reason") or "")[:60],
        opened_at=opened,
        invoice_id=invoice_id,
        answer_by=moment((thing.get("evidence_details") or {}).get("due_by")),
    )


def credit(thing: Thing) -> CreditState:
    total = int(thing["total"])
    untaxed = thing.get("total_excluding_tax")
    net = int(untaxed) if untaxed is not None else int(thing.get("subtotal") or total)
    at = moment(thing["created"])
    assert at is not None
    return CreditState(
        id=str(thing["id"]),
        number=str(thing.get("number") or ""),
        net_minor=net,
        tax_minor=total - net,
        total_minor=total,
        reason=str(thing.get("memo") or thing.get("reason") or "")[:300],
        issued_at=at,
        document_url=str(thing.get("pdf") or "")[:500],
    )


def preview(thing: Thing) -> Preview:
    net, tax, rate, treatment = _tax(thing)
    return Preview(
        currency=str(thing["currency"]).upper(),
        lines=tuple(line(row) for row in rows(thing.get("lines"))),
        net_minor=net,
        tax_minor=tax,
        total_minor=int(thing["total"]),
        tax_rate=rate,
        tax_treatment=treatment,
    )
