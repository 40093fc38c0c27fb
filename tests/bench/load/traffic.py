"""Phases of a load run: neighbours at a fixed rate whatever happens, and the loud ones beside them or not."""

from __future__ import annotations

import itertools
import multiprocessing
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import SimpleQueue
from typing import Any

from tests.bench.load import people
from tests.bench.load.client import Client, WrongAnswer
from tests.bench.load.figures import Phase
from tests.bench.load.fleet import Workspace
from tests.bench.load.loud import Loud, Noise

#: How the loud workspaces are loud, in turn, and with how many connections each.
KINDS = (("imports", 1), ("exports", 1), ("edits", 1), ("reports", 3), ("calls", 8))
_SENDERS = 24
_WARMING, _WARMING_PASSES = 12, 6
_JOB_POLL = 0.1

_counter = itertools.count(time.time_ns() // 1_000_000)


def neighbours(
    client: Client, workspaces: Sequence[Workspace], rate: float, seconds: float, phase: Phase
) -> None:
    """`rate` acts per second, spread over the workspaces, for `seconds`.

    The times are due whether or not earlier answers have come, and a response time counts from when the act was due:
    a server that stands still is not measured by the few requests that were let in (open loop).
    """  # fmt: skip
    due: queue.SimpleQueue[tuple[float, int] | None] = queue.SimpleQueue()
    begin, count = time.perf_counter() + 0.2, int(rate * seconds)
    for n in range(count):
        due.put((begin + n / rate, n))
    for _ in range(_SENDERS):
        due.put(None)
    first = next(_counter)
    threads = [
        threading.Thread(target=_send, args=(client, workspaces, due, first, phase), daemon=True)
        for _ in range(_SENDERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    phase.seconds += seconds


def _send(
    client: Client,
    workspaces: Sequence[Workspace],
    due: queue.SimpleQueue[tuple[float, int] | None],
    first: int,
    phase: Phase,
) -> None:
    while (item := due.get()) is not None:
        moment, n = item
        if (early := moment - time.perf_counter()) > 0:
            time.sleep(early)
        # Neighbours and acts turn at different speeds, so that every workspace does everything.
        workspace = workspaces[n % len(workspaces)]
        act = people.MIX[(n // len(workspaces) + n) % len(people.MIX)]
        try:
            answer = act(client, workspace, first * 1000 + n)
        except (OSError, WrongAnswer, ValueError, KeyError) as error:
            phase.fail(
                str(error) if isinstance(error, WrongAnswer) else f"{act.__name__}: {type(error).__name__}"
            )
        else:
            phase.note(act.__name__, answer.at - moment)


def warm_up(client: Client, workspaces: Sequence[Workspace]) -> None:
    """Each kind of act some times in each workspace: what a process meets for the first time is not what is measured.

    Every request comes by a connection of its own and beside others, because a kept one speaks to one web process, and
    the one that is awake takes all that come one after the other. Beside those of other workspaces: nobody is to be
    held back for it.
    """

    def once(task: tuple[people.Act, Workspace]) -> None:
        act, workspace = task
        act(client, workspace, next(_counter) * 1000)
        client.close()

    tasks = [(act, workspace) for act in dict.fromkeys(people.MIX) for workspace in workspaces]
    with ThreadPoolExecutor(max(1, min(_WARMING, len(workspaces) // 2))) as threads:
        for _pass in range(_WARMING_PASSES):
            list(threads.map(once, tasks))


class Probes(threading.Thread):
    """Every `pause` seconds the next neighbour wants a small export: how long it waits for its turn (queue fairness)."""

    def __init__(self, client: Client, workspaces: Sequence[Workspace], pause: float, phase: Phase):
        super().__init__(daemon=True)
        self.client, self.workspaces, self.pause, self.phase = client, workspaces, pause, phase
        self.stop = threading.Event()

    def run(self) -> None:
        for workspace in itertools.cycle(self.workspaces):
            if self.stop.is_set():
                return
            try:
                self._export(workspace)
            except (OSError, WrongAnswer, ValueError, KeyError) as error:
                self.phase.fail(str(error))
            self.stop.wait(self.pause)

    def _export(self, workspace: Workspace) -> None:
        started = time.perf_counter()
        wanted = {"filter": None, "fields": ["full_name", "job_title"], "format": "csv"}
        answer = self.client.send(workspace, "POST", "/api/v1/contacts/export", wanted)
        if answer.status != 202:
            raise WrongAnswer(f"{workspace.slug} export: {answer.status} {answer.body[:200]!r}")
        job = answer.json()["job"]
        while job["state"] in ("queued", "running"):
            time.sleep(_JOB_POLL)
            job = self.client.send(workspace, "GET", f"/api/v1/jobs/{job['id']}").json()
        if job["state"] != "succeeded":
            raise WrongAnswer(f"{workspace.slug} export: {job['state']} {job['error']}")
        file = self.client.file(workspace, job["file"]["url"])
        rows = file.body.decode("utf-8-sig").splitlines()[1:]
        if len(rows) < workspace.records or not all(workspace.slug in row for row in rows):
            raise WrongAnswer(f"{workspace.slug} export: {len(rows)} rows, or not its own")
        self.phase.note_job(time.perf_counter() - started)


class Crowd:
    """The loud workspaces at work, until `stop()`.

    In a process of their own: beside them the one that looks at the clock would wait for its own interpreter, and tell
    of that as if the product had been slow.
    """

    def __init__(self, port: int, workspaces: Sequence[Workspace], rows: int, noise: Noise):
        context = multiprocessing.get_context("spawn")
        self._noise = noise
        self._ending, self._told = context.Event(), context.SimpleQueue()
        given = (port, list(workspaces), rows, self._ending, self._told)
        self._process = context.Process(target=_be_loud, args=given, daemon=True)

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        self._ending.set()
        self._noise.add(self._told.get())
        self._process.join(10)


def _be_loud(
    port: int, workspaces: Sequence[Workspace], rows: int, ending: Any, told: SimpleQueue[Noise]
) -> None:
    client, noise, stop = Client(port), Noise(), threading.Event()
    threads = [
        threading.Thread(target=Loud(client, workspace, noise, stop, rows).run, args=(kind,), daemon=True)
        for workspace, (kind, connections) in zip(workspaces, itertools.cycle(KINDS), strict=False)
        for _connection in range(connections)
    ]
    for thread in threads:
        thread.start()
    ending.wait()
    stop.set()
    for thread in threads:
        thread.join(70)
    told.put(noise)
