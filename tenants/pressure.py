"""Whether work waits for the processors of this machine, as its kernel counts it (SAAS.md §5.2 noisy neighbour, F11)."""

from __future__ import annotations

import os
from pathlib import Path

#: Somebody waited during this part of a piece of work: below the first nobody minds it (a piece of work and its own
#: database process get into each other's way that often), from the second on it takes what others need.
UNNOTICED, FULL = 0.1, 0.3
_PRESSURE = Path("/proc/pressure/cpu")


def waited() -> float | None:
    """Seconds since the machine's start in which something that could run waited for a processor; None where the
    kernel does not tell."""
    try:
        return int(_PRESSURE.read_text("ascii").partition("total=")[2].split()[0]) / 1_000_000
    except (OSError, ValueError, IndexError):
        return None


def need(took: float, before: float | None, after: float | None) -> float:
    """How much others needed the machine, 0 … 1, while something took `took` seconds; ``before`` and ``after`` it
    `waited()` was asked.

    Where the kernel does not tell, the load of the last minute decides, which is slower to notice.
    """
    if before is None or after is None or took <= 0:
        return float(os.getloadavg()[0] > (os.cpu_count() or 1))
    return min(1.0, max(0.0, ((after - before) / took - UNNOTICED) / (FULL - UNNOTICED)))
