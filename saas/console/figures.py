"""Figures of the business for the operators, from rows that are there (ASP-30 Figures)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from saas.console import movements
from saas.console.money import shown_amount
from tenants import figures
from tenants.lifecycle import copies
from tenants.models import Tenant, TenantState
from tenants.operator import registry, wording
from tenants.operator.registry import Figure
from tenants.operator.services import tenant_rows

WINDOW = timedelta(days=30)
WEEKS = 12
KEPT_WEEKS = 26
FEATURES_SHOWN = 25


def _workspaces() -> QuerySet[Tenant]:
    """Those somebody signed up for; sandboxes, clones and restored backups are no further ones."""
    return copies.signed_up(Tenant.objects.all())


def _recurring() -> dict[str, Any]:
    from billing.services.figures import recurring_revenue

    return {
        "value": _amounts(recurring_revenue()) or "0.00 EUR",
        "hint": _("per month, net, before discounts"),
    }


def _new_trials() -> dict[str, Any]:
    since = timezone.now() - WINDOW
    count = _workspaces().filter(created_at__gte=since, trial_ends_at__isnull=False).count()
    running = _workspaces().filter(state=TenantState.TRIALING).count()
    return {"value": str(count), "hint": _("in 30 days; %(count)s running now") % {"count": running}}


def _conversion() -> dict[str, Any]:
    now = timezone.now()
    found = movements.conversion(now - WINDOW, now)
    return {
        "value": _percent(found.percent, "0"),
        "hint": _("%(won)s bought, %(lost)s expired in 30 days")
        % {"won": found.bought, "lost": found.expired},
    }


def _churn() -> dict[str, Any]:
    now = timezone.now()
    found = movements.churn(now - WINDOW, now)
    words = _("%(gone)s of %(all)s customers left in 30 days") % {"gone": found.gone, "all": found.customers}
    if found.lost:
        words += " · " + _("%(amount)s less per month") % {"amount": _amounts(found.lost)}
    return {"value": _percent(found.percent, "1"), "hint": words}


def _percent(value: float | None, digits: str) -> str:
    return "–" if value is None else f"{value:.{digits}f} %"


def _amounts(sums: dict[str, int]) -> str:
    return " + ".join(shown_amount(currency, minor) for currency, minor in sorted(sums.items()))


def _customers() -> dict[str, int]:
    from billing.models import Subscription

    paid = Subscription.objects.filter(status__in=["active", "past_due"])
    return {"": paid.values("tenant").distinct().count()}


def _trials() -> dict[str, int]:
    return {"": _workspaces().filter(state=TenantState.TRIALING).count()}


def _over_weeks(name: str, *, is_money: bool = False) -> dict[str, Any]:
    found = figures.weekly(name, KEPT_WEEKS)
    return {
        "lines": [
            {
                "unit": unit,
                "points": [(f"{week:%m-%d}", value) for week, value in points],
                "shown": [shown_amount(unit, value) if is_money else str(value) for _week, value in points],
            }
            for unit, points in sorted(found.items())
        ]
    }


def _by_state() -> dict[str, Any]:
    counts = tenant_rows.counts_by_state()
    return {
        "series": [(str(label), counts[value]) for value, label in TenantState.choices if value in counts]
    }


def _by_week() -> dict[str, Any]:
    now = timezone.now()
    first = (now - timedelta(weeks=WEEKS - 1, days=now.weekday())).date()
    rows = _workspaces().filter(created_at__date__gte=first).order_by().annotate(week=TruncWeek("created_at"))
    counts = {row["week"].date(): row["n"] for row in rows.values("week").annotate(n=Count("pk"))}
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    return {"series": [(f"{week:%m-%d}", counts.get(week, 0)) for week in weeks]}


#: What is limited by the day is added up over many of them here.
_METERS = {"api_calls_per_day": gettext_lazy("API calls"), "emails_per_day": gettext_lazy("E-mails sent")}


def _usage() -> dict[str, Any]:
    """Counted things are added up over the days; of a level (users, records) the newest day of each workspace counts."""
    from billing.models import UsageRecord
    from tenants import metering

    since = (timezone.now() - WINDOW).date()
    rows = (
        UsageRecord.objects.filter(day__gte=since, tenant__in=_workspaces())
        .exclude(meter__contains="bytes")
        .order_by()
    )
    counted = rows.filter(meter__in=metering.COUNTED).values("meter")
    sums = {row["meter"]: row["total"] for row in counted.annotate(total=Sum("value"))}
    levels = rows.exclude(meter__in=metering.COUNTED).order_by("tenant_id", "meter", "-day")
    for meter, value in levels.distinct("tenant_id", "meter").values_list("meter", "value"):
        sums[meter] = sums.get(meter, 0) + value
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return {
        "series": [(str(_METERS.get(meter) or wording.limit_name(meter)), total) for meter, total in ordered]
    }


def _features() -> dict[str, Any]:
    """In how many workspaces each object and each kind of long work is used."""
    from crm_core.metadata.customization.overlay import compile_entities

    delivered, _lists = compile_entities({})  # as no workspace has changed them
    # what every workspace is set up with says nothing about what it uses
    known = {
        name: str(entity.label_plural)
        for name, entity in delivered.items()
        if entity.group not in {"administration", "other"}
    }
    users: Counter[str] = Counter()
    for used in _workspaces().exclude(state=TenantState.DELETED).values_list("usage__features", flat=True):
        found = (name for name, count in (used or {}).items() if count)
        users.update(name for name in found if name in known or name not in delivered)
    ordered = sorted(users.items(), key=lambda item: (-item[1], item[0]))[:FEATURES_SHOWN]
    return {"series": [(known.get(name) or _plain(name), count) for name, count in ordered]}


def _plain(name: str) -> str:
    return wording.plain(name.removeprefix("job:"))


FIGURES = (
    Figure("recurring", gettext_lazy("Recurring revenue"), _recurring, order=10),
    Figure("trials", gettext_lazy("New trials"), _new_trials, order=20),
    Figure("conversion", gettext_lazy("Conversion"), _conversion, order=30),
    Figure("churn", gettext_lazy("Churn"), _churn, order=40),
    Figure("revenue_weeks", gettext_lazy("Recurring revenue, end of week"), lambda: _over_weeks("recurring_revenue", is_money=True), is_chart=True, order=41),
    Figure("customers_weeks", gettext_lazy("Paying workspaces, end of week"), lambda: _over_weeks("customers"), is_chart=True, order=42),
    Figure("trials_weeks", gettext_lazy("Running trials, end of week"), lambda: _over_weeks("trials"), is_chart=True, order=43),
    Figure("by_week", gettext_lazy("New workspaces per week"), _by_week, is_chart=True, order=50),
    Figure("by_state", gettext_lazy("Workspaces by state"), _by_state, is_chart=True, order=60),
    Figure("usage", gettext_lazy("Usage, 30 days"), _usage, is_chart=True, order=70),
    Figure("features", gettext_lazy("Workspaces using each feature"), _features, is_chart=True, order=80),
)  # fmt: skip


def register() -> None:
    """Add the figures; called once the apps are ready."""
    from billing.services.figures import recurring_revenue

    for figure in FIGURES:
        registry.register_figure(figure)
    figures.register_measure("recurring_revenue", recurring_revenue)
    figures.register_measure("customers", _customers)
    figures.register_measure("trials", _trials)
