"""CPU time of process trees from /proc, and the closed loop that spends it."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_TICK = 1000 / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> list[int]:
    try:
        root = psutil.Process(pid)
        return [pid, *(child.pid for child in root.children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def cpu_ms(*roots: int) -> float:
    """CPU milliseconds spent so far by these processes, their children and the children that have ended."""
    total = 0.0
    for pid in {p for root in roots for p in _tree(root)}:
        try:
            after = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(n) for n in after[11:15]) * _TICK
    return total


@dataclass
class Side:
    """One thing that is measured: its name, the application's process (None: this one) and the database's."""

    name: str
    application: int | None
    database: int

    def spent(self) -> float:
        own = time.process_time() * 1000 if self.application is None else cpu_ms(self.application)
        return own + cpu_ms(self.database)


@dataclass
class Figure:
    """CPU and wall milliseconds per operation, one entry per round, and of each call."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    answer_bytes: int = 0
    statements: int = 0

    def summary(self) -> dict[str, float | int]:
        return {
            "cpu_ms": round(statistics.median(self.cpu), 2),
            "wall_ms": round(statistics.median(self.wall), 2),
            "p95_ms": round(sorted(self.calls)[int(len(self.calls) * 0.95)], 2),
            "bytes": self.answer_bytes,
            "statements": self.statements,
        }


def measure(
    side: Side, operation: Callable[[int], int], figure: Figure, *, seconds: float, at_least: int
) -> None:
    """One round: warm up, then the operation in a closed loop for `seconds`, at least `at_least` times.

    `operation(n)` does the n-th call, checks its answer and returns its size in bytes.
    """
    for n in range(min(at_least, 6)):
        operation(-1 - n - len(figure.cpu) * 100_000)
    count, started, before = 0, time.perf_counter(), side.spent()
    while count < at_least or time.perf_counter() - started < seconds:
        called = time.perf_counter()
        figure.answer_bytes = operation(len(figure.cpu) * 100_000 + count)
        figure.calls.append((time.perf_counter() - called) * 1000)
        count += 1
    figure.wall.append((time.perf_counter() - started) * 1000 / count)
    figure.cpu.append((side.spent() - before) / count)
