"""Write what a tenant may do onto the tenant (ARCHITECTURE.md §2: where billing and the CRM meet)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from billing.catalogue import STATEMENT_MS
from billing.models import Feature, Override, Plan, PlanVersion, Subscription
from billing.services import allowance
from billing.services.catalogue import current_version
from billing.standing import Standing
from tenants.context import activate_public
from tenants.models import Tenant

#: A workspace nobody pays for yet sends little, whatever its plan says (SAAS.md §4.2 Abuse).
TRIAL_EMAILS_PER_DAY = 100
TRIAL_INVITATIONS_PER_DAY = 15


TRIAL_READ_ONLY_USERS = 10

AddOns = Iterable[tuple[PlanVersion, int]]


def snapshot(
    version: PlanVersion, *, trial: bool, seats: int | None = None, addons: AddOns = ()
) -> dict[str, Any]:
    """What `tenants.entitlements` reads: `{"features": {name: bool}, "limits": {name: int | None}, "plan": …}`.

    `seats` is the number of paid users; a trial has the plan's trial users and only the base storage. Each unit of
    an add-on adds its amount to the plan's limit; what is unlimited stays so.
    """
    rows = {row.feature.code: row for row in version.features.select_related("feature")}
    switches = {code: row.enabled for code, row in rows.items() if row.feature.kind == Feature.Kind.SWITCH}
    limits = {
        code: row.limit if row.enabled else 0
        for code, row in rows.items()
        if row.feature.kind == Feature.Kind.LIMIT
    }
    per_user = limits.pop("storage_bytes_per_user", 0)
    users = version.trial_users if trial else seats
    if trial:
        limits["emails_per_day"] = _smaller(limits.get("emails_per_day"), TRIAL_EMAILS_PER_DAY)
        limits["invitations_per_day"] = TRIAL_INVITATIONS_PER_DAY
    else:
        base = limits.get("storage_bytes")
        limits["storage_bytes"] = None if base is None or per_user is None else base + per_user * (seats or 0)
    limits["statement_ms"] = STATEMENT_MS.get(version.plan.code, STATEMENT_MS["professional"])
    limits["read_only_users"] = TRIAL_READ_ONLY_USERS if trial else 0
    for addon, quantity in addons:
        if addon.plan.kind == Plan.Kind.USAGE:
            continue  # its pack is no amount that is given
        for row in addon.features.all():
            so_far = limits.get(row.feature.code, 0)
            limits[row.feature.code] = None if so_far is None else so_far + (row.limit or 0) * quantity
    return {
        "plan": {"code": version.plan.code, "version": version.number, "trial": trial},
        "features": switches,
        "limits": {"users": users, **limits},
    }


def _smaller(limit: int | None, most: int) -> int:
    return most if limit is None else min(limit, most)


def start_trial(tenant: Tenant, plan_code: str) -> PlanVersion:
    """Give `tenant` everything the plan's current version has, for a trial (ASP-10.4). Safe to repeat.

    Raises UnknownPlan. The end of the trial is set by provisioning, which knows when it began.
    """
    with activate_public():
        version = current_version(plan_code)
        tenant.plan_code = version.plan.code
        tenant.entitlements = snapshot(version, trial=True)
        tenant.save(update_fields=["plan_code", "entitlements"])
    return version


def current(
    tenant: Any, subscription: Subscription | None, standing: Standing, now: datetime
) -> dict[str, Any]:
    """The whole snapshot of a tenant from `lifecycle.load`: plan or trial, overrides, and what its state allows.

    `access`, `next_state`, `next_at` (ISO) and `dispute` (open, lost) are for `tenants.entitlements` and for banners.
    """
    if subscription is not None:
        addons = [(item.price.version, item.quantity) for item in subscription.items.all()]
        given = snapshot(subscription.price.version, trial=False, seats=subscription.seats, addons=addons)
    else:
        given = snapshot(_trial_version(tenant), trial=True)
    for override in tenant.known_overrides:
        if override.feature in Override.ABOUT_STATE:
            continue
        if override.until is None or now < override.until:
            kind = "features" if isinstance(override.value, bool) else "limits"
            given[kind][override.feature] = override.value
    included = dict(given["limits"])
    if subscription is not None and subscription.pk is not None:
        given["limits"] |= (more := allowance.raised(tenant, subscription, included))
        if more:
            given["included"] = {code: included[code] for code in more}
    disputes = tenant.unsettled_disputes
    return given | {
        "dispute": disputes[0].state if disputes else None,
        "access": standing.access,
        "next_state": standing.next_state,
        "next_at": standing.next_at.isoformat() if standing.next_at else None,
    }


def _trial_version(tenant: Tenant) -> PlanVersion:
    """The version the trial began with; a plan changed since does not change it."""
    known = tenant.entitlements.get("plan") or {}
    version = (
        PlanVersion.objects.filter(plan__code=tenant.plan_code, number=int(known.get("version") or 0))
        .select_related("plan")
        .first()
        if known.get("code") == tenant.plan_code
        else None
    )
    return version or current_version(tenant.plan_code)
