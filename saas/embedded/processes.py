"""Is the process in a pid file alive, and is it the one we mean?"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil


def read_pid(path: Path, program: str) -> int | None:
    """The pid on the first line of `path` when that process lives and runs `program`, else None.

    After a crash or reboot the number may belong to somebody else, so the name is compared too.
    """
    try:
        pid = int(path.read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        same = program in process.name() or any(program in part for part in process.cmdline()[:1])
        alive = process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return pid if same and alive else None


def is_alive(pid: int) -> bool:
    """Whether process `pid` still runs; one that has ended and waits to be collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_gone(pid: int, seconds: float) -> bool:
    """True as soon as process `pid` has ended, False when it still runs after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_alive(pid):
            return True
        time.sleep(0.05)
    return False


def terminate(pid: int, seconds: float = 10) -> None:
    """Asks process `pid` to end, and kills it when it has not after `seconds`."""
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if wait_gone(pid, patience):
            return
