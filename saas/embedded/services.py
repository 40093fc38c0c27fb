"""Start, find and stop the embedded servers; safe when several processes try at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from saas.embedded import postgres, redis


@contextmanager
def _lock(data_dir: Path) -> Iterator[None]:
    """Only one process at a time starts or stops servers of this data directory."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "services.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def wanted() -> list[str]:
    """The services that have no address of their own in the environment."""
    return [
        name
        for name, variable in (("postgres", "DATABASE_URL"), ("redis", "REDIS_URL"))
        if not os.environ.get(variable)
    ]


def ensure_running(data_dir: Path, *names: str) -> list[str]:
    """Starts those of the embedded services `names` (default: all wanted) that do not run yet.

    Returns the names of the ones this call started. Raises PostgresUnavailable or RedisUnavailable.
    """
    modules = {"postgres": postgres, "redis": redis}
    chosen = [name for name in (names or tuple(modules)) if name in wanted()]
    if all(modules[name].server_pid(data_dir) is not None for name in chosen):
        return []
    with _lock(data_dir):
        started = [name for name in chosen if modules[name].server_pid(data_dir) is None]
        for name in started:
            modules[name].start(data_dir)
    return started


def running(data_dir: Path) -> dict[str, int]:
    """Process ids of the embedded services that run, by name."""
    found = {"postgres": postgres.server_pid(data_dir), "redis": redis.server_pid(data_dir)}
    return {name: pid for name, pid in found.items() if pid is not None}


def stop(data_dir: Path) -> None:
    """Stops both embedded services of this data directory, Redis first."""
    with _lock(data_dir):
        redis.stop(data_dir)
        postgres.stop(data_dir)
