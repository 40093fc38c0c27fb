"""Figures of the business for the operators, from rows that are there (ASP-30 Figures)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saas.console.money import shown_amount
from tenants.models import Tenant, TenantState
from tenants.operator import registry
from tenants.operator.registry import Figure

WINDOW = timedelta(days=30)
WEEKS = 12


def _recurring() -> dict[str, Any]:
    from billing.services.figures import recurring_revenue

    sums = recurring_revenue()
    text = " + ".join(shown_amount(currency, minor) for currency, minor in sorted(sums.items()))
    return {"value": text or "0.00 EUR", "hint": _("per month, net, before discounts")}


def _moves(*, after: set[TenantState], before: set[TenantState]) -> int:
    from billing.models import StateTransition

    since = timezone.now() - WINDOW
    rows = StateTransition.objects.filter(at__gte=since, state_before__in=before, state_after__in=after)
    return rows.values("tenant").distinct().count()


def _new_trials() -> dict[str, Any]:
    since = timezone.now() - WINDOW
    count = Tenant.objects.filter(created_at__gte=since, trial_ends_at__isnull=False).count()
    running = Tenant.objects.filter(state=TenantState.TRIALING).count()
    return {"value": str(count), "hint": _("in 30 days; %(count)s running now") % {"count": running}}


def _conversion() -> dict[str, Any]:
    trial = {TenantState.TRIALING, TenantState.EXPIRED}
    won = _moves(before=trial, after={TenantState.ACTIVE})
    lost = _moves(before={TenantState.TRIALING}, after={TenantState.EXPIRED})
    share = f"{100 * won / (won + lost):.0f} %" if won + lost else "–"
    return {
        "value": share,
        "hint": _("%(won)s bought, %(lost)s expired in 30 days") % {"won": won, "lost": lost},
    }


def _churn() -> dict[str, Any]:
    paying = {TenantState.ACTIVE, TenantState.PAST_DUE, TenantState.SUSPENDED}
    gone = _moves(before=paying, after={TenantState.CANCELED, TenantState.DELETED})
    now = Tenant.objects.filter(state__in=paying).count()
    share = f"{100 * gone / (gone + now):.1f} %" if gone + now else "–"
    return {
        "value": share,
        "hint": _("%(gone)s of %(all)s left in 30 days") % {"gone": gone, "all": gone + now},
    }


def _by_state() -> dict[str, Any]:
    counts = Counter(
        {row["state"]: row["n"] for row in Tenant.objects.order_by().values("state").annotate(n=Count("pk"))}
    )
    return {"series": [(str(label), counts[value]) for value, label in TenantState.choices if counts[value]]}


def _by_week() -> dict[str, Any]:
    now = timezone.now()
    first = (now - timedelta(weeks=WEEKS - 1, days=now.weekday())).date()
    rows = (
        Tenant.objects.filter(created_at__date__gte=first).order_by().annotate(week=TruncWeek("created_at"))
    )
    counts = {row["week"].date(): row["n"] for row in rows.values("week").annotate(n=Count("pk"))}
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    return {"series": [(f"{week:%m-%d}", counts.get(week, 0)) for week in weeks]}


def _usage() -> dict[str, Any]:
    from billing.models import UsageRecord

    since = (timezone.now() - WINDOW).date()
    rows = UsageRecord.objects.filter(day__gte=since).exclude(meter__contains="bytes").order_by()
    sums = rows.values("meter").annotate(total=Sum("value"), workspaces=Count("tenant", distinct=True))
    return {
        "series": [
            (row["meter"].replace("_", " "), row["total"]) for row in sorted(sums, key=lambda r: -r["total"])
        ]
    }


FIGURES = (
    Figure("recurring", gettext_lazy("Recurring revenue"), _recurring, order=10),
    Figure("trials", gettext_lazy("New trials"), _new_trials, order=20),
    Figure("conversion", gettext_lazy("Conversion"), _conversion, order=30),
    Figure("churn", gettext_lazy("Churn"), _churn, order=40),
    Figure("by_week", gettext_lazy("New workspaces per week"), _by_week, is_chart=True, order=50),
    Figure("by_state", gettext_lazy("Workspaces by state"), _by_state, is_chart=True, order=60),
    Figure("usage", gettext_lazy("Usage per feature, 30 days"), _usage, is_chart=True, order=70),
)


def register() -> None:
    """Add the figures; called once the apps are ready."""
    for figure in FIGURES:
        registry.register_figure(figure)
