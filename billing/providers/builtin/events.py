"""What happened, as events on their way to the receiver; written in the transaction of what happened."""

from __future__ import annotations

from typing import Any

import orjson
from django.utils import timezone

from billing.providers.builtin import clock
from billing.providers.builtin.models import (
    Checkout,
    CreditNote,
    Customer,
    Dispute,
    Invoice,
    OutboundEvent,
    Payment,
    Subscription,
    new_id,
)

Thing = Checkout | CreditNote | Customer | Dispute | Invoice | Payment | Subscription


def emit(kind: str, thing: Thing) -> OutboundEvent:
    """Announce `kind` about `thing`. The body has the envelope of the field: id, type, created, data.object."""
    at = clock.now()
    identifier = new_id("evt")
    customer, described = _described(thing)
    body = {
        "id": identifier,
        "object": "event",
        "api_version": "builtin-1",
        "created": int(at.timestamp()),
        "type": kind,
        "livemode": False,
        "data": {"object": described},
    }
    return OutboundEvent.objects.create(
        id=identifier,
        type=kind,
        created_at=at,
        body=orjson.dumps(body).decode(),
        customer=customer,
        next_try_at=timezone.now(),
    )


def _described(thing: Any) -> tuple[Customer, dict[str, Any]]:
    match thing:
        case Customer():
            return thing, {"id": thing.pk, "object": "customer", "metadata": {"tenant": thing.tenant_ref}}
        case Subscription():
            return thing.customer, _object(thing, "subscription") | {"status": thing.status}
        case Invoice():
            parent = {"subscription_details": {"subscription": thing.subscription_id}}
            return thing.customer, _object(thing, "invoice") | {
                "status": thing.status,
                "billing_reason": thing.reason,
                "parent": parent,
            }
        case Checkout():
            return thing.customer, _object(thing, "checkout.session") | {
                "client_reference_id": thing.customer.tenant_ref,
                "subscription": thing.subscription_id,
            }
        case CreditNote():
            invoice = thing.invoice
            return invoice.customer, {
                "id": thing.pk,
                "object": "credit_note",
                "customer": invoice.customer_id,
                "invoice": invoice.pk,
            }
        case Payment():
            invoice = thing.invoice
            return invoice.customer, {"id": thing.pk, "object": "charge", "customer": invoice.customer_id}
        case Dispute():  # like the field's: whose it is has to be looked up by the charge
            customer = thing.payment.invoice.customer
            return customer, {"id": thing.pk, "object": "dispute", "charge": thing.payment_id}
    raise TypeError(type(thing))


def _object(thing: Any, name: str) -> dict[str, Any]:
    return {"id": thing.pk, "object": name, "customer": thing.customer_id}
