"""What a signed-in request must satisfy beyond a valid session (SAAS.md T3, T20, ASP-20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tenants.context import in_public
from tenants.entitlements import admins_only
from tenants.identity.models import Session
from tenants.identity.sessions import key_hash

SEEN_EVERY = timedelta(minutes=5)
_SEEN_KEY = "_seen"
_OPEN_PATHS = ("/login/", "/logout/", "/password/", "/enter/", "/static/")


class SessionGuardMiddleware:
    """Lets operators stay on the provider's hosts, users in workspaces, and only administrators in a
    suspended one. Sets the user's language and notes when the session was last used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if user.is_operator != in_public():
            auth.logout(request)
            return self.get_response(request)
        tenant = getattr(request, "tenant", None)
        closed = tenant is not None and not user.is_admin and admins_only(tenant)
        if closed and not request.path_info.startswith(_OPEN_PATHS):
            return _suspended(request)
        _note_use(request)
        if not user.language:
            return self.get_response(request)
        with translation.override(user.language):
            request.LANGUAGE_CODE = translation.get_language()
            return self.get_response(request)


def _suspended(request: HttpRequest) -> HttpResponse:
    message = _("This workspace is suspended. Only administrators can use it now.")
    if request.path_info.startswith("/api/"):
        body: dict[str, Any] = {"code": "tenant.suspended", "message": message, "field": None, "details": {}}
        return JsonResponse(body, status=423)
    return render(request, "identity/suspended.html", {"message": message}, status=423)


def _note_use(request: HttpRequest) -> None:
    """Write the time of use at most every five minutes; reading a page should not mean writing a row."""
    now = timezone.now()
    seen = request.session.get(_SEEN_KEY)
    if seen is not None and now.timestamp() - seen < SEEN_EVERY.total_seconds():
        return
    request.session[_SEEN_KEY] = int(now.timestamp())
    Session.objects.filter(pk=key_hash(request.session.session_key or "")).update(seen_at=now)
