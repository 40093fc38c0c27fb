"""Changing seats and plan with the price before the click, canceling, resuming, billing details."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from billing import mode
from billing.countries import country_names
from billing.models import Invoice, PlanFeature
from billing.services import (
    addons,
    catalogue,
    changes,
    ending,
    meters,
    newer_terms,
    payments,
    profile,
    purchase,
    seats,
    terms,
)
from billing.views.access import acting, administrators_only, done, whole_number
from billing.views.buying import asked_addons
from tenants.errors import TenantRefusal
from tenants.models import Tenant


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def change(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The form for plan, interval and seats; shows what is invoiced now and next before `action=confirm`."""
    subscription = purchase.live_subscription(tenant)
    if subscription is None:
        return redirect("/billing/choose/")
    data = request.POST if request.method == "POST" else request.GET
    price = subscription.price
    plan = data.get("plan") or price.version.plan.code
    interval = data.get("interval") or price.interval
    wanted = whole_number(data.get("seats"), subscription.seats)
    same_plan = (plan, interval) == (price.version.plan.code, price.interval)
    if request.method == "POST" and data.get("action") == "confirm":
        key = data.get("key", "")[:60] or uuid.uuid4().hex
        if same_plan:
            changed = changes.set_seats(tenant, wanted, by=acting(request), key=key)
            return done(request, "seats" if changed.state == "done" else "seats_later")
        after = changes.change_plan(tenant, plan, interval, by=acting(request), key=key)
        return done(request, "plan_later" if after.next_price_id else "plan")
    if not same_plan:
        wanted = subscription.seats  # one thing at a time, so that each has its own clear price
    preview, error = None, None
    asked = not same_plan or wanted != subscription.seats
    try:
        if asked:
            if not same_plan:  # what has to go first is listed before any price
                target = purchase.find_price(tenant, plan, interval, price.currency)
                kept = terms.seats_kept(subscription, target, terms.when_of(price, target))
                over = terms.exceeded(tenant, target.version, kept)
                if over:
                    raise TenantRefusal("plan.limits_exceeded", "", status=409, field="plan", exceeded=over)
            preview = changes.preview_change(tenant, plan, interval, wanted)
    except TenantRefusal as refusal:
        if refusal.field is None:
            raise
        preview, error = None, refusal
    context = {
        "test": mode.is_test(),
        "subscription": subscription,
        "offers": catalogue.offers_for(tenant, price.currency, get_language() or tenant.language),
        "wanted": {"plan": plan, "interval": interval, "seats": wanted},
        "asked": asked,
        "change": preview,
        "error": error,
        "exceeded": _named(tenant, error.details.get("exceeded", [])) if error else [],
        "active": seats.active_users(tenant),
        "key": uuid.uuid4().hex,
    }
    return render(request, "billing/change.html", context, status=error.status if error else 200)


