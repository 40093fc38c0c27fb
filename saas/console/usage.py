"""How much a workspace uses of what its plan gives, on its page of the operators' console (ASP-30 Monitor)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from tenants.models import Tenant
from tenants.operator import registry


def _usage(tenant: Tenant) -> dict[str, Any] | None:
    if tenant.is_sandbox:  # it has no limits of its own to fill
        return None
    from billing.services import meters
    from tenants import metering, usage

    return {
        "one_by_one": usage.ONE_BY_ONE,  # full is how they should be
        "meters": [
            (meter, meters.history(tenant, meter.code) if meter.code in metering.COUNTED else None)
            for meter in meters.known_meters(tenant)
        ],
    }


def register() -> None:
    """Add the panel; called once the apps are ready."""
    registry.register_panel(
        registry.Panel("usage", gettext_lazy("Usage"), "saas/console/usage.html", _usage, order=20)
    )
