"""Long work rests while the machine has more to do than processors to do it (SAAS.md §5.2 noisy neighbour, F11).

Steps of imports, exports and bulk changes run in a process that is nicer than the web, but what they ask the database
for is done by server processes that are not, and a nicer database process would keep others waiting for what it has
locked. So where the load is above the number of processors, a step is followed by a pause as long as it took: people
who wait for a page get the other half. With processors to spare nothing is left unused.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from celery.signals import task_postrun, task_prerun

from saas.environment import text

#: No pause is longer: a step that waited for somebody else's lock did not use the machine.
LONGEST_SECONDS = 1.0
_began = threading.local()


def connect() -> None:
    """Rest between the tasks of this process from now on, by `KONTOR_JOB_REST` of what each took (0 is never)."""
    task_prerun.connect(_note_start, weak=False)
    task_postrun.connect(_rest, weak=False)


def pause(took: float) -> float:
    """Seconds to rest after work of `took` seconds, as the machine is now."""
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    share = float(text("KONTOR_JOB_REST", "1"))
    return min(LONGEST_SECONDS, share * took) if load > processors else 0.0


def _note_start(**_ignored: Any) -> None:
    _began.at = time.monotonic()


def _rest(**_ignored: Any) -> None:
    if seconds := pause(time.monotonic() - _began.at):
        time.sleep(seconds)
