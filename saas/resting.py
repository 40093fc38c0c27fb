"""Long work rests while others wait for the machine's processors (SAAS.md §5.2 noisy neighbour, F11).

Steps of imports, exports and bulk changes run in a process that is nicer than the web, but what they ask the database
for is done by server processes that are not, and a nicer database process would keep others waiting for what it has
locked. So a step during which others waited for a processor is followed by a pause in proportion to what it took, and
people who wait for a page get that time. With processors to spare nothing is left unused.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun

from saas.environment import text

#: No pause is longer: a step that waited for somebody else's lock did not use the machine.
LONGEST_SECONDS = 2.0
#: Some task of the machine waited for a processor during this part of the step: below the first there is no pause (a
#: step and its own database process get into each other's way that often), from the second on the whole one.
UNNOTICED, FULL = 0.1, 0.3
_began = threading.local()
_PRESSURE = Path("/proc/pressure/cpu")


def connect() -> None:
    """Rest between the tasks of this process from now on, by `KONTOR_JOB_REST` of what each took (0 is never)."""
    task_prerun.connect(_note_start, weak=False)
    task_postrun.connect(_rest, weak=False)


def waited() -> float | None:
    """Seconds since the machine's start in which something that could run waited for a processor; None where the
    kernel does not tell."""
    try:
        return int(_PRESSURE.read_text("ascii").partition("total=")[2].split()[0]) / 1_000_000
    except (OSError, ValueError, IndexError):
        return None


def pause(took: float, others: float | None) -> float:
    """Seconds to rest after work of `took` seconds, in `others` of which somebody waited for a processor.

    Without that figure the load of the last minute decides, which is slower to notice.
    """
    if others is not None and took > 0:
        need = min(1.0, max(0.0, (others / took - UNNOTICED) / (FULL - UNNOTICED)))
    else:
        need = float(os.getloadavg()[0] > (os.cpu_count() or 1))
    return min(LONGEST_SECONDS, need * float(text("KONTOR_JOB_REST", "2")) * took)


def _note_start(**_ignored: Any) -> None:
    _began.at, _began.waited = time.monotonic(), waited()


def _rest(**_ignored: Any) -> None:
    took, before, after = time.monotonic() - _began.at, _began.waited, waited()
    others = after - before if before is not None and after is not None else None
    if seconds := pause(took, others):
        time.sleep(seconds)
