"""The public status page: do the parts work now, what is announced, what happened lately (ASP-30 status page)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from onboarding.models import OutgoingMail
from onboarding.visitor import page, site_language, site_page
from tenants import announcements, pool, probes
from tenants.models import Announcement, Provisioning

#: How long one look at the parts serves everybody, so that a crowd at the page does not become a load of its own.
FRESH_SECONDS = 15
LATE = timedelta(minutes=10)
_CACHE_KEY = "status-parts"

PARTS = {
    "workspaces": gettext_lazy("Workspaces and interface"),
    "work": gettext_lazy("Mail, imports and exports"),
    "sign_up": gettext_lazy("New workspaces"),
}
WORDS = {
    "good": gettext_lazy("works"),
    "warn": gettext_lazy("slower than usual"),
    "bad": gettext_lazy("does not work"),
}


def parts(now: datetime | None = None) -> dict[str, str]:
    """``good``, ``warn`` or ``bad`` for each of PARTS, looked at a quarter of a minute ago at most."""
    found: dict[str, str] | None = cache.get(_CACHE_KEY)
    if found is None:
        found = _look(now or timezone.now())
        cache.set(_CACHE_KEY, found, FRESH_SECONDS)
    return found


def _look(now: datetime) -> dict[str, str]:
    late = now - LATE
    waiting = OutgoingMail.objects.filter(state="waiting", attempts=0, created_at__lt=late).exists()
    stuck = Provisioning.objects.filter(state__in=["pending", "running"], created_at__lt=late).exists()
    return {
        # This page comes from the same processes and database as the workspaces.
        "workspaces": "good" if probes.database() == "up" else "bad",
        "work": "bad" if probes.queue() != "up" else "warn" if waiting else "good",
        "sign_up": "bad" if stuck else "warn" if pool.ready_count() == 0 else "good",
    }


@require_safe
@site_page
def status(request: HttpRequest) -> HttpResponse:
    """For everybody, without sign-in; in the visitor's language, times in UTC."""
    found, told = parts(), announcements.on_status_page()
    context: dict[str, Any] = {
        "parts": [(label, found[name], WORDS[found[name]]) for name, label in PARTS.items()],
        "headline": _headline(found, told["current"]),
        **{group: [_shown(row) for row in rows] for group, rows in told.items()},
        "looked_at": timezone.now(),
    }
    return page(request, "onboarding/status.html", context)


def _headline(found: dict[str, str], current: list[Announcement]) -> tuple[str, str]:
    kinds = {row.kind for row in current}
    if Announcement.Kind.INCIDENT in kinds or "bad" in found.values():
        return "bad", _("Something does not work as it should")
    if Announcement.Kind.MAINTENANCE in kinds:
        return "warn", _("Maintenance is under way")
    if "warn" in found.values():
        return "warn", _("Some things are slower than usual")
    return "good", _("Everything works")


def _shown(row: Announcement) -> dict[str, Any]:
    language = site_language()
    tones = {"info": "info", "maintenance": "warn", "incident": "bad"}
    return {
        "row": row,
        "tone": tones[row.kind],
        "title": row.title(language),
        "text": row.text(language),
        "updates": row.told(language),
        "since": row.work_starts_at or row.starts_at,
        "until": row.work_ends_at or (row.ended_at if row.state() == "over" else None),
    }
