"""Our rows as the plain values of the interface."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from billing.providers.builtin.invoicing import Sum
from billing.providers.builtin.models import Customer, Dispute, Invoice, Subscription
from billing.providers.interface import (
    CreditState,
    CustomerData,
    CustomerState,
    DisputeState,
    InvoiceState,
    LineState,
    MethodState,
    PaymentState,
    Preview,
    SubscriptionState,
)


def subscription(row: Subscription) -> SubscriptionState:
    return SubscriptionState(
        id=row.pk,
        customer_id=row.customer_id,
        status=row.status,
        collection=row.collection,
        lookup_key=row.price_id,
        seats=row.seats,
        period_start=row.period_start,
        period_end=row.period_end,
        started_at=row.started_at,
        next_seats=row.next_seats,
        next_lookup_key=row.next_price_id or "",
        cancel_at=row.cancel_at,
        cancel_reason=row.cancel_reason,
        ended_at=row.ended_at,
        coupon_code=(row.coupon or {}).get("code", ""),
        addons=row.addons,
        next_addons=row.next_addons,
    )


def line(printed: dict[str, Any]) -> LineState:
    return LineState(
        text=printed["text"],
        quantity=printed["quantity"],
        unit_minor=printed["unit_minor"],
        net_minor=printed["net_minor"],
        period_start=_moment(printed.get("start")),
        period_end=_moment(printed.get("end")),
        is_proration=bool(printed.get("is_proration")),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def invoice(row: Invoice) -> InvoiceState:
    buyer = row.printed.get("buyer") or {}
    return InvoiceState(
        id=row.pk,
        customer_id=row.customer_id,
        subscription_id=row.subscription_id,
        number=row.number,
        status=row.status,
        reason=row.reason,
        currency=row.currency,
        net_minor=row.net_minor,
        tax_minor=row.tax_minor,
        total_minor=row.total_minor,
        paid_minor=row.paid_minor,
        tax_rate=row.tax_rate,
        tax_treatment=row.tax_treatment,
        issued_at=row.issued_at,
        due_at=row.due_at,
        paid_at=row.paid_at,
        failed_at=row.failed_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        buyer_name=buyer.get("name", "")[:160],
        buyer_country=buyer.get("country", ""),
        buyer_tax_id=buyer.get("tax_id", ""),
        lines=tuple(line(printed) for printed in row.lines),
        payments=tuple(
            PaymentState(p.pk, p.status, p.amount_minor, p.kind, p.at, p.reference)
            for p in row.payments.all()
        ),
        credits=tuple(
            CreditState(c.pk, c.number, c.net_minor, c.tax_minor, c.total_minor, c.reason, c.issued_at)
            for c in row.credits.all()
        ),
    )


def dispute(row: Dispute) -> DisputeState:
    invoice = row.payment.invoice
    return DisputeState(
        id=row.pk,
        customer_id=invoice.customer_id,
        invoice_id=invoice.pk,
        status=row.status,
        currency=invoice.currency,
        amount_minor=row.amount_minor,
        reason=row.reason,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        answer_by=row.decided_at,
    )


def customer_data(row: Customer) -> CustomerData:
    return CustomerData(
        tenant_id=row.tenant_ref,
        name=row.name,
        email=row.email,
        country=row.country,
        street=row.street,
        postal_code=row.postal_code,
        city=row.city,
        tax_id=row.tax_id,
        po_number=row.po_number,
        language=row.language,
        tax_id_valid=row.tax_id_valid,
        tax_id_verified_at=row.tax_id_verified_at,
    )


def customer(row: Customer) -> CustomerState:
    methods = tuple(
        MethodState(m.pk, m.kind, m.brand, m.last4, m.exp_month, m.exp_year, m.is_default)
        for m in row.methods.all()
    )
    return CustomerState(row.pk, customer_data(row), methods)


def preview(total: Sum, currency: str, credits: Sequence[Sum] = ()) -> Preview:
    return Preview(
        currency=currency,
        lines=tuple(line(printed) for printed in total.lines),
        net_minor=total.net_minor,
        tax_minor=total.tax_minor,
        total_minor=total.total_minor,
        tax_rate=total.tax.rate,
        tax_treatment=total.tax.treatment,
        credits=tuple(preview(one, currency) for one in credits),
    )
