"""Stripe's objects as the plain values of the interface. Shapes of API 2026-09-30 (SAAS.md §3.1): periods live on
subscription items, an invoice's subscription in `parent.subscription_details`, its payments in `payments`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from billing.providers.interface import (
    CheckoutState,
    CreditState,
    CustomerData,
    CustomerState,
    InvoiceState,
    LineState,
    MethodState,
    PaymentState,
    Preview,
    SubscriptionState,
)

Thing = Mapping[str, Any]

STATUSES = {
    "incomplete": "incomplete",
    "incomplete_expired": "ended",
    "trialing": "active",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "unpaid",
    "paused": "unpaid",
    "canceled": "ended",
}


def moment(seconds: Any) -> datetime | None:
    """A Unix time; None for none."""
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None


def reference(value: Any) -> str:
    """An id, given bare or as the expanded object."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return str(value or "")


def rows(listed: Any) -> list[Thing]:
    """The data of a list object; nothing for none."""
    return list((listed or {}).get("data") or [])


def subscription(thing: Thing) -> SubscriptionState:
    """Needs `schedule` expanded to see what is planned for the renewal."""
    item, beside = items(thing)
    addons = {str(row["price"]["lookup_key"]): int(row.get("quantity") or 0) for row in beside}
    planned = _planned(thing.get("schedule"), item, addons)
    ended = moment(thing.get("ended_at"))
    status = STATUSES.get(str(thing["status"]), "unpaid")
    details = thing.get("cancellation_details") or {}
    start, end = moment(item["current_period_start"]), moment(item["current_period_end"])
    begun = moment(thing.get("start_date") or thing.get("created"))
    assert start is not None and end is not None and begun is not None
    return SubscriptionState(
        id=str(thing["id"]),
        customer_id=reference(thing["customer"]),
        status=status,
        collection="invoice" if thing.get("collection_method") == "send_invoice" else "charge",
        lookup_key=str(item["price"]["lookup_key"] or ""),
        seats=int(item.get("quantity") or 0),
        period_start=start,
        period_end=end,
        started_at=begun,
        next_seats=planned[1] if planned else None,
        next_lookup_key=planned[0] if planned else "",
        cancel_at=moment(thing.get("cancel_at")) or (end if thing.get("cancel_at_period_end") else None),
        cancel_reason=str(details.get("comment") or details.get("feedback") or "")[:500],
        ended_at=ended or (moment(thing.get("canceled_at")) or end if status == "ended" else None),
        coupon_code=str((thing.get("metadata") or {}).get("coupon") or ""),
        addons=addons,
        next_addons=planned[2] if planned else None,
    )


def items(thing: Thing) -> tuple[Thing, list[Thing]]:
    """The item of the plan's users, and those of the add-ons: their prices say so (`sync_catalogue`)."""
    found = rows(thing["items"])
    beside = [row for row in found if (row["price"].get("metadata") or {}).get("kind", "plan") != "plan"]
    return next(row for row in found if row not in beside), beside


def written_addons(addons: Mapping[str, int]) -> str:
    """Add-ons as a schedule's metadata keeps them: `storage_10_v1_month_eur=2,…`."""
    return ",".join(f"{key}={quantity}" for key, quantity in sorted(addons.items()) if quantity)


def read_addons(text: str) -> dict[str, int]:
    """The reverse of `written_addons`; what nobody wrote that way is left out."""
    pairs = (pair.partition("=") for pair in text.split(","))
    return {key: int(number) for key, _equals, number in pairs if key and number.isdigit()}


def _planned(schedule: Any, item: Thing, addons: Mapping[str, int]) -> tuple[str, int, dict[str, int]] | None:
    """Lookup key, seats and add-ons of the schedule's last phase when they differ from today's."""
    if not isinstance(schedule, Mapping) or schedule.get("status") not in ("active", "not_started"):
        return None
    about = schedule.get("metadata") or {}
    plan = about.get("lookup_key")
    phases = schedule.get("phases") or []
    if not plan or not phases:
        return None
    seats = int(phases[-1]["items"][0].get("quantity") or 0)
    beside = read_addons(str(about["addons"])) if "addons" in about else dict(addons)
    same = plan == item["price"]["lookup_key"] and seats == item.get("quantity") and beside == addons
    return None if same else (str(plan), seats, beside)


def checkout(thing: Thing) -> CheckoutState:
    return CheckoutState(
        id=str(thing["id"]),
        status=str(thing.get("status") or "open"),
        tenant_id=str(thing.get("client_reference_id") or ""),
        customer_id=reference(thing.get("customer")),
        subscription_id=reference(thing.get("subscription")),
    )


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


def invoice(thing: Thing, credits: list[Thing], now: datetime) -> InvoiceState:
    """Needs `payments` expanded. When it was first not paid is taken from what Stripe tells: the due date of a
    transfer, the finalisation of a charge that was tried and is open."""
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
        document_url=str(thing.get("invoice_pdf") or thing.get("hosted_invoice_url") or "")[:500],
        lines=tuple(line(row) for row in rows(thing.get("lines"))),
        payments=tuple(payment(row) for row in rows(thing.get("payments"))),
        credits=tuple(credit(row) for row in credits),
    )


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


def customer(thing: Thing, methods: list[Thing]) -> CustomerState:
    """Needs `tax_ids` expanded."""
    address = thing.get("address") or {}
    default = reference((thing.get("invoice_settings") or {}).get("default_payment_method"))
    ids = [row for row in rows(thing.get("tax_ids")) if row.get("type") == "eu_vat"]
    data = CustomerData(
        tenant_id=str((thing.get("metadata") or {}).get("tenant") or ""),
        name=str(thing.get("name") or ""),
        email=str(thing.get("email") or ""),
        country=str(address.get("country") or ""),
        street=str(address.get("line1") or ""),
        postal_code=str(address.get("postal_code") or ""),
        city=str(address.get("city") or ""),
        tax_id=str(ids[0]["value"]) if ids else "",
    )
    verification = str(((ids[0].get("verification") if ids else None) or {}).get("status") or "")
    states = {"verified": "verified", "unverified": "invalid"}  # its "unverified" means: asked, and not so
    return CustomerState(
        str(thing["id"]),
        data,
        tuple(method(row, default) for row in methods),
        states.get(verification, "unverified") if ids else "",
    )


def method(thing: Thing, default: str) -> MethodState:
    card, debit = thing.get("card") or {}, thing.get("sepa_debit") or {}
    kind = str(thing["type"])
    return MethodState(
        id=str(thing["id"]),
        kind=kind if kind in ("card", "sepa_debit") else "bank_transfer",
        brand=str(card.get("brand") or debit.get("bank_code") or "")[:20],
        last4=str(card.get("last4") or debit.get("last4") or ""),
        exp_month=card.get("exp_month"),
        exp_year=card.get("exp_year"),
        is_default=str(thing["id"]) == default,
    )
