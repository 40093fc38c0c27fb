"""Long work rests while others wait for the processors, and never else (F11)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from saas import resting


@pytest.fixture(autouse=True)
def _usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KONTOR_JOB_REST", raising=False)


@pytest.mark.parametrize(
    ("took", "need", "share", "seconds"),
    [
        (0.4, 0.0, None, 0.0), (0.4, 0.5, None, 0.6), (0.4, 1.0, None, 1.2), (0.4, 1.0, "0.5", 0.2), (0.4, 1.0, "0", 0.0),
        (30.0, 1.0, None, 3.0), (0.0, 1.0, None, 0.0),
    ],
)  # fmt: skip
def test_how_long(
    monkeypatch: pytest.MonkeyPatch, took: float, need: float, share: str | None, seconds: float
) -> None:
    if share is not None:
        monkeypatch.setenv("KONTOR_JOB_REST", share)
    assert resting.pause(took, need) == pytest.approx(seconds)


def test_a_task_is_followed_by_its_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []
    clock = iter([100.0, 100.3, 200.0, 200.3])
    waits = iter([1.0, 1.2, 5.0, 5.01])
    monkeypatch.setattr(resting, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=rested.append))
    monkeypatch.setattr(resting.pressure, "waited", lambda: next(waits))
    for name in ("others wait", "nobody waits"):
        resting._note_start(task_id=name)
        resting._rest(task_id=name)
    assert rested == [pytest.approx(0.9)]
