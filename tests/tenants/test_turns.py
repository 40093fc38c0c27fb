"""Workspaces take turns: a thousand jobs of one do not keep another's first waiting (SAAS.md §5.2, F11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from crm_core.records import jobs, tasks
from crm_core.records.jobs import JobHandler
from crm_core.records.models import Job
from tenants import jobs as queue
from tenants import turns
from tenants.context import activate, current_tenant
from tenants.models import Tenant

Commits = Callable[..., Any]


class OneStep(JobHandler):
    """A job that is done with its first step, and notes whose it was."""

    kind = "test_one_step"
    done: list[str] = []

    def step(self, job: Job, actor: Any) -> bool:
        self.done.append(str(current_tenant().pk))
        return True


class Breaks(JobHandler):
    """A job whose step always breaks."""

    kind = "test_breaks"
    tried = 0

    def step(self, job: Job, actor: Any) -> bool:
        Breaks.tried += 1
        raise ZeroDivisionError


class Broker:
    """First in, first out, as Redis is; `work` does what one worker would."""

    def __init__(self) -> None:
        self.messages: list[tuple[Any, tuple, dict[str, str]]] = []
        self.queues: list[str | None] = []
        self.longest = 0

    def publish(
        self, task: Any, args: tuple, kwargs: dict, headers: dict[str, str], countdown: Any, queue: Any
    ) -> bool:
        self.messages.append((task, args, headers))
        self.queues.append(queue)
        self.longest = max(self.longest, len(self.messages))
        return True

    def work(self, commits: Commits) -> None:
        task, args, headers = self.messages.pop(0)
        with commits(execute=True):
            task.apply(args=args, headers=headers, throw=True)


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    jobs.register(OneStep())
    jobs.register(Breaks())
    OneStep.done.clear()
    Breaks.tried = 0
    cache.clear()
    yield
    jobs._handlers.pop(OneStep.kind)
    jobs._handlers.pop(Breaks.kind)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    found = Broker()
    monkeypatch.setattr(queue, "_publish", found.publish)
    return found


def enqueue(tenant: Tenant, number: int, commits: Commits, kind: str = OneStep.kind) -> None:
    with activate(tenant), commits(execute=True):
        made = [Job(kind=kind, label=str(n), heartbeat_at=timezone.now(), params={}) for n in range(number)]
        Job.objects.bulk_create(made)
        for job in made:
            jobs.wake_job(job)


def test_a_thousand_jobs_of_one_delay_nobody(
    workspace: Tenant, other_workspace: Tenant, broker: Broker, django_capture_on_commit_callbacks: Commits
) -> None:
    commits = django_capture_on_commit_callbacks
    enqueue(workspace, 1000, commits)
    assert len(broker.messages) == turns.PLACES  # the rows are the queue, the messages are turns
    broker.work(commits)
    enqueue(other_workspace, 1, commits)
    before = len(OneStep.done)
    while str(other_workspace.pk) not in OneStep.done:
        broker.work(commits)
    assert len(OneStep.done) - before <= turns.PLACES + 1  # not after a thousand
    assert broker.longest <= 2 * turns.PLACES


def test_everything_is_done_and_the_places_are_free_again(
    workspace: Tenant, other_workspace: Tenant, broker: Broker, django_capture_on_commit_callbacks: Commits
) -> None:
    commits = django_capture_on_commit_callbacks
    enqueue(workspace, 12, commits)
    enqueue(other_workspace, 5, commits)
    while broker.messages:
        broker.work(commits)
    assert OneStep.done.count(str(workspace.pk)) == 12 and OneStep.done.count(str(other_workspace.pk)) == 5
    # as long as both had work they took turns
    first = OneStep.done[:10]
    assert abs(first.count(str(workspace.pk)) - first.count(str(other_workspace.pk))) <= turns.PLACES
    with activate(workspace):
        assert not Job.objects.exclude(state="succeeded").exists()
    enqueue(workspace, 1, commits)
    assert len(broker.messages) == 1


def test_a_lost_broker_is_made_good_by_the_sweep(
    workspace: Tenant, broker: Broker, django_capture_on_commit_callbacks: Commits
) -> None:
    commits = django_capture_on_commit_callbacks
    with time_machine.travel("2026-04-01T09:00:00Z", tick=False) as clock:
        enqueue(workspace, 3, commits)
        broker.messages.clear()  # Redis was emptied of messages, and the places are still held
        with activate(workspace), commits(execute=True):
            clock.shift(timedelta(seconds=turns.HELD_SECONDS + 1))
            assert jobs.resume_stale() == 3
        assert len(broker.messages) == turns.PLACES
        while broker.messages:
            broker.work(commits)
    assert len(OneStep.done) == 3


def test_a_turn_whose_place_was_lost_dies_out(
    workspace: Tenant, broker: Broker, django_capture_on_commit_callbacks: Commits
) -> None:
    commits = django_capture_on_commit_callbacks
    enqueue(workspace, 40, commits)
    for _ in range(3):
        cache.clear()  # the cache server forgets the places: further turns are claimed beside those in the queue
        with activate(workspace), commits(execute=True):
            queue.wake_in_turn(tasks.take_turn, jobs.QUEUE)
            queue.wake_in_turn(tasks.take_turn, jobs.QUEUE)
    assert len(broker.messages) == 4 * turns.PLACES
    for _ in range(4 * turns.PLACES):
        broker.work(commits)
    assert len(broker.messages) <= turns.PLACES


def test_without_the_cache_server_jobs_run_all_the_same(
    workspace: Tenant, broker: Broker, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Commits
) -> None:  # fmt: skip
    class Away:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionError("redis is away")

    monkeypatch.setattr(turns, "cache", Away())
    commits = django_capture_on_commit_callbacks
    enqueue(workspace, 2, commits)
    for _ in range(20):
        if broker.messages:
            broker.work(commits)
    assert len(OneStep.done) == 2 and broker.messages == []


def test_a_job_that_breaks_does_not_hold_up_the_others(
    workspace: Tenant, broker: Broker, django_capture_on_commit_callbacks: Commits
) -> None:
    """F15: one attempt now, the next ones by the sweep, then it fails for good."""
    commits = django_capture_on_commit_callbacks
    enqueue(workspace, 1, commits, Breaks.kind)
    enqueue(workspace, 3, commits)
    while broker.messages:
        broker.work(commits)
    assert (Breaks.tried, len(OneStep.done)) == (1, 3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(8):
            clock.shift(timedelta(minutes=10))
            with activate(workspace), commits(execute=True):
                jobs.resume_stale()
            while broker.messages:
                broker.work(commits)
    assert Breaks.tried == jobs.MAX_ATTEMPTS
    with activate(workspace):
        assert Job.objects.get(kind=Breaks.kind).state == "failed"


def test_a_job_cannot_be_taken_twice(workspace: Tenant) -> None:
    assert turns.claim(workspace.pk, "x") is not None
    first = turns.claim(workspace.pk, "x")
    assert first is not None and turns.claim(workspace.pk, "x") is None
    assert turns.claim(workspace.pk, "y") is not None  # another queue is another matter
    assert not turns.renew(workspace.pk, "x", first[0], "somebody else's")
    turns.give_back(workspace.pk, "x", first[0], "somebody else's")
    assert turns.claim(workspace.pk, "x") is None
    turns.give_back(workspace.pk, "x", *first)
    assert turns.claim(workspace.pk, "x") is not None


def test_who_used_little_does_not_stand_in_the_queue(
    workspace: Tenant,
    other_workspace: Tenant,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Commits,
) -> None:
    commits = django_capture_on_commit_callbacks
    took = iter([0.3, 0.4, 0.1])
    clock = {"now": 0.0}
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: clock["now"]))
    inner = OneStep.step

    def slow(self: OneStep, job: Job, actor: Any) -> bool:
        clock["now"] += next(took)
        return inner(self, job, actor)

    monkeypatch.setattr(OneStep, "step", slow)
    with time_machine.travel("2026-04-01T09:00:00Z", tick=False) as wall:
        enqueue(workspace, 4, commits)
        broker.work(commits)  # 0.3 s: still little
        broker.work(commits)  # 0.7 s in all: no more
        assert broker.queues == [turns.SMALL] * 3 + [None]
        enqueue(other_workspace, 1, commits)  # what one did is nothing to the other
        assert broker.queues[4:] == [turns.SMALL]
        wall.shift(timedelta(seconds=10.5))  # a fiftieth of a worker: 0.2 s in ten seconds
        broker.work(commits)
        assert broker.queues[-1] is None  # 0.6 s
        wall.shift(timedelta(seconds=5))
        with activate(workspace):
            assert turns.used_little(workspace.pk, jobs.QUEUE)


def test_what_is_owed_is_forgiven_after_a_minute(workspace: Tenant) -> None:
    with time_machine.travel("2026-04-01T09:00:00Z", tick=False) as wall:
        for _ in range(100):
            turns.note_work(workspace.pk, "x", 20.0)
        assert not turns.used_little(workspace.pk, "x") and turns.used_little(workspace.pk, "y")
        wall.shift(timedelta(seconds=turns.LONGEST_OWED - 20))
        assert turns.used_little(workspace.pk, "x")
