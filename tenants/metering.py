"""What is counted by the day: calls of the API by programs, e-mails sent (ASP-1 Usage record, ASP-20.5).

A number lives in the cache server; a job writes it into the day's row of the ledger, so that no request writes a row.
The first count of a day, or after the server has lost its numbers, goes on from the ledger: what is lost is at most
what was counted since the last flush. While the server is away nothing is counted and nobody is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants import counters
from tenants.context import activate_public
from tenants.entitlements import BUY_URL, limit
from tenants.errors import TenantRefusal
from tenants.models import Tenant

API_CALLS, EMAILS = "api_calls_per_day", "emails_per_day"
COUNTED = (API_CALLS, EMAILS)
# Longer than a day, so that the flush after midnight still finds yesterday's last number.
_KEPT_SECONDS = 2 * 86_400
_READ_AT_ONCE = 500


@dataclass(frozen=True)
class Ledger:
    """Who keeps the days. ``read(tenant id, meter, day)`` is the kept value, 0 for none; ``write(rows)`` keeps
    ``(tenant id, meter, day, value)``, never lowering a value."""

    read: Callable[[UUID, str, date], int]
    write: Callable[[list[tuple[UUID, str, date, int]]], None]


_ledgers: list[Ledger] = []


def register_ledger(ledger: Ledger) -> None:
    """Keep the days there. Register in ``AppConfig.ready``."""
    _ledgers[:] = [ledger]


def today() -> date:
    """The day that is counted: UTC, real time."""
    return timezone.now().astimezone(UTC).date()


def seconds_left() -> int:
    """Until the next day begins to count."""
    now = timezone.now().astimezone(UTC)
    midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return max(1, int((midnight - now).total_seconds()))


def _key(tenant_id: UUID, meter: str, day: date) -> str:
    return f"meter:{tenant_id.hex}:{meter}:{day:%Y%m%d}"


def _kept(tenant_id: UUID, meter: str, day: date) -> int:
    if not _ledgers:
        return 0
    with activate_public():
        return _ledgers[0].read(tenant_id, meter, day)


def count(tenant: Tenant, meter: str, amount: int = 1) -> int | None:
    """Count ``amount`` (negative takes back) and return today's number; None while nothing can be counted."""
    day = today()
    return counters.add(
        _key(tenant.pk, meter, day),
        amount,
        seconds=_KEPT_SECONDS,
        begin=lambda: _kept(tenant.pk, meter, day),
    )


def take(tenant: Tenant, meter: str, amount: int = 1) -> None:
    """Count ``amount`` if the day's limit has room for all of it. Raises TenantRefusal, and counts nothing then:
    429 `quota.api_calls` with ``retry_after`` seconds, 402 `quota.email`."""
    number = count(tenant, meter, amount)
    most = limit(tenant, meter)
    if number is None or most is None or number <= most:
        return
    count(tenant, meter, -amount)
    if meter == API_CALLS:
        message = _("The API calls of this day are used up. They count anew at midnight UTC.")
        raise TenantRefusal(
            "quota.api_calls", message, status=429, limit=most, retry_after=seconds_left(), buy_url=BUY_URL
        )
    message = _("The e-mails of this day are used up. An administrator can change the plan.")
    raise TenantRefusal(
        "quota.email", message, status=402, limit=most, wanted=number, retry_after=seconds_left(), buy_url=BUY_URL
    )  # fmt: skip


def used_today(tenant: Tenant) -> dict[str, int]:
    """Today's number of every counted meter; the ledger's while the cache server is away or knows none."""
    day = today()
    keys = {meter: _key(tenant.pk, meter, day) for meter in COUNTED}
    live = counters.read(keys.values()) or {}
    return {meter: live[key] if key in live else _kept(tenant.pk, meter, day) for meter, key in keys.items()}


def flush(tenant_ids: Iterable[UUID]) -> int:
    """Write today's and yesterday's numbers of these tenants into the ledger. Safe to repeat. Returns how many."""
    if not _ledgers:
        return 0
    days = (today() - timedelta(days=1), today())
    places = [(pk, meter, day) for pk in tenant_ids for meter in COUNTED for day in days]
    written = 0
    for start in range(0, len(places), _READ_AT_ONCE):
        named = {_key(*place): place for place in places[start : start + _READ_AT_ONCE]}
        live = counters.read(named)
        if live is None:
            return written
        rows = [(*named[key], value) for key, value in live.items() if value > 0]
        if rows:
            with activate_public():
                _ledgers[0].write(rows)
        written += len(rows)
    return written
