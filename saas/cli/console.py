"""Visible progress: one line per step with its duration. Standard library only, the bootstrap uses it too."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Lets a running step say how far it is, and that it failed without raising."""

    def __init__(self) -> None:
        self.detail = ""
        self.failed = False


def say(text: str = "") -> None:
    """Prints one line at once, also when the output is a pipe."""
    print(text, flush=True)


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `2 min 05 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


@contextmanager
def step(name: str) -> Iterator[Progress]:
    """Shows `name` while the block runs and how long it took afterwards.

    On a terminal the line counts the seconds; in a log file long steps report every fifteen seconds.
    """
    progress, started, done = Progress(), time.monotonic(), threading.Event()
    ticker = threading.Thread(target=_tick, args=(name, progress, started, done), daemon=True)
    ticker.start()
    try:
        yield progress
    except BaseException:
        progress.failed = True
        raise
    finally:
        done.set()
        ticker.join()
        detail = f" ({progress.detail})" if progress.detail else ""
        mark = "✗" if progress.failed else "✓"
        clear = "\r\x1b[K" if sys.stdout.isatty() else ""
        say(f"{clear}  {mark} {name}{detail}  {duration(time.monotonic() - started)}")


def _tick(name: str, progress: Progress, started: float, done: threading.Event) -> None:
    terminal = sys.stdout.isatty()
    while not done.wait(0.25 if terminal else 15):
        detail = f" ({progress.detail})" if progress.detail else ""
        line = f"  … {name}{detail}  {duration(time.monotonic() - started)}"
        print(f"\r\x1b[K{line}" if terminal else line, end="" if terminal else "\n", flush=True)
