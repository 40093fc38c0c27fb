"""Whether somebody waits for the processors, and what is believed where the kernel does not tell (F11)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tenants import pressure


@pytest.mark.parametrize(
    ("took", "waited", "need"),
    [(0.4, 0.0, 0.0), (0.4, 0.04, 0.0), (0.4, 0.08, 0.5), (0.4, 0.12, 1.0), (0.4, 0.4, 1.0)],
)
def test_how_much_others_need(took: float, waited: float, need: float) -> None:
    assert pressure.need(took, 7.0, 7.0 + waited) == pytest.approx(need)


@pytest.mark.parametrize(("load", "need"), [(2.0, 0.0), (2.1, 1.0)])
def test_where_the_kernel_does_not_tell_the_load_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, load: float, need: float
) -> None:
    monkeypatch.setattr(pressure, "_PRESSURE", tmp_path / "absent")
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 9.0, 9.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert pressure.waited() is None
    assert pressure.need(0.3, None, 5.0) == pressure.need(0.3, 5.0, None) == need
    assert pressure.need(0.0, 5.0, 5.0) == need


def test_what_the_kernel_writes_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pressure, "_PRESSURE", tmp_path / "cpu")
    lines = "some avg10=5.67 avg60=25.45 avg300=30.60 total=4771605686\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
    (tmp_path / "cpu").write_text(lines)
    assert pressure.waited() == 4771.605686


@pytest.mark.parametrize("written", ["", "some avg10=0.00", "some avg10=1.00 total=", "some total=x"])
def test_what_cannot_be_read_is_not_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str
) -> None:
    (tmp_path / "cpu").write_text(written)
    monkeypatch.setattr(pressure, "_PRESSURE", tmp_path / "cpu")
    assert pressure.waited() is None
