"""Turns that the web processes of one machine take with requests of heavy users (SAAS.md §5.2, F11, decision 0028).

The processes share the processors, so one heavy request in each of two processes leaves nothing to anybody else. A turn
is a locked file: the server frees it when a process dies, and what is written in it is until when the machine rests.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

_UNTIL = struct.Struct("d")
#: Nobody rests longer, in seconds: a time written further ahead is older than the machine's start.
LONGEST_REST = 2.0


class Turns:
    """`count` turns kept as files in `folder`, which is made when the first is taken.

    A process holds at most one. Times are those of `time.monotonic`, which all processes of a machine have in common.
    """

    def __init__(self, folder: Path, count: int, longest_rest: float = LONGEST_REST) -> None:
        self._folder = folder
        self._count = count
        self._longest_rest = longest_rest
        self._files: list[int] = []
        self._held: int | None = None

    def take(self, now: float) -> bool:
        """Whether a turn is free at `now`; then it is this process's until it is given back. Raises OSError when the
        folder cannot be written to."""
        for file in self._opened():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            # What is further away than any rest was written before the machine was started anew.
            if now < self._rests_until(file) <= now + self._longest_rest:
                fcntl.flock(file, fcntl.LOCK_UN)
                continue
            self._held = file
            return True
        return False

    def give_back(self, rest_until: float) -> None:
        """Let others have the turn from `rest_until` on; nothing when none is held."""
        if self._held is None:
            return
        os.pwrite(self._held, _UNTIL.pack(rest_until), 0)
        fcntl.flock(self._held, fcntl.LOCK_UN)
        self._held = None

    @staticmethod
    def _rests_until(file: int) -> float:
        written = os.pread(file, _UNTIL.size, 0)
        return float(_UNTIL.unpack(written)[0]) if len(written) == _UNTIL.size else 0.0

    def _opened(self) -> list[int]:
        if not self._files:
            self._folder.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            paths = [self._folder / f"turn-{number}" for number in range(self._count)]
            self._files = [os.open(path, flags, 0o600) for path in paths]
        return self._files
