"""Long work rests as long as it took while the machine is overloaded, and never else (F11)."""

from __future__ import annotations

import os
from typing import Any

import pytest

from saas import resting


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    def now(load: float, processors: int = 2) -> None:
        monkeypatch.setattr(os, "getloadavg", lambda: (load, 9.0, 9.0))
        monkeypatch.setattr(os, "cpu_count", lambda: processors)

    return now


@pytest.mark.parametrize(
    ("load", "took", "share", "seconds"),
    [
        (2.0, 0.4, None, 0.0), (2.1, 0.4, None, 0.4), (8.0, 30.0, None, 1.0), (2.1, 0.4, "0.5", 0.2), (9.0, 0.4, "0", 0.0),
    ],
)  # fmt: skip
def test_how_long(
    machine: Any, monkeypatch: pytest.MonkeyPatch, load: float, took: float, share: str | None, seconds: float
) -> None:
    machine(load)
    monkeypatch.delenv("KONTOR_JOB_REST", raising=False)
    if share is not None:
        monkeypatch.setenv("KONTOR_JOB_REST", share)
    assert resting.pause(took) == pytest.approx(seconds)


def test_a_task_is_followed_by_its_rest(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []
    clock = iter([100.0, 100.3, 200.0, 200.3])
    monkeypatch.delenv("KONTOR_JOB_REST", raising=False)
    monkeypatch.setattr(resting.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(resting.time, "sleep", rested.append)
    machine(3.0)
    resting._note_start(task_id="1")
    resting._rest(task_id="1")
    machine(1.0)
    resting._note_start(task_id="2")
    resting._rest(task_id="2")
    assert rested == [pytest.approx(0.3)]
