"""The product's own processes during a load run, and what they take."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from saas.cli import processes
from saas.cli.supervisor import Child
from tests.bench.measuring import cpu_ms


@contextmanager
def running(data: Path, port: int) -> Iterator[list[Child]]:
    """Web, both workers and the scheduler as `saas up` starts them, while inside."""
    children = [make(data, port) for make in processes.ALL]
    try:
        for child in children:
            child.start()
        processes.wait_until_up(children[0], port)
        yield children
    finally:
        for child in children:
            child.ask_to_end()
        for child in children:
            if child.process is not None:
                try:
                    child.process.wait(20)
                except Exception:  # noqa: BLE001 - whatever keeps it, it has to go
                    child.send(9)
                    child.process.wait()


class Watch(threading.Thread):
    """Once a second: database connections; at the end: memory and processor time of each process tree."""

    def __init__(self, trees: dict[str, int], database_url: dict[str, Any]):
        super().__init__(daemon=True)
        self._trees, self._database = trees, database_url
        self._ending = threading.Event()
        self._most = 0
        self._before = {name: cpu_ms(pid) for name, pid in trees.items()}

    def run(self) -> None:
        with psycopg.connect(**self._database, autocommit=True) as connection:
            while not self._ending.wait(1.0):
                row = connection.execute(
                    "select count(*) from pg_stat_activity where backend_type = 'client backend'"
                ).fetchone()
                self._most = max(self._most, row[0] - 1 if row else 0)

    def finish(self) -> dict[str, Any]:
        """{"connections", "cpu_seconds": {process: …}, "memory_mb": {process: …}}; memory is each process's own share."""
        self._ending.set()
        self.join(5)
        cpu = {name: round((cpu_ms(pid) - self._before[name]) / 1000, 1) for name, pid in self._trees.items()}
        memory = {name: round(_own_memory(pid) / 2**20) for name, pid in self._trees.items()}
        return {"connections": self._most, "cpu_seconds": cpu, "memory_mb": memory}


def _own_memory(pid: int) -> int:
    """Proportional set size of a process and its children, in bytes."""
    total = 0
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for one in family:
        try:
            total += one.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total
