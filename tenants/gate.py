"""Who is served next in a web process: who uses little goes before who uses much (SAAS.md §5.2 noisy neighbour, F11).

A process has a handful of threads and one interpreter lock. Without a gate a workspace that keeps eight connections
busy takes all of them, however few requests a minute it is allowed. So while others are there too, those who have used
more than their share of the last seconds are served one request at a time, all of them together, when nobody else has
just begun to be served, and the process rests from them for twice as long as each took: most of it belongs to the others,
as far as they need it. Processes that share processors take turns with it (`tenants.heavy_turns`). A few of their requests
wait, and what comes beyond that is told to come back. People in the browser and programs with a token are counted
apart: a program that floods its workspace does not lock out the people who could stop it.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tenants import pressure
from tenants.heavy_turns import LONGEST_REST, Turns

#: Seconds after which what was used counts half.
HALF_LIFE = 4.0
#: A heavy user used more than this share of one interpreter lately, and more than that part of what everybody used:
#: on a machine that is slow for all nobody is heavy for that.
HEAVY_SHARE = 0.1
HEAVY_PART = 0.12
#: The process rests from heavy users in full when the others used at least this share of it lately and somebody waited
#: for a processor meanwhile, else less: with hardly anybody there nothing is left unused.
NEEDED_SHARE = 0.1
#: Others count as being there for so many seconds after their last request.
NEAR_SECONDS = 5.0
#: Nobody waits longer than this; then he is served whatever others do.
LONGEST_WAIT = 10.0
#: The process rests from heavy users for so many times what the last request of one took, at most `LONGEST_REST`.
REST = 2.0
#: A request of anybody else that began within so many seconds goes before those of heavy users.
FRESH_SECONDS = 0.25
_LOOK_SECONDS = 0.02
# What the decayed sum of somebody who never pauses settles at, in seconds.
_USED_WITHOUT_PAUSE = HALF_LIFE / math.log(2)
#: A slow upload holds a thread, but does nothing with it: no request counts for more.
LONGEST_NOTED = 3.0
_MOST_KNOWN = 5_000


class Busy(Exception):
    """Too many requests of this one are waiting already. ``retry_after`` seconds."""

    retry_after = 1


@dataclass
class _User:
    """What one workspace's people, or its programs, used lately: seconds, decayed to `at`."""

    used: float = 0.0
    at: float = 0.0
    running: int = 0
    waiting: int = 0
    #: How many of those that run were let in as a heavy user's.
    heavy: int = 0

    def decayed(self, now: float) -> float:
        return self.used * 0.5 ** ((now - self.at) / HALF_LIFE)

    def note(self, seconds: float, now: float) -> None:
        self.used, self.at = self.decayed(now) + seconds, now


@dataclass
class _Waiter:
    key: Hashable
    may_go: threading.Event = field(default_factory=threading.Event)
    thread: int = field(default_factory=threading.get_ident)


