"""Several threads that do something at the same moment, for tests of what only one of them may achieve."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(acts: Iterable[Callable[[], T]]) -> list[T]:
    """What each of `acts` answers, a thread each, all begun when the last is ready. Raises what one of them raised."""
    waiting = list(acts)
    barrier = threading.Barrier(len(waiting), timeout=60)

    def one(act: Callable[[], T]) -> T:
        try:
            barrier.wait()
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(waiting)) as threads:
        return [begun.result() for begun in [threads.submit(one, act) for act in waiting]]
