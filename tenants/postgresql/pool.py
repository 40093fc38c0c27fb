"""The connections a process keeps, handed out so that few server processes do most of the work (SAAS.md §0.6, §5.2)."""

from __future__ import annotations

from typing import Any

from psycopg_pool import ConnectionPool


class LatestFirst(ConnectionPool[Any]):
    """A pool whose next connection is the one that came back last; its base hands out the one that rested longest.

    A server process learns the tables of each workspace it serves and keeps plans of what it was asked. In turn, each
    of many connections has to learn all of it and finds it pushed out of the processors' caches again; used last
    first, one or two know what they need, and the others are there for when there is more to do and are given up.
    """

    def _get_ready_connection(self, timeout: float | None) -> Any:
        # Called with the pool's lock held. The base takes from the left, returns to the right, gives up from the left.
        self._pool.rotate(1)
        return super()._get_ready_connection(timeout)
