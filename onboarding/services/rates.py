"""Limits per visitor: sign-ups, name checks, mails to one address (SAAS.md §4.2 Abuse)."""

from __future__ import annotations

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from onboarding.models import VisitorRate


@dataclass(frozen=True)
class Rate:
    """At most `limit` times within `window` under one key."""

    name: str
    limit: int
    window: timedelta


SIGN_UPS_PER_IP = Rate("signup-ip", 20, timedelta(hours=1))
#: A provider's customers or one company: the /24 or, for IPv6, the /48 an address lies in.
SIGN_UPS_PER_NETWORK = Rate("signup-network", 60, timedelta(hours=1))
SIGN_UPS_PER_MAIL_DOMAIN = Rate("signup-domain", 20, timedelta(hours=24))
#: The domains half the world has its mailbox at.
SIGN_UPS_PER_FREE_MAIL_DOMAIN = Rate("signup-free-domain", 1000, timedelta(hours=24))
#: Only counted: what many sign-ups at once ask for is decided by `proof`.
SIGN_UPS_IN_ALL = Rate("signup-all", 1_000_000, timedelta(minutes=10))
NAME_CHECKS_PER_IP = Rate("name-ip", 120, timedelta(minutes=1))
FINDS_PER_IP = Rate("find-ip", 20, timedelta(hours=1))
CONFIRMATIONS_PER_IP = Rate("confirm-ip", 60, timedelta(minutes=10))
MAILS_PER_ADDRESS = Rate("mail-to", 5, timedelta(hours=1))
INVITATIONS_PER_WORKSPACE = Rate("invite-tenant", 100, timedelta(hours=24))

# One statement, so that parallel requests cannot both read the last free place.
_COUNT = """
    INSERT INTO onboarding_visitor_rate AS r (key, window_began_at, count) VALUES (%(key)s, %(now)s, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN r.window_began_at <= %(since)s THEN 1 ELSE r.count + 1 END,
        window_began_at = CASE WHEN r.window_began_at <= %(since)s THEN %(now)s ELSE r.window_began_at END
    RETURNING count
"""


def allow(rate: Rate, subject: str, now: datetime | None = None) -> bool:
    """Count one act of `subject` (an address; stored hashed) and tell whether it is within `rate`."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": _key(rate, subject), "now": now, "since": now - rate.window})
        return cursor.fetchone()[0] <= rate.limit


def counted(rate: Rate, subject: str, now: datetime | None = None) -> int:
    """How often `subject` did it within the window that runs; counts nothing."""
    now = now or timezone.now()
    row = VisitorRate.objects.filter(key=_key(rate, subject), window_began_at__gt=now - rate.window).first()
    return row.count if row else 0


def wait(rate: Rate, subject: str, now: datetime | None = None) -> int:
    """In how many seconds `subject` can try again: what a refusal says as Retry-After. At least one."""
    now = now or timezone.now()
    row = VisitorRate.objects.filter(key=_key(rate, subject)).first()
    left = row.window_began_at + rate.window - now if row else timedelta(0)
    return max(1, math.ceil(left.total_seconds()))


def network_of(address: str) -> str:
    """The network an address lies in: /24, or /48 for IPv6, where one customer has a whole one."""
    found = ipaddress.ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        found = mapped
    length = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network(f"{found}/{length}", strict=False))


def _key(rate: Rate, subject: str) -> str:
    return f"{rate.name}:{hashlib.sha256(subject.encode()).hexdigest()}"


def purge(now: datetime | None = None) -> int:
    """Remove counters older than the longest window. Returns how many."""
    limit = (now or timezone.now()) - timedelta(days=2)
    return VisitorRate.objects.filter(window_began_at__lt=limit).delete()[0]