class Gate:
    """The gate of one process with `threads` threads. ``clock`` gives monotonic seconds, ``turns`` are those of its
    machine, ``waited`` tells how long others have waited for a processor so far (`tenants.pressure`)."""

    def __init__(
        self,
        threads: int,
        clock: Callable[[], float] = time.monotonic,
        turns: Turns | None = None,
        waited: Callable[[], float | None] | None = None,
    ) -> None:
        self.most_waiting = max(1, threads // 2 - 1)
        self.waiting_each = max(1, threads // 4)
        self._clock = clock
        self._lock = threading.Lock()
        self._users: dict[Hashable, _User] = {}
        self._waiters: list[_Waiter] = []
        self._turns = turns
        self._waited = waited
        self._heavy_running = 0
        # When the last heavy request began, and how long others had waited by then.
        self._heavy_began: tuple[float, float | None] = (-math.inf, None)
        # When each thread began to serve somebody who is not heavy.
        self._begun: dict[int, float] = {}
        self._rest_until = -math.inf
        self._light, self._all = _User(at=clock()), _User(at=clock())
        # Who came last, and whoever else came last before him: (key, when).
        self._latest: tuple[Hashable, float] = (None, -math.inf)
        self._other: tuple[Hashable, float] = (None, -math.inf)

    @contextmanager
    def passing(self, key: Hashable) -> Iterator[None]:
        """Serve one request of ``key`` inside. Raises Busy instead of waiting when enough of its requests do."""
        self._enter(key)
        started = self._clock()
        try:
            yield
        finally:
            self._leave(key, self._clock() - started)

    def _enter(self, key: Hashable) -> None:
        with self._lock:
            now = self._clock()
            user = self._user(key)
            self._note_presence(key, now)
            if self._may_run(key, user, now):
                self._run(key, user, now, threading.get_ident())
                return
            if user.waiting >= self.waiting_each or len(self._waiters) >= self.most_waiting:
                raise Busy
            waiter = _Waiter(key)
            self._waiters.append(waiter)
            user.waiting += 1
        until = self._clock() + LONGEST_WAIT
        while not waiter.may_go.wait(_LOOK_SECONDS):
            with self._lock:
                now = self._clock()
                self._let_waiting_go(now)
                if now >= until and not waiter.may_go.is_set():
                    self._let_go(waiter, now)

    def _leave(self, key: Hashable, seconds: float) -> None:
        with self._lock:
            now = self._clock()
            user = self._user(key)
            user.running -= 1
            self._begun.pop(threading.get_ident(), None)
            user.note(min(seconds, LONGEST_NOTED), now)
            self._all.note(min(seconds, LONGEST_NOTED), now)
            if user.heavy > user.running:
                user.heavy -= 1
                self._heavy_running -= 1
                self._rest_until = now + self._rest(seconds, now)
                if self._turns and not self._heavy_running:
                    self._turns.give_back(self._rest_until)
            elif not self._is_heavy(user, now):
                self._light.note(min(seconds, LONGEST_NOTED), now)
            self._let_waiting_go(now)

    def _rest(self, seconds: float, now: float) -> float:
        """How long to rest after a heavy request that took `seconds`."""
        used = self._light.decayed(now) / _USED_WITHOUT_PAUSE
        needed = min(1.0, used / NEEDED_SHARE)
        if self._waited is not None:
            began, before = self._heavy_began
            needed *= pressure.need(now - began, before, self._waited())
        return min(LONGEST_REST, REST * seconds * needed)

    def _let_waiting_go(self, now: float) -> None:
        # Whoever used least goes first; of one workspace, who came first.
        for waiter in sorted(self._waiters, key=lambda w: self._user(w.key).decayed(now)):
            if self._may_run(waiter.key, self._user(waiter.key), now):
                self._let_go(waiter, now)

    def _let_go(self, waiter: _Waiter, now: float) -> None:
        self._waiters.remove(waiter)
        user = self._user(waiter.key)
        user.waiting -= 1
        self._run(waiter.key, user, now, waiter.thread)
        waiter.may_go.set()

    def _run(self, key: Hashable, user: _User, now: float, thread: int) -> None:
        user.running += 1
        if self._is_heavy(user, now) and not self._is_alone(key, now):
            user.heavy += 1
            self._heavy_running += 1
            self._heavy_began = (now, self._waited() if self._waited else None)
        else:
            self._begun[thread] = now

    def _may_run(self, key: Hashable, user: _User, now: float) -> bool:
        if not self._is_heavy(user, now) or self._is_alone(key, now):
            return True
        if self._heavy_running or now < self._rest_until:
            return False
        if any(now - at < FRESH_SECONDS for at in self._begun.values()):
            return False
        return self._turns is None or self._turns.take(now)

    def _is_heavy(self, user: _User, now: float) -> bool:
        used = user.decayed(now)
        return used > HEAVY_SHARE * _USED_WITHOUT_PAUSE and used > HEAVY_PART * self._all.decayed(now)

    def _is_alone(self, key: Hashable, now: float) -> bool:
        _key, at = self._other if self._latest[0] == key else self._latest
        return now - at >= NEAR_SECONDS

    def _note_presence(self, key: Hashable, now: float) -> None:
        if self._latest[0] != key:
            self._other = self._latest
        self._latest = (key, now)

    def _user(self, key: Hashable) -> _User:
        found = self._users.get(key)
        if found is None:
            if len(self._users) >= _MOST_KNOWN:
                self._forget_idle()
            found = self._users[key] = _User(at=self._clock())
        return found

    def _forget_idle(self) -> None:
        self._users = {key: user for key, user in self._users.items() if user.running or user.waiting}
