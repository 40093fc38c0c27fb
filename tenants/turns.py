"""Taking turns in a queue all workspaces share (SAAS.md §5.2 queue fairness, F11).

The queue knows first come, first served only. So no workspace ever has more than two messages in it, however much work
it has: a message is a turn, does one short step of whatever waits longest there, and goes to the end of the queue. What
waits is rows; the places live in the cache server, and when it loses them a workspace gets a turn too many, once.

Whoever has hardly used the queue lately does not stand in it: such a turn goes to `SMALL`, which the workers for short
work serve beside their own, so that a small export does not wait behind an import of a million rows.
"""

from __future__ import annotations

import logging
import secrets
import time
from uuid import UUID

from django.core.cache import caches
from django.utils.connection import ConnectionProxy

PLACES = 2
# A turn nobody renewed for so long is lost with its message; the sweep that finds the waiting rows brings another.
HELD_SECONDS = 180
#: The queue for turns of workspaces that used little lately.
SMALL = "small"
# Used little: not more than so many seconds of a worker at once, and after that not more than this part of one. What is
# owed beyond that is forgiven after the longest time.
FREE_SECONDS, FREE_PART, LONGEST_OWED = 0.5, 0.02, 60.0

cache = ConnectionProxy(caches, "counters")
logger = logging.getLogger(__name__)


def _key(tenant_id: UUID, queue: str, place: int) -> str:
    return f"turn:{tenant_id.hex}:{queue}:{place}"


def claim(tenant_id: UUID, queue: str) -> tuple[int, str] | None:
    """A free place of the workspace in ``queue`` and the mark that holds it; None when all are taken.

    While the cache server is away everybody gets one: unfair is better than standing still.
    """
    mark = secrets.token_hex(8)
    try:
        free = (
            place for place in range(PLACES) if cache.add(_key(tenant_id, queue, place), mark, HELD_SECONDS)
        )
        place = next(free, None)
    except Exception as error:  # noqa: BLE001 - every client library has its own connection errors
        logger.warning("Turns are not counted: %s", error)
        return 0, mark
    return None if place is None else (place, mark)


def renew(tenant_id: UUID, queue: str, place: int, mark: str) -> bool:
    """Hold the place for another while. False when somebody else holds it by now: this turn is the last with it."""
    key = _key(tenant_id, queue, place)
    try:
        if cache.add(key, mark, HELD_SECONDS):
            return True  # it was lost, with the server or by waiting too long
        if cache.get(key) != mark:
            return False
        cache.touch(key, HELD_SECONDS)
    except Exception as error:  # noqa: BLE001
        logger.warning("Turns are not counted: %s", error)
    return True


def note_work(tenant_id: UUID, queue: str, seconds: float) -> None:
    """A turn of the workspace took so long."""
    key, now = _owed_key(tenant_id, queue), time.time()
    try:
        until = max(now, float(cache.get(key) or 0.0)) + seconds / FREE_PART
        cache.set(key, min(until, now + LONGEST_OWED), LONGEST_OWED)
    except Exception as error:  # noqa: BLE001
        logger.warning("Turns are not counted: %s", error)


def used_little(tenant_id: UUID, queue: str) -> bool:
    """Whether the workspace's next turn may go ahead by `SMALL`; not while nobody can tell."""
    try:
        owed = float(cache.get(_owed_key(tenant_id, queue)) or 0.0) - time.time()
    except Exception as error:  # noqa: BLE001
        logger.warning("Turns are not counted: %s", error)
        return False
    return owed <= FREE_SECONDS / FREE_PART


def _owed_key(tenant_id: UUID, queue: str) -> str:
    return f"turn:{tenant_id.hex}:{queue}:owed"


def give_back(tenant_id: UUID, queue: str, place: int, mark: str) -> None:
    """Nothing waits any more."""
    key = _key(tenant_id, queue, place)
    try:
        if cache.get(key) == mark:
            cache.delete(key)
    except Exception as error:  # noqa: BLE001
        logger.warning("Turns are not counted: %s", error)
