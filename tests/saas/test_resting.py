"""Long work rests while others wait for the processors, and never else (F11)."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from saas import resting


@pytest.fixture(autouse=True)
def _usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KONTOR_JOB_REST", raising=False)


@pytest.mark.parametrize(
    ("took", "others", "share", "seconds"),
    [
        (0.4, 0.0, None, 0.0), (0.4, 0.04, None, 0.0), (0.4, 0.08, None, 0.4), (0.4, 0.12, None, 0.8), (0.4, 0.4, None, 0.8),
        (0.4, 0.4, "0.5", 0.2), (0.4, 0.4, "0", 0.0), (30.0, 30.0, None, 2.0), (0.0, 0.0, None, 0.0),
    ],
)  # fmt: skip
def test_how_long(
    monkeypatch: pytest.MonkeyPatch, took: float, others: float, share: str | None, seconds: float
) -> None:
    if share is not None:
        monkeypatch.setenv("KONTOR_JOB_REST", share)
    assert resting.pause(took, others) == pytest.approx(seconds)


@pytest.mark.parametrize(("load", "seconds"), [(2.0, 0.0), (2.1, 0.6)])
def test_where_the_kernel_does_not_tell_the_load_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, load: float, seconds: float
) -> None:
    monkeypatch.setattr(resting, "_PRESSURE", tmp_path / "absent")
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 9.0, 9.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert resting.waited() is None
    assert resting.pause(0.3, None) == pytest.approx(seconds)


@pytest.mark.parametrize("written", ["", "some avg10=0.00", "some avg10=1.00 total=", "some total=x"])
def test_what_cannot_be_read_is_not_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str
) -> None:
    (tmp_path / "cpu").write_text(written)
    monkeypatch.setattr(resting, "_PRESSURE", tmp_path / "cpu")
    assert resting.waited() is None


def test_a_task_is_followed_by_its_rest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rested: list[float] = []
    clock = iter([100.0, 100.3, 200.0, 200.3])
    monkeypatch.setattr(resting, "time", SimpleNamespace(monotonic=lambda: next(clock), sleep=rested.append))
    monkeypatch.setattr(resting, "_PRESSURE", tmp_path / "cpu")

    def machine(microseconds: int) -> None:
        line = f"avg10=5.67 avg60=25.45 avg300=30.60 total={microseconds}\n"
        (tmp_path / "cpu").write_text(f"some {line}full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n")

    def step(before: int, after: int) -> None:
        about: Any = {"task_id": "1"}
        machine(before)
        resting._note_start(**about)
        machine(after)
        resting._rest(**about)

    step(1_000_000, 1_200_000)
    step(5_000_000, 5_010_000)
    assert rested == [pytest.approx(0.6)]
