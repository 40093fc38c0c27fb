"""A support session inside a workspace: how it begins, what it may do, how it ends (T20)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tenants import support
from tenants.context import in_public
from tenants.identity.sessions import remember_client

MARK = "_support"
_BACKEND = "tenants.identity.backends.WorkspaceBackend"
_SAFE = ("GET", "HEAD", "OPTIONS")
# Whatever a grant allows: who may come in, with which secrets, and who pays stays with the customer.
_NEVER = (
    "/api/v1/support_access",
    "/api/v1/invitations",
    "/api/v1/me/",
    "/api/v1/second_factors",
    "/api/v1/single_sign_on",
    "/api/v1/oauth_applications",
    "/oauth/",
    "/api/v1/session/view_as",
    "/api/v1/mailboxes",
    "/api/v1/workspace_export",
    "/api/v1/custom_domains",
    "/api/v1/legal",
    "/billing/",
)
_OWN = ("/support/leave/", "/logout/")


@never_cache
@require_GET
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Open the session an operator's link stands for: once, within a minute of minting."""
    found = None if in_public() else support.use_link(token)
    if found is None:
        return render(request, "identity/link_dead.html", status=410)
    login, grant, operator = found
    auth.login(request, login, backend=_BACKEND)
    remember_client(request)
    until = min(grant.expires_at, timezone.now() + support.LONGEST_SESSION)
    request.session[MARK] = {
        "grant": str(grant.pk),
        "operator": operator,
        "until": until.isoformat(),
        "may_write": grant.may_write,
    }
    request.session.set_expiry(max(1, int((until - timezone.now()).total_seconds())))
    return HttpResponseRedirect("/")


@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """End the support session. A post, as every way out."""
    if request.method != "POST":
        return HttpResponse(status=405)
    mark = request.session.get(MARK)
    if mark:
        support.note(UUID(mark["grant"]), request.tenant, mark["operator"], "left")  # type: ignore[attr-defined]
    auth.logout(request)
    return HttpResponse(status=204)


def mark_of(request: Any) -> dict[str, Any] | None:
    """{grant, operator, until, may_write} when an operator sits in this session."""
    return request.session.get(MARK) if hasattr(request, "session") else None


def guard(
    request: HttpRequest, mark: dict[str, Any], serve: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    """Serve one request of a support session, or end it: the consent is looked up each time."""
    tenant: Any = request.tenant  # type: ignore[attr-defined]
    grant = support.open_grant(tenant)
    is_over = datetime.fromisoformat(mark["until"]).timestamp() <= time.time()
    if grant is None or str(grant.pk) != mark["grant"] or is_over:
        support.note(UUID(mark["grant"]), tenant, mark["operator"], "ended")
        auth.logout(request)
        return _refused(request, "support.ended", _("The support access is over."))
    path = request.path_info
    is_write = request.method not in _SAFE
    forbidden = path.startswith(_NEVER) or (is_write and not path.startswith(("/api/", *_OWN)))
    if forbidden:
        response = _refused(
            request, "support.forbidden", _("Support cannot do this. An administrator of the workspace can.")
        )
    else:
        tenant.support_read_only = not mark["may_write"]
        response = serve(request)
    if path.startswith("/api/") or forbidden or is_write:
        facts = {"method": request.method or "", "path": path[:300], "status": response.status_code}
        support.note(grant.pk, tenant, mark["operator"], "request", **facts)
    return response


def _refused(request: HttpRequest, code: str, message: str) -> HttpResponse:
    if request.path_info.startswith("/api/"):
        return JsonResponse({"code": code, "message": message, "field": None, "details": {}}, status=403)
    return render(request, "identity/suspended.html", {"message": message}, status=403)
