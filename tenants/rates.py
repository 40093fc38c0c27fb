"""How many requests a workspace may send (SAAS.md §5.2 noisy neighbour, ASP-30 per-tenant throttles)."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from tenants import counters
from tenants.models import Tenant

WINDOW_SECONDS = 60
# How long a process keeps to itself what it counted, and of how many workspaces it does.
TELL_SECONDS = 1.0
MAX_TENANTS = 10_000


@dataclass
class _Counted:
    """A workspace's requests of one minute: all processes' as the cache said last, and ours it was not told yet."""

    minute: int
    total: int = 0
    waiting: int = 0
    told_at: float = 0.0


_counted: dict[UUID, _Counted] = {}
_lock = threading.Lock()


def allowed(tenant: Tenant) -> int:
    """Requests per minute the workspace may send; 0 is unlimited."""
    own = tenant.requests_per_minute
    return settings.KONTOR_REQUESTS_PER_MINUTE if own is None else own


def seconds_to_wait(tenant: Tenant) -> int:
    """Count one request of the workspace. 0 when it is served, else after how many seconds to come back.

    Counted per calendar minute in the cache, where all processes add what they counted: once a second, and the more
    often the nearer the limit, so that a process is ahead by a fiftieth of what is left at most. When the cache server
    is away nobody is refused.
    """
    most, now = allowed(tenant), time.time()
    if not most:
        return 0
    minute = int(now // WINDOW_SECONDS)
    counted, told = _due(tenant.pk, minute, most)
    if not told:
        return 0
    total = counters.add(f"rate:{tenant.pk.hex}:{minute}", told, seconds=2 * WINDOW_SECONDS)
    if total is None:
        return 0
    counted.total = total
    return 0 if total <= most else max(1, WINDOW_SECONDS - int(now % WINDOW_SECONDS))


def _due(tenant_id: UUID, minute: int, most: int) -> tuple[_Counted, int]:
    """What this process counted of the workspace, and how many of it the cache has to be told now."""
    with _lock:
        counted = _counted.get(tenant_id)
        if counted is None or counted.minute != minute:
            if len(_counted) >= MAX_TENANTS:
                _counted.clear()
            counted = _counted[tenant_id] = _Counted(minute)
        counted.waiting += 1
        is_near = counted.waiting > (most - counted.total) // 50
        if not is_near and time.monotonic() < counted.told_at + TELL_SECONDS:
            return counted, 0
        told, counted.waiting, counted.told_at = counted.waiting, 0, time.monotonic()
        return counted, told
