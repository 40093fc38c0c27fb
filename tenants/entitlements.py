"""What a tenant may do, from the snapshot billing writes on it (ARCHITECTURE.md §2, ASP-20).

The snapshot on ``Tenant.entitlements`` is ``{"features": {name: bool}, "limits": {name: int | None}, "access":
"full | read_only | suspended | export_only | closed", "next_state", "next_at"}``.
Reading it needs no other table and no payment provider. What it leaves out comes from the trial's
defaults, so a tenant without a snapshot works.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.errors import TenantRefusal
from tenants.models import Tenant, TenantState

GIGABYTE = 1024**3
#: Where an administrator raises a limit.
BUY_URL = "/billing/"
READ_ONLY_AFTER_TRIAL = timedelta(days=15)

# ``None`` is unlimited.
TRIAL_LIMITS: dict[str, int | None] = {
    "users": 25,
    "read_only_users": 10,
    "storage_bytes": 5 * GIGABYTE,
    "file_bytes": 50 * 1024**2,
    "api_calls_per_day": 25_000,
    "emails_per_day": 100,
    "custom_objects": 20,
    "invitations_per_day": 15,
    "sandboxes": 1,
    "statement_ms": None,  # the installation's, see tenants.timeouts
    "audit_retention_days": 365,
}
#: Every switch is asked for somewhere: one nobody reads could be sold and would change nothing.
TRIAL_FEATURES: dict[str, bool] = {
    "field_security": True,
    "custom_domain": True,
}


def limit(tenant: Tenant, key: str) -> int | None:
    """How much of ``key`` the tenant may use; None is unlimited. Raises KeyError for a name nobody knows."""
    given: dict[str, Any] = tenant.entitlements.get("limits", {})
    return given[key] if key in given else TRIAL_LIMITS[key]


def allows(tenant: Tenant, feature: str) -> bool:
    """Whether the tenant's plan includes ``feature``. Raises KeyError for a name nobody knows."""
    given: dict[str, Any] = tenant.entitlements.get("features", {})
    return bool(given[feature]) if feature in given else TRIAL_FEATURES[feature]


def require_feature(tenant: Tenant, feature: str) -> None:
    """Raise 402 ``plan.feature`` when the plan does not include ``feature``."""
    if not allows(tenant, feature):
        message = _("This is not part of your plan. An administrator can change the plan.")
        raise TenantRefusal("plan.feature", message, status=402, feature=feature)


def require_room(tenant: Tenant, key: str, wanted: int) -> None:
    """Raise 402 when ``wanted`` (the total after the act) exceeds the limit ``key``."""
    most = limit(tenant, key)
    if most is None or wanted <= most:
        return
    codes = {
        "users": "plan.seats",
        "read_only_users": "plan.seats",
        "storage_bytes": "quota.storage",
        "emails_per_day": "quota.email",
    }
    message: Any = _("The limit of your plan is reached. An administrator can change the plan.")
    if key == "users":
        message = _("All seats are taken. An administrator can buy more under Plan and billing.")
    elif key == "custom_objects":
        message = _(
            "Own objects: the limit of your plan is %(most)s. An administrator can change the plan."
        ) % {"most": most}
    elif key == "read_only_users":
        message = _("All read-only seats are taken. An administrator can buy more under Plan and billing.")
    raise TenantRefusal(
        codes.get(key, f"quota.{key}"), message, status=402, limit=most, wanted=wanted, buy_url=BUY_URL
    )


def effective_state(tenant: Tenant, now: datetime | None = None) -> str:
    """The state to act by. A trial whose end has passed counts as expired before billing's job says so,
    and what operators suspended or deleted is so whatever billing says."""
    state = tenant.acting_state
    ends = tenant.trial_ends_at if state == TenantState.TRIALING else None
    if ends is not None and ends <= (now or timezone.now()):
        return TenantState.EXPIRED
    return state


def write_refusal(tenant: Tenant, now: datetime | None = None) -> str | None:
    """The error code with which writes are refused now, or None when they are allowed (ASP-20).

    Expired: 15 days ``tenant.read_only``, then as suspended.
    """
    now = now or timezone.now()
    if getattr(
        tenant, "support_read_only", False
    ):  # an operator looks, by consent that does not cover changes
        return "support.read_only"
    state = effective_state(tenant, now)
    if state in {TenantState.TRIALING, TenantState.ACTIVE, TenantState.PAST_DUE}:
        return None
    if state == TenantState.EXPIRED:
        if tenant.state == state and tenant.entitlements.get("access") in ("read_only", "suspended"):
            return f"tenant.{tenant.entitlements['access']}"
        ended = tenant.trial_ends_at or tenant.state_changed_at
        return "tenant.read_only" if ended and now < ended + READ_ONLY_AFTER_TRIAL else "tenant.suspended"
    return "tenant.suspended"


def is_writable(tenant: Tenant) -> bool:
    """Whether records of the workspace may be changed."""
    return write_refusal(tenant) is None


def require_writable(tenant: Tenant) -> None:
    """Raise 423 ``tenant.read_only`` or ``tenant.suspended`` when the workspace's state forbids writing."""
    code = write_refusal(tenant)
    if code is not None and export_only(tenant):
        message = _("This workspace is canceled. You can download your data or start again.")
        raise TenantRefusal(code, message, status=423, state=effective_state(tenant))
    if code == "support.read_only":
        message = _("The workspace has agreed to support looking, not to changes.")
        raise TenantRefusal(code, message, status=403, state=effective_state(tenant))
    if code == "tenant.read_only":
        message = _("The trial is over. You can read and export; choose a plan to go on working.")
        raise TenantRefusal(code, message, status=423, state=effective_state(tenant))
    if code is not None:
        message = _("This workspace is suspended. You can read and export your data.")
        raise TenantRefusal(code, message, status=423, state=effective_state(tenant))


def admins_only(tenant: Tenant) -> bool:
    """Whether only administrators may sign in (suspended, late expired, canceled)."""
    return write_refusal(tenant) == "tenant.suspended"


def export_only(tenant: Tenant) -> bool:
    """Whether nothing but the export download is left (canceled)."""
    return tenant.state == TenantState.CANCELED


def is_closed(tenant: Tenant) -> bool:
    """Whether nobody gets in at all: closed for abuse."""
    return tenant.entitlements.get("access") == "closed"


def require_everybody(tenant: Tenant) -> None:
    """Raise 423 ``tenant.suspended`` when only administrators may use the workspace."""
    if admins_only(tenant):
        message = _("This workspace is suspended. Only administrators can use it now.")
        raise TenantRefusal("tenant.suspended", message, status=423, state=effective_state(tenant))


def require_open(tenant: Tenant) -> None:
    """Raise 423 ``tenant.suspended`` when the workspace is canceled or closed: not even reading is left."""
    if is_closed(tenant):
        message = _("This workspace was closed. Write to us to find out more.")
        raise TenantRefusal("tenant.suspended", message, status=423, state=effective_state(tenant))
    if export_only(tenant):
        require_writable(tenant)
