"""The quick look of `make test-fast` leaves out what it says and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from tests import fast

ROOT = Path(__file__).parents[2]


class Case:
    """As much of a collected test as is looked at."""

    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


def test_every_slow_test_is_still_there() -> None:
    gone = []
    for name in sorted(fast.slow_tests()):
        path, _, function = name.partition("::")
        found = ROOT / path
        if not found.exists() or f"def {function.rpartition('::')[2]}(" not in found.read_text():
            gone.append(name)
    assert not gone, "tests/slow.txt names tests that are gone: write it anew, see tests/fast.py"


def test_two_cases_of_each_test_run_and_none_of_a_slow_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "slow_tests", lambda: {"tests/x.py::test_slow"})
    names = ["tests/x.py::test_one", "tests/x.py::test_slow[a]", "tests/x.py::test_slow[b]"]
    names += [f"tests/x.py::test_many[{number}]" for number in range(9)]
    run, left_out = fast.pick([cast("pytest.Item", Case(name)) for name in names])
    assert [item.nodeid for item in run] == [names[0], "tests/x.py::test_many[0]", "tests/x.py::test_many[8]"]
    assert len(run) + len(left_out) == len(names)


def test_the_list_is_made_from_a_report(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    case = '<testcase classname="tests.x.test_y" name="{}" time="{}"/>'
    cases = [
        case.format("test_slow[a]", 0.1),
        case.format("test_slow[b]", 0.9),
        case.format("test_quick", 0.1),
        '<testcase classname="tests.x.test_y.TestZ" name="test_slow" time="9"/>',
    ]
    report.write_text(f"<testsuite>{''.join(cases)}</testsuite>")
    assert fast.slow_of(report) == [
        "tests/x/test_y.py::TestZ::test_slow",
        "tests/x/test_y.py::test_slow",
    ]
