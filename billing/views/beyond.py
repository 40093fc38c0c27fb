"""Agreeing that use beyond the plan is charged, with the price and the most it can cost before the click."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from billing import mode
from billing.services import overage, purchase
from billing.views.access import acting, administrators_only, done, whole_number
from tenants.errors import TenantRefusal
from tenants.models import Tenant


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def usage(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The form per price: how many packs may be charged in a period. `POST code, packs` agrees."""
    subscription = purchase.live_subscription(tenant)
    if subscription is None:
        return redirect("/billing/choose/")
    error: TenantRefusal | None = None
    if request.method == "POST":
        code = request.POST.get("code", "")[:40]
        raw = request.POST.get("packs", "").strip()
        packs = 0 if request.POST.get("action") == "stop" else whole_number(raw, -1)
        try:
            overage.agree(tenant, code, packs, by=acting(request), key=uuid.uuid4().hex)
            return done(request, "usage" if packs else "usage_stopped")
        except TenantRefusal as refusal:
            if refusal.field is None:
                raise
            error = refusal
    context = {
        "test": mode.is_test(),
        "subscription": subscription,
        "offers": overage.offers(subscription, get_language() or tenant.language),
        "error": error,
        "most": overage.MOST_PACKS,
    }
    return render(request, "billing/usage.html", context, status=error.status if error else 200)
