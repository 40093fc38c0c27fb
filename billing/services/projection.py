"""Writes mirrors from what the provider says; the only writer of them (SAAS.md §3.2).

Call with the tenant's profile locked *before* fetching, or an old answer could overwrite a newer one.
Each function returns whether anything differed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from billing.models import (
    BillingProfile,
    Coupon,
    CouponRedemption,
    CreditNote,
    Dispute,
    Invoice,
    InvoiceLine,
    Payment,
    PaymentMethod,
    Subscription,
    SubscriptionItem,
)
from billing.providers.interface import CustomerState, DisputeState, InvoiceState, SubscriptionState
from billing.services import catalogue, clock, ledger
from billing.services.forgetting import is_forgotten


class TwoSubscriptions(Exception):
    """The provider has two running subscriptions for one tenant; a person has to end one."""


def _write(model: type[models.Model], keys: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[Any, bool]:
    """Create or update when something differs; returns the row and whether it did."""
    manager = model._default_manager
    row = manager.filter(**keys).first()
    if row is None:
        return manager.create(**keys, **values), True
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return row, bool(changed)


def apply_subscription(profile: BillingProfile, state: SubscriptionState) -> bool:
    """Raises catalogue.UnknownPlan for a price we do not sell, TwoSubscriptions."""
    price = catalogue.price_by_key(state.lookup_key)
    keys = {"provider": profile.provider, "provider_id": state.id}
    if state.status != Subscription.Status.ENDED:
        others = Subscription.objects.filter(tenant=profile.tenant).exclude(status="ended").exclude(**keys)
        if others.exists():
            raise TwoSubscriptions(f"{state.id} beside {others[0].provider_id}")
    values = {
        "tenant": profile.tenant,
        "status": state.status,
        "collection": state.collection,
        "price": price,
        "seats": state.seats,
        "period_start": state.period_start,
        "period_end": state.period_end,
        "next_seats": state.next_seats,
        "next_price": catalogue.price_by_key(state.next_lookup_key) if state.next_lookup_key else None,
        "cancel_at": state.cancel_at,
        "cancel_reason": state.cancel_reason,
        "ended_at": state.ended_at,
        "coupon_code": state.coupon_code,
        "started_at": state.started_at,
    }
    row, changed = _write(Subscription, keys, values)
    changed |= _apply_items(row, state)
    if changed:
        Subscription.objects.filter(pk=row.pk).update(synced_at=clock.now())
        _redeem(profile, state)
    if not profile.currency:
        profile.currency = price.currency
        profile.save(update_fields=["currency"])
    return changed


def _apply_items(subscription: Subscription, state: SubscriptionState) -> bool:
    """The add-ons; the next period's are told apart by code, since another interval has prices of its own."""
    wanted = {catalogue.price_by_key(key): quantity for key, quantity in state.addons.items() if quantity}
    following: dict[str, int] | None = None
    if state.next_addons is not None:
        following = {
            catalogue.price_by_key(key).version.plan.code: quantity
            for key, quantity in state.next_addons.items()
        }
    gone = subscription.items.exclude(price__in=wanted).delete()[0]
    changed = bool(gone)
    for price, quantity in wanted.items():
        after = None if following is None else following.get(price.version.plan.code, 0)
        values = {"quantity": quantity, "next_quantity": None if after == quantity else after}
        changed |= _write(SubscriptionItem, {"subscription": subscription, "price": price}, values)[1]
    return changed


def _redeem(profile: BillingProfile, state: SubscriptionState) -> None:
    coupon = Coupon.objects.filter(code=state.coupon_code).first() if state.coupon_code else None
    if coupon is not None:
        CouponRedemption.objects.get_or_create(
            coupon=coupon, tenant=profile.tenant, defaults={"redeemed_at": state.started_at}
        )


_COPIED = (
    "number", "reason", "currency", "net_minor", "tax_minor", "total_minor", "paid_minor", "tax_rate",
    "tax_treatment", "issued_at", "due_at", "paid_at", "failed_at", "attempts", "next_attempt_at", "document_url",
    "buyer_name", "buyer_country", "buyer_tax_id",
)  # fmt: skip


