"""Numbers that are counted up in the cache server and may be lost with it (SAAS.md §5.2).

Whoever counts here decides what a lost number means; nobody is ever refused because the server is away.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.cache import caches
from django.utils.connection import ConnectionProxy

# Keys here name the workspace themselves, so that counting does not switch the search path.
cache = ConnectionProxy(caches, "counters")
logger = logging.getLogger(__name__)

# After a failure the cache server is left alone this long; nobody is refused meanwhile.
PAUSE_SECONDS = 15.0
_away_until = 0.0


def _away() -> bool:
    return time.monotonic() < _away_until


def _note_failure(error: Exception) -> None:
    global _away_until
    _away_until = time.monotonic() + PAUSE_SECONDS
    logger.warning("Nothing is counted: %s", error)


def add(key: str, amount: int, *, seconds: int, begin: Callable[[], int] = lambda: 0) -> int | None:
    """Add to the number ``key``, which lives for ``seconds``, and return it; None while the server is away.

    ``begin()`` tells what to start from when there is no such number (any more). ``key`` names the workspace itself.
    """
    if _away():
        return None
    try:
        return int(cache.incr(key, amount))
    except ValueError:
        start = begin()  # the database's own troubles are the caller's
    except Exception as error:  # noqa: BLE001 - every client library has its own connection errors
        _note_failure(error)
        return None
    try:
        cache.add(key, start, seconds)  # of several at once one begins; all add
        return int(cache.incr(key, amount))
    except Exception as error:  # noqa: BLE001
        _note_failure(error)
        return None


def read(keys: Iterable[str]) -> dict[str, int] | None:
    """The numbers there are; None while the server is away."""
    if _away():
        return None
    try:
        found: dict[str, Any] = cache.get_many(list(keys))
    except Exception as error:  # noqa: BLE001
        _note_failure(error)
        return None
    return {key: int(value) for key, value in found.items()}
