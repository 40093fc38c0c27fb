"""Keeps the product's processes running and stops every one of them in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from saas.cli.console import say

_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0
_LARGEST_LOG = 10 * 1024 * 1024


def _die_with_parent() -> None:
    """Linux: a child whose supervisor was killed with -9 ends too instead of keeping the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


@dataclass
class Child:
    """One supervised process. `arguments` follow the interpreter; output goes to `log`."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    log: Path
    #: Added to the process's niceness: who is waited for goes before work behind the scenes.
    niceness: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    next_start: float = 0.0
    pause: float = 1.0
    restarts: int = field(default=0)

    def start(self) -> None:
        """Starts the process in a session of its own, so that Ctrl-C reaches the supervisor alone."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *self.arguments],
                env={**os.environ, **self.environment, "KONTOR_PROCESS": self.name},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self._before_it_begins,
            )
        self.started_at = time.monotonic()

    def _before_it_begins(self) -> None:
        _die_with_parent()
        if self.niceness:
            os.nice(self.niceness)

    def last_lines(self, count: int = 15) -> str:
        """The end of the log, for the message about a failed start."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-count:])

    def send(self, number: int) -> None:
        """Sends a signal to the process and everything it started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def ask_to_end(self) -> None:
        """Asks the main process alone; it ends its own workers gracefully."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()


class Supervisor:
    """Starts the children, restarts those that end, and stops all when told to.

    `keep_services` is called every second and restarts an embedded server that died; `stop_services` runs
    after the last child has ended.
    """

    def __init__(
        self, children: list[Child], keep_services: Callable[[], None], stop_services: Callable[[], None]
    ) -> None:
        self.children = children
        self.keep_services = keep_services
        self.stop_services = stop_services
        self.stopping = False
        self.impatient = False

    def install_signals(self) -> None:
        """SIGINT and SIGTERM stop; a second one stops without waiting."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.impatient, self.stopping = self.stopping, True

    def start(self) -> None:
        """Starts every child once."""
        for child in self.children:
            child.start()

    def run(self) -> None:
        """Watches until told to stop."""
        last_check = time.monotonic()
        while not self.stopping:
            for child in self.children:
                self._watch(child)
            if time.monotonic() - last_check > 1:
                self.keep_services()
                last_check = time.monotonic()
            time.sleep(0.2)

    def _watch(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.next_start:
                child.restarts += 1
                child.start()
            return
        code = child.process.poll()
        if code is None:
            return
        child.send(signal.SIGKILL)  # what the dead process left behind would hold its port
        if now - child.started_at > _STEADY_SECONDS:
            child.pause = 1.0
        reason = f"signal {-code}" if code < 0 else f"code {code}"
        say(f"  ! {child.name} ended with {reason}; starting again in {child.pause:.0f} s ({child.log})")
        child.process, child.next_start = None, now + child.pause
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)

    def stop(self, seconds: float = 20) -> None:
        """Ends the children, killing those that do not end in `seconds`, then the embedded servers."""
        for child in self.children:
            child.ask_to_end()
        deadline = time.monotonic() + seconds
        while self._alive() and time.monotonic() < deadline and not self.impatient:
            time.sleep(0.1)
        for child in self.children:
            child.send(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
        self.stop_services()

    def _alive(self) -> list[Child]:
        return [child for child in self.children if child.process and child.process.poll() is None]