def apply_invoice(profile: BillingProfile, state: InvoiceState) -> bool:
    """The invoice with its lines, payments and credit notes, and what is new about it on the customer's account."""
    values = {name: getattr(state, name) for name in _COPIED} | {
        "tenant": profile.tenant,
        "subscription_provider_id": state.subscription_id,
        "state": state.status,
        "credited_minor": sum(credit.total_minor for credit in state.credits),
        "refunded_minor": sum(p.amount_minor for p in state.payments if p.status == "refunded"),
    }
    keys = {"provider": profile.provider, "provider_id": state.id}
    row, changed = _write(Invoice, keys, values)
    for position, line in enumerate(state.lines):
        fields = {
            name: getattr(line, name) for name in ("quantity", "unit_minor", "net_minor", "is_proration")
        }
        fields |= {"text": line.text[:300], "period_start": line.period_start, "period_end": line.period_end}
        changed |= _write(InvoiceLine, {"invoice": row, "position": position}, fields)[1]
    for payment in state.payments:
        fields = {
            "invoice": row,
            "state": payment.status,
            "amount_minor": payment.amount_minor,
            "kind": payment.kind,
            "reference": payment.reference,
            "at": payment.at,
        }
        changed |= _write(Payment, {"provider_id": payment.id}, fields)[1]
    for credit in state.credits:
        names = ("number", "net_minor", "tax_minor", "total_minor", "reason", "issued_at", "document_url")
        fields = {"invoice": row} | {name: getattr(credit, name) for name in names}
        changed |= _write(CreditNote, {"provider_id": credit.id}, fields)[1]
    if changed:
        Invoice.objects.filter(pk=row.pk).update(synced_at=clock.now())
    ledger.note_invoice(row)
    return changed


def apply_dispute(profile: BillingProfile, state: DisputeState) -> bool:
    """A dispute of one of the customer's payments."""
    invoice = Invoice.objects.filter(
        tenant=profile.tenant, provider=profile.provider, provider_id=state.invoice_id
    ).first()
    known = Dispute.objects.filter(provider_id=state.id).first()
    closed = state.closed_at
    if closed is None and state.status != Dispute.State.OPEN:  # Stripe does not say when
        closed = known.closed_at if known and known.closed_at else clock.now()
    values = {
        "tenant": profile.tenant,
        "invoice": invoice,
        "state": state.status,
        "currency": state.currency,
        "amount_minor": state.amount_minor,
        "reason": state.reason,
        "opened_at": state.opened_at,
        "closed_at": closed,
        "answer_by": state.answer_by,
    }
    row, changed = _write(Dispute, {"provider_id": state.id}, values)
    if invoice is not None:
        lost = invoice.disputes.filter(state=Dispute.State.LOST).aggregate(sum=models.Sum("amount_minor"))
        Invoice.objects.filter(pk=invoice.pk).update(charged_back_minor=lost["sum"] or 0)
    ledger.note_dispute(row)
    return changed


def apply_customer(profile: BillingProfile, state: CustomerState) -> bool:
    """Address and tax id changed on the provider's page, and the payment methods. Nothing of a destroyed workspace's."""
    if is_forgotten(profile.tenant):
        return False
    data = state.data
    wanted = {
        "legal_name": data.name,
        "email": data.email,
        "street": data.street,
        "postal_code": data.postal_code,
        "city": data.city,
        "country": data.country,
        "tax_id": data.tax_id,
    }
    changed = [name for name, value in wanted.items() if getattr(profile, name) != value]
    for name in changed:
        setattr(profile, name, wanted[name])
    if "tax_id" in changed:
        profile.note_new_tax_id(clock.now())
    if state.tax_id_state and state.tax_id_state != profile.tax_id_state:
        profile.tax_id_state = state.tax_id_state
        profile.tax_id_verified_at = clock.now() if state.tax_id_state == "verified" else None
        changed.append("tax_id_state")
    if changed:
        profile.save()
    differs = bool(changed)
    gone = profile.payment_methods.exclude(provider_id__in=[m.id for m in state.methods])
    differs |= bool(gone.delete()[0])
    for method in state.methods:
        names = ("kind", "brand", "last4", "exp_month", "exp_year", "is_default")
        fields = {"profile": profile} | {name: getattr(method, name) for name in names}
        differs |= _write(PaymentMethod, {"provider_id": method.id}, fields)[1]
    return differs
