"""How many requests a workspace may send (SAAS.md §5.2 noisy neighbour, ASP-30 per-tenant throttles)."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.core.cache import cache

from tenants.context import activate
from tenants.models import Tenant

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
# After a failure the cache server is left alone this long; nobody is refused meanwhile.
PAUSE_SECONDS = 15.0
_away_until = 0.0


def allowed(tenant: Tenant) -> int:
    """Requests per minute the workspace may send; 0 is unlimited."""
    own = tenant.requests_per_minute
    return settings.KONTOR_REQUESTS_PER_MINUTE if own is None else own


def seconds_to_wait(tenant: Tenant) -> int:
    """Count one request of the workspace. 0 when it is served, else after how many seconds to come back.

    Counted per calendar minute in the cache. When the cache server is away nobody is refused.
    """
    global _away_until
    most, now = allowed(tenant), time.time()
    if not most or time.monotonic() < _away_until:
        return 0
    key = f"rate:{int(now // WINDOW_SECONDS)}"
    try:
        with activate(tenant):
            count = _count(key)
    except Exception as error:  # noqa: BLE001 - every client library has its own connection errors
        _away_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("Requests are not counted: %s", error)
        return 0
    return 0 if count <= most else max(1, WINDOW_SECONDS - int(now % WINDOW_SECONDS))


def _count(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # the first of this minute
        cache.add(key, 0, 2 * WINDOW_SECONDS)
        return cache.incr(key)
