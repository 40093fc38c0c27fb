"""What the packages above `tenants` show on the operators' console (decision 0017)."""

from __future__ import annotations

from tenants.operator import registry


def _plans() -> list[tuple[str, str]]:
    from billing.models import Plan

    return [(plan.code, plan.code) for plan in Plan.objects.all()]


def register() -> None:
    """Add what billing and sign-up know; called once the apps are ready."""
    registry.register_plans(_plans)
