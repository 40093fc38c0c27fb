""" "Plan and billing" of a workspace: what it has, uses and pays (ASP-20.6, PEERS.md §5.17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import mode
from billing.models import CreditNote, Dispute, Invoice, Override, Subscription
from billing.providers.interface import ProviderError
from billing.services import addons, allowance, clock, lifecycle, meters, profile, purchase, seats, terms
from billing.services.newer_terms import newer_version
from billing.standing import SUSPENDED
from billing.views.access import administrators_only
from tenants.metering import COUNTED
from tenants.models import Tenant

SHOWN_INVOICES = 24


def notes() -> dict[str, str]:
    """What the page may say after an act."""
    return {
        "seats": _("Your seats are changed."),
        "addons": _("Your add-ons are changed."),
        "usage": _("Use beyond the plan is charged as you agreed."),
        "usage_stopped": _("Nothing beyond the plan is charged any more. Limits stop again."),
        "kept": _("Everything stays as it is."),
        "seats_later": _("Your seats change at the renewal."),
        "plan": _("Your plan is changed."),
        "plan_later": _("Your plan changes at the renewal."),
        "canceled": _("Your subscription is canceled. Everybody can work until the end of the period."),
        "resumed": _("Your subscription goes on."),
        "details": _("Billing details are saved."),
        "paid": _("The invoice is paid. Thank you."),
        "welcome": _("Thank you. Your subscription runs."),
        "method": _("Payment method and details are up to date."),
    }


@require_safe
@administrators_only
def overview(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The page."""
    return render(request, "billing/overview.html", facts(request, tenant))


def facts(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    """What the page shows."""
    subscription = purchase.live_subscription(tenant)
    buyer = profile.profile_of(tenant)
    loaded = lifecycle.load(tenant.pk)
    standing = lifecycle.standing_of(tenant)
    open_invoices = list(
        Invoice.objects.filter(tenant=tenant, state="open").order_by("issued_at").prefetch_related("lines")
    )
    failed = next((i for i in open_invoices if i.failed_at), None)
    now = clock.now()
    version = subscription.price.version if subscription else None
    language = get_language() or tenant.language
    left = standing.next_at - now if standing.next_at else None
    return {
        "test": mode.is_test(),
        "now": now,
        "note": notes().get(request.GET.get("done", "")),
        "standing": standing,
        "days_left": max(-(-left // timedelta(days=1)), 0) if left is not None else None,
        "subscription": subscription,
        "plan_name": version.text("name", language) if version else _trial_name(tenant, language),
        "newer": newer_version(subscription) if subscription else None,
        "next_name": _next_name(subscription, language),
        "addons": [(item, item.price.version.text("name", language)) for item in addons.held(subscription)]
        if subscription
        else [],
        "beyond": [one for one in allowance.agreements(subscription) if one.most_packs]
        if subscription
        else [],
        "disputes": [(row, row.state == Dispute.State.OPEN) for row in loaded.unsettled_disputes],
        "disputed": {row.invoice_id for row in loaded.unsettled_disputes if row.state == Dispute.State.OPEN},
        "open_again": {
            row.invoice_id for row in loaded.unsettled_disputes if row.state == Dispute.State.LOST
        },
        "preview": _renewal(tenant, subscription),
        "meters": [
            (meter, meters.history(tenant, meter.code) if meter.code in COUNTED else None)
            for meter in meters.meters_of(tenant)
        ],
        "occupants": seats.occupants(tenant),
        "buyer": buyer,
        "tax_id_counts": buyer.tax_id_counts(now),
        "method": buyer.payment_methods.filter(is_default=True).first() if buyer.customer_id else None,
        "invoices": Invoice.objects.filter(tenant=tenant)
        .exclude(number="")
        .order_by("-issued_at", "-number")[:SHOWN_INVOICES],
        "credits": CreditNote.objects.filter(invoice__tenant=tenant)[:SHOWN_INVOICES],
        "open_invoices": open_invoices,
        "failed": failed,
        "suspended_at": standing.next_at if standing.next_state == SUSPENDED else None,
        "free_until": next(
            (
                o.until
                for o in loaded.known_overrides
                if o.feature == Override.FREE and o.until and o.until > now
            ),
            None,
        ),
    }


def _trial_name(tenant: Tenant, language: str) -> str:
    from billing.services.entitlements import _trial_version

    return _trial_version(tenant).text("name", language)


def _next_name(subscription: Subscription | None, language: str) -> str:
    """The plan of the next period when it or its users differ; add-ons say so themselves."""
    if subscription is None or subscription.next_price is None:
        return ""
    if (subscription.next_price_id, subscription.next_seats) == (subscription.price_id, subscription.seats):
        return ""
    return subscription.next_price.version.text("name", language)


def _renewal(tenant: Tenant, subscription: Subscription | None) -> Any:
    """The next invoice to the cent, or None when there will be none or the provider does not answer."""
    if subscription is None or subscription.cancel_at is not None or not subscription.is_live:
        return None
    price = subscription.next_price or subscription.price
    wanted = subscription.next_seats or subscription.seats
    try:
        agent = profile.provider_of(profile.profile_of(tenant))
        later = terms.for_interval(subscription, terms.items_of(subscription, later=True), price.interval)
        return agent.preview(
            subscription.provider_id, price.lookup_key, wanted, at_renewal=True, addons=later
        )
    except ProviderError:
        return None
