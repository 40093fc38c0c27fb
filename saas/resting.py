"""Long work rests while others wait for the machine's processors (SAAS.md §5.2 noisy neighbour, F11).

Steps of imports, exports and bulk changes run in a process that is nicer than the web, but what they ask the database
for is done by server processes that are not, and a nicer database process would keep others waiting for what it has
locked. So a step during which others waited for a processor is followed by a pause in proportion to what it took, and
people who wait for a page get that time. With processors to spare nothing is left unused.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from celery.signals import task_postrun, task_prerun

from saas.environment import text
from tenants import pressure

#: No pause is longer: a step that waited for somebody else's lock did not use the machine.
LONGEST_SECONDS = 3.0
_began = threading.local()


def connect() -> None:
    """Rest between the tasks of this process from now on, by `KONTOR_JOB_REST` of what each took (0 is never)."""
    task_prerun.connect(_note_start, weak=False)
    task_postrun.connect(_rest, weak=False)


def pause(took: float, need: float) -> float:
    """Seconds to rest after work of `took` seconds when others need the machine so much, 0 … 1."""
    return min(LONGEST_SECONDS, need * float(text("KONTOR_JOB_REST", "3")) * took)


def _note_start(**_ignored: Any) -> None:
    _began.at, _began.waited = time.monotonic(), pressure.waited()


def _rest(**_ignored: Any) -> None:
    took = time.monotonic() - _began.at
    if seconds := pause(took, pressure.need(took, _began.waited, pressure.waited())):
        time.sleep(seconds)
