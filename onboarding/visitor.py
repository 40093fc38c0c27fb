"""What a request tells about a visitor who has no account: language, likely country, address."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from tenants.countries import LANGUAGE_NAMES, SITE_LANGUAGES

_REGION = re.compile(r"[a-zA-Z]{2,3}-([a-zA-Z]{2})\b")
_COUNTRY_OF_LANGUAGE = {"de": "DE", "sv": "SE", "bg": "BG", "ru": "RU"}

View = Callable[..., HttpResponse]


def site_page(view: View) -> View:
    """For pages of the public site: they exist in the site's languages only, others get English."""

    @wraps(view)
    def localised(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(site_language()):
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Content-Language", site_language())
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    return localised


def site_language() -> str:
    """The active language if the public site exists in it, else English."""
    language = (translation.get_language() or "en").partition("-")[0]
    return language if language in SITE_LANGUAGES else "en"


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Answer with a public page; adds what `onboarding/base.html` needs."""
    site = {"site_languages": [(code, LANGUAGE_NAMES[code]) for code in SITE_LANGUAGES]}
    return render(request, template, site | context, status=status)


def likely_country(request: HttpRequest) -> str:
    """Two-letter code guessed from the browser's languages; the provider's home (DE) when nothing tells."""
    accepted = request.headers.get("Accept-Language", "")[:200]
    region = _REGION.search(accepted)
    if region:
        return region.group(1).upper()
    return _COUNTRY_OF_LANGUAGE.get(accepted[:2].lower(), "DE")
