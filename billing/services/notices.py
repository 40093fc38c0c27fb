"""Mails about money and state: each occasion has a key and is told once, whoever noticed it first (ASP-20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation

from billing.models import BillingProfile, Dispute, Invoice, Notice, Override, StateTransition, Subscription
from billing.services import clock, wording
from billing.standing import CANCELED, DELETED, EXPIRED, Standing, suspended_from
from tenants.addresses import workspace_url
from tenants.models import Tenant
from tenants.operator.models import Capability, Operator
from tenants.operator.models.operator import GRANTED

Outlet = Callable[[str, str, dict[str, Any]], Any]
_outlets: list[Outlet] = []

#: Before everything is deleted (SAAS.md §3.3).
DELETION_WARNINGS = (30, 7, 1)


def register_outlet(outlet: Outlet) -> None:
    """Who sends: called with address, language and `{"subject", "paragraphs", "label", "url"}`."""
    _outlets[:] = [outlet]


def tell(tenant: Tenant, kind: str, key: str, **values: Any) -> bool:
    """Mail the notice `kind` to the tenant's billing contact unless the occasion `key` was told. Returns whether."""
    profile = BillingProfile.objects.filter(tenant=tenant).first()
    to = (profile.email if profile else "") or tenant.owner_email
    return _send(tenant, kind, key, to, tenant.language, workspace_url(tenant, "/billing/"), values)


def tell_operators(tenant: Tenant, kind: str, key: str, url: str, **values: Any) -> int:
    """Mail the notice `kind` about `tenant` to every operator who manages money, each once. Returns to how many."""
    roles = [role for role, granted in GRANTED.items() if Capability.MANAGE_MONEY in granted]
    people = Operator.objects.filter(role__in=roles, user__is_active=True).select_related("user")
    return sum(
        _send(tenant, kind, f"{key}:{person.pk}", person.email, settings.LANGUAGE_CODE, url, values)
        for person in people
    )


def _send(
    tenant: Tenant, kind: str, key: str, to: str, language: str, url: str, values: dict[str, Any]
) -> bool:
    notice, fresh = Notice.objects.get_or_create(
        tenant=tenant, kind=kind, key=key[:120], defaults={"to": to, "queued_at": clock.now()}
    )
    # Addresses below .example belong to nobody: shown in the local mailbox, never sent to a mail server.
    if not fresh or (settings.EMAIL_URL and to.endswith(".example")):
        return fresh
    with translation.override(language):
        subject, paragraphs, label = wording.notice(kind, {"workspace": tenant.name, **values})
    context = {
        "subject": subject,
        "paragraphs": paragraphs,
        "label": label,
        "url": url,
        "test": settings.KONTOR_BILLING_MODE == "test",
    }
    for outlet in _outlets:
        outlet(notice.to, language, context)
    return True


def on_transition(tenant: Tenant, transition: StateTransition, standing: Standing) -> None:
    """The mail of a change of state or access."""
    kind = wording.TRANSITIONS.get((transition.state_after, transition.access_after))
    if transition.state_after == "active" and transition.access_before in ("", "full"):
        kind = "subscribed" if transition.state_before == "trialing" else None
    if transition.state_before == "past_due" and transition.state_after == "active":
        kind = "paid_again" if _was_paid(tenant) else "dispute_settled"
    if transition.state_after == "past_due":
        return  # the failed payment or the dispute itself is told, with its dates
    if kind is not None:
        tell(tenant, kind, str(transition.pk), next_at=standing.next_at, at=transition.at)


def _was_paid(tenant: Tenant) -> bool:
    """Whether it was an open invoice that made the tenant past due, not a dispute alone."""
    if not Dispute.objects.filter(tenant=tenant).exists():
        return True
    due = StateTransition.objects.filter(tenant=tenant, state_after="past_due").order_by("-at").first()
    paid = Invoice.objects.filter(tenant=tenant, failed_at__isnull=False).exclude(state="open")
    return due is not None and paid.filter(paid_at__gte=due.at).exists()


def remind(tenant: Tenant, standing: Standing, now: datetime) -> None:
    """Warn before everything is deleted: 30, 7 and 1 days; when several are due, only the nearest."""
    if (
        standing.next_state != DELETED
        or standing.next_at is None
        or standing.state not in (EXPIRED, CANCELED)
    ):
        return
    left = standing.next_at - now
    due = [days for days in DELETION_WARNINGS if left <= timedelta(days=days)]
    if due:
        tell(
            tenant,
            "deletion_soon",
            f"{standing.next_at.date()}:{min(due)}",
            next_at=standing.next_at,
            days=max(1, -(-left // timedelta(days=1))),
        )


def announce_invoices(tenant: Tenant) -> None:
    """Tell of invoices issued, and of payments that failed, each attempt once."""
    live = Subscription.objects.filter(tenant=tenant).exclude(status="ended").first()
    for invoice in Invoice.objects.filter(tenant=tenant, state__in=["open", "paid"]).order_by("issued_at"):
        values = {
            "number": invoice.number,
            "total": (invoice.total_minor, invoice.currency),
            "due_at": invoice.due_at,
            "attempt_at": invoice.next_attempt_at,
        }
        if invoice.number:
            by_transfer = live is not None and live.collection == "invoice" and invoice.state == "open"
            tell(tenant, "invoice_due" if by_transfer else "invoice_issued", str(invoice.pk), **values)
        if invoice.state == "open" and invoice.failed_at is not None:
            grace = Override.objects.filter(tenant=tenant, feature=Override.GRACE).first()
            values["suspended_at"] = suspended_from(invoice.failed_at, grace.until if grace else None)
            tell(tenant, "payment_failed", f"{invoice.pk}:{invoice.attempts}", **values)
