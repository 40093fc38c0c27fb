"""Limits another than the plan's for one workspace, with a reason and an end (ASP-30 Edit quotas)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from tenants.context import activate_public
from tenants.entitlements import TRIAL_LIMITS
from tenants.models import Tenant

#: Limits an operator can override, by the names `tenants.entitlements.limit` knows.
NAMES = tuple(sorted(TRIAL_LIMITS))


def override_limit(tenant: Tenant, name: str, value: int | None, until: date, reason: str) -> dict[str, Any]:
    """Let limit ``name`` be ``value`` (None: unlimited) up to and including the day ``until``.

    Returns what stood there before ({} for nothing). Raises KeyError for a name nobody knows.
    """
    if name not in NAMES:
        raise KeyError(name)
    return _write(tenant, name, {"value": value, "until": until.isoformat(), "reason": reason})


def remove_override(tenant: Tenant, name: str) -> dict[str, Any]:
    """Let the plan's limit count again. Returns what was removed ({} for nothing)."""
    return _write(tenant, name, None)


def _write(tenant: Tenant, name: str, entry: dict[str, Any] | None) -> dict[str, Any]:
    with activate_public(), transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        limits = dict(row.overrides.get("limits", {}))
        before = limits.pop(name, {})
        if entry is not None:
            limits[name] = entry
        row.overrides = {**row.overrides, "limits": limits}
        row.save(update_fields=["overrides"])
    tenant.overrides = row.overrides
    return before