def _named(tenant: Tenant, exceeded: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The exceeded limits with label and unit for people."""
    known = {meter.code: meter for meter in meters.meters_of(tenant)}
    return [
        row | {"label": known[row["meter"]].label, "unit": known[row["meter"]].unit}
        for row in exceeded
        if row["meter"] in known
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def newer(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The current terms of the plan beside those that run; `POST` consents to them from the renewal on."""
    if request.method == "POST":
        key = request.POST.get("key", "")[:60] or uuid.uuid4().hex
        newer_terms.take_newer(tenant, by=acting(request), key=key)
        return done(request, "plan_later")
    subscription = terms.running(tenant)
    change = newer_terms.preview_newer(tenant)
    price = subscription.price
    current = purchase.find_price(tenant, price.version.plan.code, price.interval, price.currency)
    values = {row.feature_id: row for row in current.version.features.select_related("feature")}
    language = get_language() or tenant.language
    rows: list[tuple[str, str, PlanFeature | None, PlanFeature | None]] = [
        (row.feature.label(language), row.feature.unit, row, values.pop(row.feature_id, None))
        for row in price.version.features.select_related("feature")
    ]
    rows += [(new.feature.label(language), new.feature.unit, None, new) for new in values.values()]
    differing = [r for r in rows if _terms(r[2]) != _terms(r[3])]
    context = {
        "test": mode.is_test(),
        "subscription": subscription,
        "current": current,
        "rows": differing,
        "change": change,
        "key": uuid.uuid4().hex,
    }
    return render(request, "billing/newer.html", context)


def _terms(row: PlanFeature | None) -> tuple[bool, int | None] | None:
    return (row.enabled, row.limit) if row else None


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def cancel(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Asks for the reason, offers the export, cancels to the end of the period (ASP-20.6)."""
    subscription = purchase.live_subscription(tenant)
    if subscription is None:
        return redirect("/billing/")
    if request.method == "POST":
        reason = " – ".join(
            filter(None, [request.POST.get("reason", ""), request.POST.get("words", "").strip()])
        )
        ending.cancel(tenant, reason=reason[:500] or "–", by=acting(request))
        return done(request, "canceled")
    return render(request, "billing/cancel.html", {"test": mode.is_test(), "subscription": subscription})


@require_POST
@administrators_only
def resume(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Takes a cancellation back."""
    ending.resume(tenant, by=acting(request))
    return done(request, "resumed")


@require_POST
@administrators_only
def take_back(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Forgets a change planned for the renewal."""
    if purchase.live_subscription(tenant) is not None:
        changes.keep_everything(tenant, by=acting(request), key=uuid.uuid4().hex)
    return done(request, "kept")


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def change_addons(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The form for add-ons; shows what is invoiced now and next before `action=confirm`."""
    subscription = purchase.live_subscription(tenant)
    if subscription is None:
        return redirect("/billing/choose/")
    data = request.POST if request.method == "POST" else request.GET
    held = {item.code: item for item in addons.held(subscription)}
    wanted = {
        code: item.quantity if item.next_quantity is None else item.next_quantity
        for code, item in held.items()
    }
    before = dict(wanted)
    wanted |= asked_addons(data)
    if request.method == "POST" and data.get("action") == "confirm":
        key = data.get("key", "")[:60] or uuid.uuid4().hex
        addons.set_addons(tenant, wanted, by=acting(request), key=key)
        return done(request, "addons")
    asked = {code: n for code, n in wanted.items() if n} != {code: n for code, n in before.items() if n}
    preview, error = None, None
    try:
        preview = addons.preview_addons(tenant, wanted) if asked else None
    except TenantRefusal as refusal:
        if refusal.field is None:
            raise
        error = refusal
    language = get_language() or tenant.language
    running = [item.price.version for item in addons.held(subscription)]
    offers = catalogue.addon_offers(subscription.price.currency, language, running)
    context = {
        "test": mode.is_test(),
        "subscription": subscription,
        "addons": [(offer, wanted.get(offer.code, 0), held.get(offer.code)) for offer in offers],
        "change": preview,
        "error": error,
        "exceeded": _named(tenant, error.details.get("exceeded", [])) if error else [],
        "key": uuid.uuid4().hex,
    }
    return render(request, "billing/addons.html", context, status=error.status if error else 200)


@require_POST
@administrators_only
def pay(request: HttpRequest, tenant: Tenant, invoice_id: uuid.UUID) -> HttpResponse:
    """Charges an open invoice again now."""
    if not Invoice.objects.filter(pk=invoice_id, tenant=tenant).exists():
        raise TenantRefusal("invoice.unknown", "", status=404)
    payments.retry(invoice_id, by=acting(request))
    return done(request, "paid")


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def details(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Name, address, VAT number and order number on invoices."""
    buyer = profile.profile_of(tenant)
    values: dict[str, Any] = {name: getattr(buyer, name) for name in profile.FIELDS}
    error: TenantRefusal | None = None
    if request.method == "POST":
        values = {name: request.POST.get(name, "")[:300] for name in profile.FIELDS}
        try:
            profile.update(tenant, values)
            return done(request, "details")
        except TenantRefusal as refusal:
            error = refusal
    countries = country_names(get_language() or tenant.language)
    context = {"test": mode.is_test(), "values": values, "error": error, "countries": countries}
    return render(request, "billing/details.html", context, status=422 if error else 200)
