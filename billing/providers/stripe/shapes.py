"""Stripe's customers, checkouts and subscriptions as the plain values of the interface (SAAS.md §3.1): periods live on
subscription items. Invoices: `invoice_shapes`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from billing.providers.interface import (
    CheckoutState,
    CustomerData,
    CustomerState,
    MethodState,
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
    addons = {
        str(row["price"]["lookup_key"]): 1 if is_metered(row) else int(row.get("quantity") or 0)
        for row in beside
    }
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


def is_metered(item: Thing) -> bool:
    """Whether an item is charged by usage; such a one has no quantity."""
    return (item["price"].get("recurring") or {}).get("usage_type") == "metered"


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
