"""The measurement itself on a few hundred records: every answer is checked there, no time is asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(600)
def test_every_operation_answers_rightly_on_all_sides(tmp_path: Path) -> None:
    output = tmp_path / "result.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--data", str(tmp_path / "data"), "--output", str(output),
         "--scale", "0.04", "--rounds", "1", "--seconds", "0", "--at-least", "2", "--rows", "200"],
        cwd=_ROOT, capture_output=True, text=True, timeout=580, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    result = json.loads(output.read_text())
    measured = set(result["figures"]["product"])
    assert {name[0] for name in measured} == set("abcdefghjk")
    assert {name[0] for name in result["figures"]["floor"]} == set("abcdefghjk")
    assert result["bulk"]["i_import"]["duplicate"] == 2 and result["bulk"]["i_import"]["failed"] == 0
    assert result["bulk"]["l_workspace"]["wall_ms"] > 0
    assert all(figure["statements"] > 0 for figure in result["figures"]["product"].values())
