"""What a workspace pays and owes, on its page of the operators' console (ASP-30; the first thing an operator asks)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, gettext_lazy

from saas.console.money import shown_amount
from tenants.models import Tenant
from tenants.operator import registry

INVOICES_SHOWN = 5
_TONES = {"active": "good", "past_due": "warn", "unpaid": "bad", "incomplete": "info"}


def _panel(tenant: Tenant) -> dict[str, Any] | None:
    if tenant.is_sandbox:  # nobody pays for it
        return None
    from billing.models import Invoice
    from billing.services import clock
    from billing.services.purchase import live_subscription

    subscription = live_subscription(tenant)
    newest = Invoice.objects.filter(tenant=tenant).exclude(state="draft").order_by("-issued_at")
    now = clock.now()
    language = (get_language() or "en")[:2]
    return {
        "tenant": tenant,
        "subscription": subscription,
        "plan": subscription.price.version.text("name", language) if subscription else "",
        "price": shown_amount(subscription.price.currency, subscription.price.amount_minor)
        if subscription
        else "",
        "tone": _TONES.get(subscription.status, "") if subscription else "",
        "invoices": [
            {
                "row": invoice,
                "is_overdue": invoice.state == "open" and invoice.due_at is not None and invoice.due_at < now,
                "total": shown_amount(invoice.currency, invoice.total_minor),
                "due": shown_amount(invoice.currency, invoice.due_minor) if invoice.due_minor else "",
            }
            for invoice in newest[:INVOICES_SHOWN]
        ],
    }


def register() -> None:
    """Add the panel; called once the apps are ready."""
    registry.register_panel(
        registry.Panel(
            "subscription",
            gettext_lazy("Subscription and invoices"),
            "saas/console/subscription.html",
            _panel,
            order=10,
        )
    )
