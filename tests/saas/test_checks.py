"""`make test` notices what it is there to notice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from saas.cli.checks import Check, _perform, _summary, _test_counts, pytest_check, static_checks

ROOT = Path(__file__).resolve().parents[2]


def test_import_contracts_are_really_checked() -> None:
    check = next(check for check in static_checks() if check.name == "import contracts")
    told = subprocess.run(check.command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Contracts: 3 kept" in told.stdout


def test_a_failing_check_shows_what_it_said(capsys: pytest.CaptureFixture[str]) -> None:
    script = "print('the reason'); raise SystemExit(3)"
    assert _perform(Check("broken", [sys.executable, "-c", script]), dict(os.environ)) == ("broken", False)
    said = capsys.readouterr().out
    assert "✗ broken" in said
    assert "the reason" in said


def test_one_failure_makes_the_whole_run_fail(capsys: pytest.CaptureFixture[str]) -> None:
    assert _summary([("ruff", True), ("mypy", False)], {"tests": 7, "skipped": 1}, 61.0) == 1
    assert "2 checks with 7 Python tests, 1 skipped in 61 s: FAILED: mypy." in capsys.readouterr().out
    assert _summary([("ruff", True)], {"tests": 7, "skipped": 0}, 1.0) == 0


def test_counts_come_from_the_report(tmp_path: Path) -> None:
    report = tmp_path / "pytest.xml"
    assert _test_counts(report) == {}
    report.write_text('<testsuites><testsuite tests="12" skipped="2" failures="0"/></testsuites>')
    assert _test_counts(report) == {"tests": 12, "skipped": 2}


def test_only_the_fast_run_leaves_out_browser_and_faults() -> None:
    whole = pytest_check(False, Path("x.xml"), []).command
    fast = pytest_check(True, Path("x.xml"), []).command
    assert "not (bench)" in whole
    assert "not (bench or e2e or faults or slow)" in fast
