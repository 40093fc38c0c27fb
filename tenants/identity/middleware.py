"""What a signed-in request must satisfy beyond a valid session (SAAS.md T3, T20, ASP-20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tenants.context import in_public
from tenants.entitlements import admins_only, export_only, is_closed
from tenants.identity import support_session
from tenants.identity.models import Session
from tenants.identity.sessions import key_hash

SEEN_EVERY = timedelta(minutes=5)
_SEEN_KEY = "_seen"
_OPEN_PATHS = ("/login/", "/logout/", "/password/", "/enter/", "/static/")
# What is left of a canceled workspace: its export, its invoices, and the way back (ASP-20).
_EXPORT_PATHS = ("/billing/", "/api/v1/session", "/api/v1/workspace_export", "/api/v1/jobs", "/api/v1/files/")


class SessionGuardMiddleware:
    """Lets operators stay on the provider's hosts, users in workspaces, and only administrators in a
    suspended one; of a canceled one only the export and the pages about money. Sets the user's language and notes when the session was last used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        mark = None if in_public() else support_session.mark_of(request)
        if mark is not None and user.is_operator:
            return support_session.guard(request, mark, self.get_response)
        if user.is_operator != in_public():
            auth.logout(request)
            return self.get_response(request)
        tenant = getattr(request, "tenant", None)
        if tenant is not None and not request.path_info.startswith(_OPEN_PATHS):
            if is_closed(tenant):
                return _suspended(request, _("This workspace was closed. Write to us to find out more."))
            if not user.is_admin and admins_only(tenant):
                return _suspended(request)
            if export_only(tenant) and not _is_export(request):
                return _canceled(request)
        _note_use(request)
        if not user.language:
            return self.get_response(request)
        with translation.override(user.language):
            request.LANGUAGE_CODE = translation.get_language()
            return self.get_response(request)


def _is_export(request: HttpRequest) -> bool:
    path = request.path_info
    return path.startswith(_EXPORT_PATHS) or (path.startswith("/api/v1/") and path.endswith("/export"))


def _canceled(request: HttpRequest) -> HttpResponse:
    if not request.path_info.startswith("/api/"):
        return redirect("/billing/")
    message = _("This workspace is canceled. You can download your data or start again.")
    body: dict[str, Any] = {"code": "tenant.suspended", "message": message, "field": None, "details": {}}
    return JsonResponse(body, status=423)


def _suspended(request: HttpRequest, message: str = "") -> HttpResponse:
    message = message or _("This workspace is suspended. Only administrators can use it now.")
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
