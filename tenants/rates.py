"""How many requests a workspace may send (SAAS.md §5.2 noisy neighbour, ASP-30 per-tenant throttles)."""

from __future__ import annotations

import time

from django.conf import settings

from tenants import counters
from tenants.models import Tenant

WINDOW_SECONDS = 60


def allowed(tenant: Tenant) -> int:
    """Requests per minute the workspace may send; 0 is unlimited."""
    own = tenant.requests_per_minute
    return settings.KONTOR_REQUESTS_PER_MINUTE if own is None else own


def seconds_to_wait(tenant: Tenant) -> int:
    """Count one request of the workspace. 0 when it is served, else after how many seconds to come back.

    Counted per calendar minute in the cache. When the cache server is away nobody is refused.
    """
    most, now = allowed(tenant), time.time()
    if not most:
        return 0
    count = counters.add(f"rate:{tenant.pk.hex}:{int(now // WINDOW_SECONDS)}", 1, seconds=2 * WINDOW_SECONDS)
    return 0 if count is None or count <= most else max(1, WINDOW_SECONDS - int(now % WINDOW_SECONDS))
