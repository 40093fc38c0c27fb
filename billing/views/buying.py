"""Choosing a plan, seeing the first invoice to the cent, going to the payment page and coming back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing import mode
from billing.services import catalogue, profile, purchase, seats
from billing.views.access import acting, administrators_only, done, whole_number
from tenants.errors import TenantRefusal
from tenants.models import Tenant


def choice(request: HttpRequest, tenant: Tenant) -> dict[str, Any]:
    """Plan, interval, seats and coupon asked for, with sensible ones where nothing is said."""
    data = request.POST if request.method == "POST" else request.GET
    interval = data.get("interval", "month")
    taken = seats.taken(tenant)
    readers = {purchase.READ_ONLY_SEAT: taken["read_only_users"]} if taken["read_only_users"] else {}
    return {
        "plan": data.get("plan") or tenant.plan_code,
        "interval": interval if interval in purchase.INTERVALS else "month",
        "seats": whole_number(data.get("seats"), max(taken["users"], 1)),
        "coupon": data.get("coupon", "").strip()[:40],
        "addons": readers | asked_addons(data),
    }


def asked_addons(data: Any) -> dict[str, int]:
    """Add-ons asked for by fields `addon_<code>`, code → how many; at most fifty are looked at."""
    named = [name for name in data if name.startswith("addon_")][:50]
    return {name.removeprefix("addon_"): whole_number(data.get(name), 0) for name in named}


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def choose(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The order form with the first invoice below it; `POST action=pay` leads to the payment page."""
    wanted = choice(request, tenant)
    if request.method == "POST" and request.POST.get("action") == "pay":
        page = purchase.start_checkout(
            tenant,
            wanted["plan"],
            wanted["interval"],
            wanted["seats"],
            coupon=wanted["coupon"],
            addons=wanted["addons"],
            by=acting(request),
        )
        return HttpResponseRedirect(page.url)
    preview, error = None, None
    try:
        preview = purchase.preview_purchase(
            tenant, wanted["plan"], wanted["interval"], wanted["seats"], wanted["coupon"], wanted["addons"]
        )
    except TenantRefusal as refusal:
        if refusal.field is None:
            raise
        error = refusal
    buyer = profile.profile_of(tenant)
    currency, language = buyer.currency or tenant.currency, get_language() or tenant.language
    context = {
        "test": mode.is_test(),
        "offers": catalogue.offers_for(tenant, currency, language),
        "addons": [
            (o, wanted["addons"].get(o.code, 0), None) for o in catalogue.addon_offers(currency, language)
        ],
        "wanted": wanted,
        "preview": preview,
        "error": error,
        "active": seats.active_users(tenant),
        "buyer": buyer,
    }
    return render(request, "billing/choose.html", context, status=error.status if error else 200)


@require_safe
@administrators_only
def welcome(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Where the payment page leads back to. It grants nothing: it looks at the provider once."""
    purchase.fetch_result(tenant)
    return done(request, "welcome" if purchase.live_subscription(tenant) else "")


@require_safe
@administrators_only
def refresh(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Where the portal leads back to."""
    purchase.fetch_result(tenant)
    return done(request, "method")


@require_POST
@administrators_only
def portal(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """To the provider's page for the payment method."""
    return HttpResponseRedirect(purchase.open_portal(tenant).url)
