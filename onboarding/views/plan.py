"""What this workspace has and uses: plan, trial, seats, storage, and what the plans cost (ASP-20.6, before payment exists)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from billing.services.catalogue import public_offers
from crm_core.records.models import StoredFile
from crm_core.security.administration import seats_used
from tenants.context import activate_public
from tenants.entitlements import effective_state, limit
from tenants.models import Tenant


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """The page behind "Plan and billing"; administrators only, everybody else is told who to ask."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), "/login/")
    if not request.user.is_admin:
        return render(request, "onboarding/plan.html", {"administrators_only": True}, status=403)
    return render(request, "onboarding/plan.html", facts(request.tenant))  # type: ignore[attr-defined]


def facts(tenant: Tenant) -> dict[str, Any]:
    """What the page shows of `tenant`, whose schema is active."""
    used = StoredFile.objects.filter(deleted_at=None).aggregate(total=Sum("size"))["total"] or 0
    seats = seats_used()
    with activate_public():
        offers = public_offers(tenant.currency, get_language() or tenant.language)
    end = tenant.trial_ends_at
    return {
        "offers": offers,
        "current": next((o for o in offers if o.code == tenant.plan_code), None),
        "state": effective_state(tenant),
        "trial_end": end,
        "trial_days": max(-(-(end - timezone.now()) // timedelta(days=1)), 0) if end else None,
        "meters": [
            {
                "name": "users",
                "used": seats,
                "limit": limit(tenant, "users"),
                "share": _share(seats, limit(tenant, "users")),
            },
            {
                "name": "storage",
                "used": used,
                "limit": limit(tenant, "storage_bytes"),
                "share": _share(used, limit(tenant, "storage_bytes")),
            },
        ],
    }


def _share(used: int, most: int | None) -> int | None:
    """Percent used, rounded up so that something used never reads as nothing; None without a limit."""
    return None if not most else min(-(-100 * used // most), 100)
