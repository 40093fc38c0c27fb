"""Slows down guessing: per account with growing delay and lock-out, per address over all accounts (A1).

Counters are rows, so they hold when Redis is down. They exist for unknown accounts too: an answer never
tells whether an address is registered.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants.identity.addresses import normalize_email
from tenants.identity.models import LoginThrottle

WINDOW = timedelta(minutes=30)
FREE_ACCOUNT_FAILURES = 3
LOCK_AFTER_FAILURES = 10
LOCK_TIME = timedelta(minutes=15)
FREE_ADDRESS_FAILURES = 20
LONGEST_ADDRESS_DELAY = timedelta(minutes=10)


def account_key(email: str) -> str:
    """Counter name of an account, known or not."""
    return "account:" + hashlib.sha256(normalize_email(email).encode()).hexdigest()


def address_key(ip_address: str) -> str:
    """Counter name of a network address."""
    return "address:" + hashlib.sha256(ip_address.encode()).hexdigest()


def delay_after(key: str, failures: int) -> timedelta:
    """How long to refuse after the ``failures``-th failure: nothing at first, then doubling, then a lock."""
    if key.startswith(("account:", "code:")):
        if failures >= LOCK_AFTER_FAILURES:
            return LOCK_TIME
        over = failures - FREE_ACCOUNT_FAILURES
        return timedelta(seconds=2**over) if over > 0 else timedelta(0)
    if key.startswith("reset:"):
        return timedelta(0)
    over = failures - FREE_ADDRESS_FAILURES
    return min(LONGEST_ADDRESS_DELAY, timedelta(seconds=2 ** min(over, 12))) if over > 0 else timedelta(0)


def blocked_for(email: str, ip_address: str, now: datetime | None = None) -> timedelta:
    """How much longer a sign-in from here to this account is refused; zero when it is not."""
    return standing(email, ip_address, now)[0]


def standing(email: str, ip_address: str, now: datetime | None = None) -> tuple[timedelta, bool]:
    """`blocked_for`, and whether the account has failures to forget after a successful sign-in."""
    now, account = now or timezone.now(), account_key(email)
    rows = list(LoginThrottle.objects.filter(pk__in=[account, address_key(ip_address)]))
    waits = [row.blocked_until - now for row in rows if row.blocked_until and row.blocked_until > now]
    return max(waits, default=timedelta(0)), any(row.pk == account for row in rows)


def record_failure(email: str, ip_address: str, now: datetime | None = None) -> bool:
    """Count one failure. Returns whether this one locked the account."""
    now = now or timezone.now()
    _count(address_key(ip_address), now)
    return _count(account_key(email), now) == LOCK_AFTER_FAILURES


def _count(key: str, now: datetime) -> int:
    with transaction.atomic():
        return _one_more(_locked(key, now), now)


def _locked(key: str, now: datetime) -> LoginThrottle:
    """The counter, for nobody else until the transaction ends; made anew when it was removed while we waited."""
    while True:
        LoginThrottle.objects.bulk_create(
            [LoginThrottle(key=key, first_failure_at=now)], ignore_conflicts=True
        )
        row = LoginThrottle.objects.select_for_update().filter(pk=key).first()
        if row is not None:
            return row


def _one_more(row: LoginThrottle, now: datetime) -> int:
    """Count one on a locked row. Returns how many it are."""
    quiet_since = max(row.blocked_until or row.first_failure_at, row.first_failure_at)
    if abs(now - quiet_since) > WINDOW:  # abs: a clock that jumped back must not lock for ever
        row.failures, row.first_failure_at = 0, now
    row.failures += 1
    row.blocked_until = now + delay_after(row.key, row.failures)
    row.save(update_fields=["failures", "first_failure_at", "blocked_until"])
    return row.failures


@dataclass(frozen=True)
class CodeTry:
    """Whether a code may be looked at: not before ``wait`` is over; ``is_last``: the next ones are locked out."""

    wait: timedelta
    is_last: bool = False


def code_key(user_id: UUID) -> str:
    """Counter name of the second factor of a login; no address typed at sign-in can be it."""
    return "code:" + hashlib.sha256(user_id.bytes).hexdigest()


def take_code_try(user_id: UUID, ip_address: str, now: datetime | None = None) -> CodeTry:
    """Count a try at a code before it is looked at: a thousand at once get no more tries than one after the other (A5).

    A refused try is not counted. After a right code `clear_codes`, after a wrong one `record_code_failure`.
    """
    with transaction.atomic():
        row = _locked(code_key(user_id), now or timezone.now())
        now = now or timezone.now()  # we may have waited for another try
        here = LoginThrottle.objects.filter(pk=address_key(ip_address)).first()
        ends = [r.blocked_until for r in (row, here) if r is not None and r.blocked_until]
        wait = max((end - now for end in ends), default=timedelta(0))
        if wait > timedelta(0):
            return CodeTry(wait)
        return CodeTry(timedelta(0), is_last=_one_more(row, now) == LOCK_AFTER_FAILURES)


def record_code_failure(ip_address: str, now: datetime | None = None) -> None:
    """Count a wrong code for the network address as well: it guesses at several people."""
    _count(address_key(ip_address), now or timezone.now())


def clear_codes(user_id: UUID) -> None:
    """Forget the wrong codes of a login, after a right one or a reset."""
    LoginThrottle.objects.filter(pk=code_key(user_id)).delete()


def client_wait(ip_address: str, now: datetime | None = None) -> timedelta:
    """How much longer programs from here get no tokens, after too many refused tries (A9)."""
    now = now or timezone.now()
    row = LoginThrottle.objects.filter(pk=_client_key(ip_address)).first()
    return row.blocked_until - now if row and row.blocked_until and row.blocked_until > now else timedelta(0)


def record_client_failure(ip_address: str, now: datetime | None = None) -> None:
    """Count one refused request for tokens."""
    _count(_client_key(ip_address), now or timezone.now())


def _client_key(ip_address: str) -> str:
    return "client:" + hashlib.sha256(ip_address.encode()).hexdigest()


MOST_RESETS = 5


def reset_refused(email: str, ip_address: str, now: datetime | None = None) -> bool:
    """Count one request for a reset link; True when this address or account asked too often lately.

    Counted the same for unknown accounts. The page answers the same either way.
    """
    now = now or timezone.now()
    mine = _count("reset:" + account_key(email), now)
    here = _count("reset:" + address_key(ip_address), now)
    return mine > MOST_RESETS or here > 4 * MOST_RESETS


def clear_account(email: str) -> None:
    """Forget the account's failures, after a successful sign-in, a reset, or an administrator's unlock.

    The address keeps its count: one known password must not buy fresh guesses on other accounts.
    """
    LoginThrottle.objects.filter(pk=account_key(email)).delete()


def purge(now: datetime | None = None) -> int:
    """Remove counters nobody needs any more. Returns how many."""
    limit = (now or timezone.now()) - 2 * WINDOW
    return LoginThrottle.objects.filter(first_failure_at__lt=limit, blocked_until__lt=limit).delete()[0]
