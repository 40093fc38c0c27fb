"""`pytest --fast`: the quick look of `make test-fast`, two cases of each test that is not slow.

Which tests are slow stands in `slow.txt`. After a whole run, `python -m tests.fast REPORT` writes the list anew
from the report (`pytest.xml` in the data folder); a test that is not on the list runs.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest

SLOW = Path(__file__).with_name("slow.txt")
#: Mean seconds of a test's cases, two processes side by side, from which on it is slow.
LONGEST = 0.15
#: Cases of one test that run: the first and the last, of thousands that are generated.
CASES = 2


def family(node: str) -> str:
    """The test a case belongs to: `tests/x/test_y.py::test_z` of `tests/x/test_y.py::test_z[a-b]`."""
    return node.partition("[")[0]


def slow_tests() -> set[str]:
    """What `slow.txt` names."""
    return set(SLOW.read_text().split())


def pick(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """(run, left out), each in the order of collection."""
    slow, cases = slow_tests(), defaultdict(list)
    for item in items:
        cases[family(item.nodeid)].append(item)
    chosen = {
        item
        for name, found in cases.items()
        if name not in slow
        for item in (found[0], *found[len(found) - CASES + 1 :])
    }
    ordered = [item for found in cases.values() for item in found]
    return [i for i in ordered if i in chosen], [i for i in ordered if i not in chosen]


def slow_of(report: Path) -> list[str]:
    """Tests of a junit report whose cases took longer than `LONGEST` on average, sorted."""
    seconds = defaultdict(list)
    for case in ElementTree.parse(report).iter("testcase"):
        module, *classes = re.split(r"\.(?=Test)", case.get("classname", ""))
        name = "::".join([module.replace(".", "/") + ".py", *classes, family(case.get("name", ""))])
        seconds[name].append(float(case.get("time", 0)))
    return sorted(name for name, each in seconds.items() if sum(each) / len(each) > LONGEST)


if __name__ == "__main__":
    SLOW.write_text("".join(f"{name}\n" for name in slow_of(Path(sys.argv[1]))))
