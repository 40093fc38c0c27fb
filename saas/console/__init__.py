"""What the packages above `tenants` show on the operators' console (decision 0009)."""

from __future__ import annotations


def register() -> None:
    """Add what billing and sign-up know; called once the apps are ready."""
    from saas.console import (
        backlogs,
        coupons,
        disputes,
        ending,
        figures,
        inbox,
        invoices,
        money,
        people,
        plans,
        subscription,
        usage,
    )

    for part in (
        money,
        ending,
        plans,
        figures,
        invoices,
        coupons,
        disputes,
        inbox,
        people,
        subscription,
        usage,
        backlogs,
    ):
        part.register()
