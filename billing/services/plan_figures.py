"""Who runs on which version of a plan, what it brings, and whom new terms would be too small for (ASP-30 Figures)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from billing.models import Plan, PlanVersion, Subscription, SubscriptionItem
from billing.money.rounding import part
from billing.services.meters import known_meters
from billing.services.plan_terms import Terms
from tenants.models import Tenant, TenantState

RUNNING = (Subscription.Status.ACTIVE, Subscription.Status.PAST_DUE, Subscription.Status.UNPAID)
PAYING = (Subscription.Status.ACTIVE, Subscription.Status.PAST_DUE)


@dataclass
class Use:
    """A version in use: running subscriptions, their users (or units), and revenue a month by currency, minor units."""

    subscriptions: int = 0
    units: int = 0
    revenue: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(
        self, subscription: Subscription, units: int, amount_minor: int, interval: str, currency: str
    ) -> None:
        """Count one subscription (or its add-on) in; only paid ones bring revenue."""
        self.subscriptions += 1
        self.units += units
        if subscription.status in PAYING and amount_minor:
            self.revenue[currency] += part(amount_minor * units, 1, 12 if interval == "year" else 1)


def use_by_version() -> dict[UUID, Use]:
    """{version id: its use}, before discounts, in two statements; versions nobody runs on are left out.

    What is charged by usage counts its agreements and brings no revenue that is known ahead.
    """
    found: dict[UUID, Use] = defaultdict(Use)
    for row in Subscription.objects.filter(status__in=RUNNING).select_related("price"):
        price = row.price
        found[price.version_id].add(row, row.seats, price.amount_minor, price.interval, price.currency)
    items = SubscriptionItem.objects.filter(subscription__status__in=RUNNING)
    for item in items.select_related("subscription", "price__version__plan"):
        price = item.price
        amount = 0 if price.version.plan.kind == Plan.Kind.USAGE else price.amount_minor
        found[price.version_id].add(item.subscription, item.quantity, amount, price.interval, price.currency)
    return dict(found)


def trials_of(plan: Plan) -> list[Tenant]:
    """Workspaces on trial with this plan."""
    rows = Tenant.objects.filter(plan_code=plan.code, state=TenantState.TRIALING, parent=None)
    return list(rows.order_by("name")) if plan.kind == Plan.Kind.PLAN else []


@dataclass(frozen=True)
class Tight:
    """A workspace that uses more of something than terms would give it."""

    tenant: Tenant
    label: str
    unit: str
    used: int
    most: int


def too_small_for(plan: Plan, terms: Terms) -> list[Tight]:
    """Whom these terms would be too small for if he chose them, by what workspaces pushed last. Allowed, but said.

    Add-ons he has count for him; what is counted anew each day never is in the way.
    """
    if plan.kind != Plan.Kind.PLAN:
        return []
    found = []
    rows = Subscription.objects.filter(status__in=RUNNING, price__version__plan=plan, tenant__parent=None)
    for row in rows.select_related("tenant").prefetch_related("items__price__version__features__feature"):
        found += _tight(row.tenant, _limits(terms, row), row.seats)
    return found


def _limits(terms: Terms, subscription: Subscription) -> dict[str, int | None]:
    limits: dict[str, Any] = {
        code: value for code, value in terms.features.items() if not isinstance(value, bool)
    }
    per_user = limits.pop("storage_bytes_per_user", 0)
    base = limits.get("storage_bytes")
    if "storage_bytes" in limits:
        limits["storage_bytes"] = (
            None if base is None or per_user is None else base + per_user * subscription.seats
        )
    for item in subscription.items.all():
        for row in (
            item.price.version.features.all() if item.price.version.plan.kind != Plan.Kind.USAGE else ()
        ):
            if limits.get(row.feature.code) is not None:
                limits[row.feature.code] += (row.limit or 0) * item.quantity
    return {**limits, "users": terms.max_users}


def _tight(tenant: Tenant, limits: dict[str, int | None], seats: int) -> list[Tight]:
    found = []
    most_users = limits.pop("users")
    if most_users is not None and seats > most_users:
        found.append(Tight(tenant, _("Users"), "count", seats, most_users))
    for meter in known_meters(tenant):
        most = limits.get(meter.code)
        if meter.unit != "per_day" and most is not None and meter.used > most:
            found.append(Tight(tenant, meter.label, meter.unit, meter.used, most))
    return found


def running_on(plan: Plan) -> int:
    """How many subscriptions run on any version of a plan, or have it as an add-on."""
    if plan.kind == Plan.Kind.PLAN:
        return Subscription.objects.filter(status__in=RUNNING, price__version__plan=plan).count()
    rows = SubscriptionItem.objects.filter(subscription__status__in=RUNNING, price__version__plan=plan)
    return rows.values("subscription").distinct().count()


def versions_of(plan: Plan) -> list[PlanVersion]:
    """All versions, newest first."""
    return list(plan.versions.select_related("plan").order_by("-number"))
