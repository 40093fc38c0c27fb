"""Usage against limits: what the tenant's page shows, and notices at 80, 95 and 100 percent (ASP-20.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Feature, UsageRecord
from billing.services import clock, notices, seats
from tenants import usage
from tenants.context import activate
from tenants.entitlements import limit
from tenants.models import Tenant, TenantState

THRESHOLDS = (80, 95, 100)


@dataclass(frozen=True)
class Meter:
    """How much of a limit is used; `most` None is unlimited. `unit` is `count`, `bytes` or `per_day`."""

    code: str
    label: str
    used: int
    most: int | None
    unit: str

    @property
    def percent(self) -> int | None:
        """Percent used, rounded up so that something used never reads as nothing; None without a limit."""
        return None if not self.most else -(-100 * self.used // self.most)

    @property
    def warning(self) -> int | None:
        """The highest threshold reached."""
        reached = [t for t in THRESHOLDS if self.most and 100 * self.used >= t * self.most]
        return max(reached, default=None)


def meters_of(tenant: Tenant) -> list[Meter]:
    """Everything measured now in the workspace that its plan limits; users first."""
    with activate(tenant):
        used = usage.measure_all()
    used["users"] = seats.active_users(tenant)
    return _meters(tenant, used)


def _meters(tenant: Tenant, used: dict[str, int]) -> list[Meter]:
    language = (translation.get_language() or "en")[:2]
    features = {feature.code: feature for feature in Feature.objects.all()}
    found = []
    for code, value in used.items():
        try:
            most = limit(tenant, code)
        except KeyError:
            continue
        feature = features.get(code)
        label = feature.label(language) if feature else _("Users")
        found.append(Meter(code, label, value, most, feature.unit if feature else "count"))
    return sorted(
        found, key=lambda m: (m.code != "users", features[m.code].position if m.code in features else -1)
    )


def record(tenant: Tenant, meter: str, value: int, day: date | None = None) -> UsageRecord:
    """Keep the day's value of a meter."""
    row, _made = UsageRecord.objects.update_or_create(
        tenant=tenant, meter=meter, day=day or clock.now().date(), defaults={"value": value, "sent_at": None}
    )
    return row


def send_notices() -> int:
    """Record what workspaces pushed into `Tenant.usage`, and tell of thresholds reached, each once a month.

    Returns how many were told.
    """
    told = 0
    rows = Tenant.objects.exclude(
        state__in=[TenantState.PROVISIONING, TenantState.FAILED, TenantState.DELETED]
    )
    for tenant in rows.iterator(200):
        pushed = tenant.usage.get("meters")
        if not isinstance(pushed, dict):
            continue
        with translation.override(tenant.language):
            meters = _meters(tenant, pushed)
        for meter in meters:
            record(tenant, meter.code, meter.used)
            # The last seat taken is no trouble: somebody bought exactly as many as he needs.
            if meter.warning is not None and meter.code != "users":
                key = f"{meter.code}:{meter.warning}:{clock.now():%Y-%m}"
                told += notices.tell(tenant, "usage", key, percent=meter.warning, meter=meter.label)
    return told
