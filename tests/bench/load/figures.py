"""Response times of a phase, and what one phase is to another."""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

#: A neighbour's p95 while others work, to its p95 alone (PERFORMANCE.md §4).
GOAL = 2.0


def percentile(values: list[float], share: float) -> float:
    """The smallest of `values` that at least `share` (0 to 1) of them do not exceed; 0.0 of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


@dataclass
class Phase:
    """Answers to the neighbours of one kind of phase; times in seconds from the moment they were due."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    waited: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, act: str, seconds: float) -> None:
        with self._lock:
            self.times[act].append(seconds)

    def note_job(self, seconds: float) -> None:
        """How long a neighbour's small job took from being asked for until it was done."""
        with self._lock:
            self.waited.append(seconds)

    def fail(self, text: str) -> None:
        with self._lock:
            (self.foreign if text.startswith("foreign") else self.errors).append(text[:400])

    def summary(self) -> dict[str, Any]:
        every = [t for times in self.times.values() for t in times]
        asked = len(every) + len(self.errors) + len(self.foreign)
        return {
            "requests": asked,
            "per_second": round(asked / self.seconds, 1) if self.seconds else 0.0,
            **_spread(every),
            "by_act": {name: _spread(times) for name, times in sorted(self.times.items())},
            "job_seconds": {
                "count": len(self.waited),
                "p50": round(percentile(self.waited, 0.5), 2),
                "max": round(max(self.waited, default=0.0), 2),
            },
            "errors": len(self.errors),
            "foreign": len(self.foreign),
            "what_went_wrong": (self.foreign + self.errors)[:20],
        }


def _spread(times: list[float]) -> dict[str, Any]:
    named = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {
        "count": len(times),
        **{f"{name}_ms": round(1000 * percentile(times, share), 1) for name, share in named.items()},
    }


def compared(quiet: dict[str, Any], loud: dict[str, Any]) -> dict[str, Any]:
    """Ratios of the neighbours' response times, loud to quiet, and whether the goal is met without a single error."""
    ratios = {
        name: round(loud[name] / quiet[name], 2) if quiet[name] else None
        for name in ("p50_ms", "p95_ms", "p99_ms")
    }
    clean = not any(phase[name] for phase in (quiet, loud) for name in ("errors", "foreign"))
    met = ratios["p95_ms"] is not None and ratios["p95_ms"] <= GOAL and clean
    return {"ratios": ratios, "goal": GOAL, "met": met}


def table(result: dict[str, Any]) -> str:
    """The figures for a person to read."""
    lines = [
        "| neighbours | requests | /s | p50 ms | p95 ms | p99 ms | errors | foreign | small job, s (median, longest) |",
        "|" + "---|" * 9,
    ]
    for name in ("quiet", "loud"):
        one = result["phases"][name]
        job = one["job_seconds"]
        lines.append(
            f"| {name} | {one['requests']} | {one['per_second']} | {one['p50_ms']} | {one['p95_ms']} | {one['p99_ms']} |"
            f" {one['errors']} | {one['foreign']} | {job['p50']}, {job['max']} |"
        )
    ratios = result["compared"]["ratios"]
    verdict = "met" if result["compared"]["met"] else "MISSED"
    lines.append(f"p95 loud to quiet: {ratios['p95_ms']} (goal {GOAL}: {verdict}); p50 {ratios['p50_ms']}, p99 {ratios['p99_ms']}")  # fmt: skip
    lines += [
        f"the loud ones, {kind}: {counts}" for kind, counts in result["loud_workspaces"]["answers"].items()
    ]
    lines.append(f"the loud ones finished {result['loud_workspaces']['finished']}")
    lines.append(f"server: {result['server']}; rows in a wrong workspace: {result['strangers'] or 'none'}")
    return "\n".join(lines)
