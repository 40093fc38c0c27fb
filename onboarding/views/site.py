"""Home, pricing, legal texts and the language switch: pages for people who do not know us yet."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from billing.catalogue import PRICE_CURRENCIES
from billing.services.catalogue import Offer, price_currency, public_offers, year_costs_ten_months
from onboarding.legal import DOCUMENTS
from onboarding.services import subprocessors
from onboarding.visitor import likely_country, page, site_language, site_page
from tenants.countries import SITE_LANGUAGES, usual


def _currency(request: HttpRequest) -> str:
    asked = request.GET.get("currency", "").upper()
    return asked if asked in PRICE_CURRENCIES else price_currency(usual(likely_country(request)).currency)


def _offers(request: HttpRequest) -> dict[str, Any]:
    offers = public_offers(_currency(request), site_language())
    return {
        "offers": offers,
        "year_as_ten_months": year_costs_ten_months(offers),
        "trial_days": max((offer.trial_days for offer in offers), default=30),
        "trial_users": max((offer.trial_users for offer in offers), default=25),
    }


@require_safe
@site_page
def home(request: HttpRequest) -> HttpResponse:
    """What it is, how it looks, what it costs, how to begin."""
    has_picture = finders.find("onboarding/workspace.webp") is not None
    return page(request, "onboarding/home.html", _offers(request) | {"has_picture": has_picture})


@require_safe
@site_page
def pricing(request: HttpRequest) -> HttpResponse:
    """All plans with everything they include, in a currency of the visitor's choice (`?currency=`)."""
    context = _offers(request)
    context |= {
        "currency": _currency(request),
        "currencies": PRICE_CURRENCIES,
        "comparison": _comparison(context["offers"]),
    }
    return page(request, "onboarding/pricing.html", context)


def _comparison(offers: list[Offer]) -> list[dict[str, Any]]:
    """One row per feature, one cell per offer; a cell is None where the plan does not mention it."""
    features = {row.feature.code: row.feature for offer in offers for row in offer.features}
    ordered = sorted(features.values(), key=lambda feature: feature.position)
    by_offer = [{row.feature.code: row for row in offer.features} for offer in offers]
    return [
        {"label": feature.label(site_language()), "cells": [rows.get(feature.code) for rows in by_offer]}
        for feature in ordered
    ]


@require_safe
@site_page
def legal(request: HttpRequest, document: str, version: str = "") -> HttpResponse:
    """A legal text; without `version` the one in force. 404 for a version that never was."""
    text = DOCUMENTS.get(document)
    if text is None:
        raise Http404
    try:
        template = text.template(version or text.current, site_language())
    except KeyError as error:
        raise Http404 from error
    context = {
        "heading": text.title,
        "document": document,
        "version": version or text.current,
        "is_current": not version or version == text.current,
        "text_template": template,
    }
    return page(request, "onboarding/legal/page.html", context)


@require_safe
@site_page
def sub_processors(request: HttpRequest) -> HttpResponse:
    """Who processes workspaces' data for the provider, with when the list changed (ASP-40.5)."""
    context = {
        "rows": [(row, row.text(site_language())) for row in subprocessors.listed()],
        "changed": subprocessors.last_change(),
        "today": timezone.localdate(),
    }
    return page(request, "onboarding/legal/subprocessors.html", context)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and go back to the page the visitor came from."""
    if request.POST.get("language") not in SITE_LANGUAGES:
        return HttpResponseRedirect("/")
    return set_language(request)
