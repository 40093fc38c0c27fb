"""Who came and who left within a time: conversion of trials, churn of customers and of revenue (ASP-30 Figures).

A customer is a workspace with a subscription that was paid at least once and has not ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from billing.models import StateTransition, Subscription
from billing.services.figures import per_month
from tenants.lifecycle import copies
from tenants.models import Tenant, TenantState

_TRIAL = (TenantState.TRIALING, TenantState.EXPIRED)


@dataclass(frozen=True)
class Conversion:
    """Trials that came to an end: workspaces that bought, and those that let it expire and have not bought since."""

    bought: int
    expired: int

    @property
    def percent(self) -> float | None:
        """Share of those that ended which bought; None when none ended."""
        ended = self.bought + self.expired
        return 100 * self.bought / ended if ended else None


@dataclass(frozen=True)
class Churn:
    """Customers at the beginning and how many of them have left; their monthly revenue likewise, by currency."""

    customers: int
    gone: int
    revenue: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)

    @property
    def percent(self) -> float | None:
        """Share of the customers at the beginning who left; None when there were none."""
        return 100 * self.gone / self.customers if self.customers else None


def conversion(since: datetime, until: datetime) -> Conversion:
    """Trials whose end fell between the moments. Who expired and bought later has bought."""
    own = copies.signed_up(Tenant.objects.all())
    moves = StateTransition.objects.filter(at__gt=since, at__lte=until, tenant__in=own)
    bought = set(
        moves.filter(state_before__in=_TRIAL, state_after=TenantState.ACTIVE).values_list("tenant", flat=True)
    )
    expired = set(
        moves.filter(state_before=TenantState.TRIALING, state_after=TenantState.EXPIRED).values_list(
            "tenant", flat=True
        )
    )
    return Conversion(len(bought), len(expired - bought))


def churn(since: datetime, until: datetime) -> Churn:
    """Customers of ``since`` who are none at ``until``. Who came in between counts on neither side; who left and came
    back has not left."""
    before, after = _running(since), _running(until)
    gone = set(before) - set(after)
    return Churn(
        len(before), len(gone), _sums(before.values()), _sums(before[tenant_id] for tenant_id in gone)
    )


def _running(moment: datetime) -> dict[UUID, Subscription]:
    """The subscription each customer had at the moment, with the price it has now or ended with."""
    rows = Subscription.objects.filter(started_at__lte=moment).filter(
        Q(ended_at=None) | Q(ended_at__gt=moment)
    )
    rows = rows.exclude(status=Subscription.Status.INCOMPLETE).select_related("price")
    return {row.tenant_id: row for row in rows.prefetch_related("items__price").order_by("started_at")}


def _sums(subscriptions: Iterable[Subscription]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for subscription in subscriptions:
        sums[subscription.price.currency] += per_month(subscription)
    return dict(sums)
