"""Who may see the pages about money, and how refusals are shown on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from tenants.addresses import workspace_url
from tenants.context import activate_public, current_tenant
from tenants.errors import TenantRefusal
from tenants.models import Tenant


def administrators_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For signed-in administrators of the workspace; the view runs with the control data and gets the tenant.

    A TenantRefusal becomes a page with its status that says what to do.
    """

    @never_cache
    @csrf_protect
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), "/login/")
        if not request.user.is_admin:
            return render(request, "billing/administrators_only.html", status=403)
        found = current_tenant()
        with activate_public():
            tenant = Tenant.objects.get(pk=found.pk)  # not the cached copy: money is never shown stale
            try:
                if tenant.parent is not None:  # a sandbox has no plan of its own
                    return redirect(workspace_url(tenant.parent, "/billing/"))
                return view(request, tenant, *args, **kwargs)
            except TenantRefusal as refusal:
                return refused(request, refusal)

    return guarded


def refused(request: HttpRequest, refusal: TenantRefusal) -> HttpResponse:
    """The page of a refusal: what happened, what was kept, what to do."""
    context = {"refusal": refusal, "exceeded": refusal.details.get("exceeded", [])}
    return render(request, "billing/refused.html", context, status=refusal.status)


def done(request: HttpRequest, note: str) -> HttpResponse:
    """Back to the overview with a note (`?done=` takes only notes it knows)."""
    return redirect(f"/billing/?done={note}")


def whole_number(raw: str | None, default: int) -> int:
    """A count of seats from a form or address: 1 to 6 digits, else the default."""
    text = (raw or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else default


def acting(request: HttpRequest) -> str:
    """The e-mail of whoever asks, for the journal."""
    return str(getattr(request.user, "email", ""))
