"""Usage against limits: the days' ledger, what the tenant's page shows, notices at 80, 95 and 100 percent (ASP-20.5).

Levels (users, bytes, records) are pushed by the workspaces and keep the day's last value; what is counted by the day
(`tenants.metering`) is flushed from the cache server and keeps the day's highest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import Feature, UsageRecord
from billing.services import clock, notices, seats
from tenants import metering, usage
from tenants.context import activate
from tenants.entitlements import limit
from tenants.models import Tenant, TenantState

THRESHOLDS = (80, 95, 100)
#: Pushed with the workspace's other figures and kept by the day, but limited by no plan.
UNLIMITED = ("records", "database_bytes")
HISTORY_DAYS = 30
_PAGE = 200


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

    @property
    def period(self) -> str:
        """What a threshold is told once for: the day of a daily limit, the month of a level."""
        return f"{metering.today()}" if self.code in metering.COUNTED else f"{clock.now():%Y-%m}"


def meters_of(tenant: Tenant) -> list[Meter]:
    """Everything measured now in the workspace that its plan limits, users first; then what no plan limits."""
    with activate(tenant):
        used = usage.measure_all()
    used |= seats.taken(tenant)
    return _meters(tenant, {**_unlimited(tenant), **used, **metering.used_today(tenant)})


def known_meters(tenant: Tenant) -> list[Meter]:
    """The same from what the workspace pushed last, without looking into its schema: for operators (SAAS.md §2.3)."""
    return _meters(tenant, {**_unlimited(tenant), **_pushed(tenant), **metering.used_today(tenant)})


def _unlimited(tenant: Tenant) -> dict[str, int]:
    return {code: int(tenant.usage[code]) for code in UNLIMITED if code in tenant.usage}


def _pushed(tenant: Tenant) -> dict[str, int]:
    pushed = tenant.usage.get("meters")
    return pushed if isinstance(pushed, dict) else {}


def _meters(tenant: Tenant, used: dict[str, int]) -> list[Meter]:
    language = (translation.get_language() or "en")[:2]
    features = {feature.code: feature for feature in Feature.objects.all()}
    own = {"users": _("Users"), "records": _("Records"), "database_bytes": _("Database")}
    found = []
    for code, value in used.items():
        feature = features.get(code)
        try:
            most = None if code in UNLIMITED else limit(tenant, code)
        except KeyError:
            continue
        if code in usage.ONE_BY_ONE and not value and most == 0:
            continue  # neither bought nor used
        label = feature.label(language) if feature else own.get(code, code)
        unit = feature.unit if feature else "bytes" if code.endswith("_bytes") else "count"
        found.append(Meter(code, label, value, most, unit))
    return sorted(found, key=lambda m: _place(m.code, features))


def _place(code: str, features: dict[str, Feature]) -> int:
    if code in usage.SEATS:
        return usage.SEATS.index(code) - len(usage.SEATS)
    return features[code].position if code in features else 1000


def record(tenant: Tenant, meter: str, value: int, day: date | None = None) -> UsageRecord:
    """Keep the day's value of a level."""
    row, _made = UsageRecord.objects.update_or_create(
        tenant=tenant, meter=meter, day=day or clock.now().date(), defaults={"value": value, "sent_at": None}
    )
    return row


def kept(tenant_id: UUID, meter: str, day: date) -> int:
    """The ledger's value of a day, 0 for none."""
    rows = UsageRecord.objects.filter(tenant_id=tenant_id, meter=meter, day=day)
    return rows.values_list("value", flat=True).first() or 0


def keep_counted(rows: list[tuple[UUID, str, date, int]]) -> None:
    """Write counted days, all in one statement. A day's value never goes down: a counter that began anew after the
    cache server lost it, or a flush that comes late, takes nothing away."""
    table = UsageRecord._meta.db_table
    fresh = [UsageRecord(tenant_id=t, meter=m, day=d, value=v) for t, m, d, v in rows]
    values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(fresh))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, tenant_id, meter, day, value) VALUES {values} "  # noqa: S608 - names and places
            f"ON CONFLICT (tenant_id, meter, day) DO UPDATE SET value = EXCLUDED.value, sent_at = NULL "
            f"WHERE {table}.value < EXCLUDED.value",
            [item for row in fresh for item in (row.pk, row.tenant_id, row.meter, row.day, row.value)],
        )


LEDGER = metering.Ledger(read=kept, write=keep_counted)


def _living() -> Iterator[Tenant]:
    gone = [TenantState.PROVISIONING, TenantState.FAILED, TenantState.DELETED]
    # what a sandbox uses costs nothing
    yield from Tenant.objects.filter(parent=None).exclude(state__in=gone).order_by("pk").iterator(_PAGE)


def flush() -> int:
    """Write what was counted since the last time into the ledger; returns how many days were written."""
    return metering.flush([tenant.pk for tenant in _living()])


def send_notices() -> int:
    """Record what workspaces pushed into `Tenant.usage`, and tell of thresholds reached, each once in its period.

    Returns how many were told.
    """
    told = 0
    for tenant in _living():
        levels = {**_unlimited(tenant), **_pushed(tenant)}
        for code, value in levels.items():
            record(tenant, code, value)
        with translation.override(tenant.language):
            meters = _meters(tenant, {**levels, **metering.used_today(tenant)})
        for meter in meters:
            if meter.warning is not None and meter.code not in usage.ONE_BY_ONE:
                key = f"{meter.code}:{meter.warning}:{meter.period}"
                told += notices.tell(tenant, "usage", key, percent=meter.warning, meter=meter.label)
    return told


def history(tenant: Tenant, meter: str) -> list[tuple[date, int]]:
    """The last 30 days of a meter, today last; 0 where nothing was counted."""
    last = metering.today()
    rows = UsageRecord.objects.filter(tenant=tenant, meter=meter, day__gt=last - timedelta(days=HISTORY_DAYS))
    values = dict(rows.values_list("day", "value"))
    days = [last - timedelta(days=ago) for ago in range(HISTORY_DAYS - 1, -1, -1)]
    return [(day, values.get(day, 0)) for day in days]
