"""The table of attacks and faults is true: every case once, every test it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("README.md").read_text()
#: The cases of SAAS.md §6.3 in the groups the table covers.
CASES = [
    "T1",
    "T2",
    "T3",
    "T4",
    "T6",
    "T7",
    "T8",
    "T10",
    "T11",
    "T12",
    "T13",
    "T15",
    "T17",
    "T20",
    "A1",
    "A3",
    "A5",
    "A7",
    "A8",
    "A9",
    "A11",
    "B1",
    "B2",
    "B4",
    "B6",
    "B8",
    "B9",
    "B11",
    "C1",
    "C2",
    "C4",
    "C8",
    "C9",
    "C11",
    "C12",
    "F1",
    "F4",
    "F5",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
    "F11",
    "F12",
    "F13",
    "F14",
    "F15",
    "F16",
]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def _rows() -> dict[str, str]:
    """Case → who holds it."""
    cells = [line.strip("|").split("|") for line in TABLE.splitlines() if re.match(r"\| [TABCF]\d", line)]
    found = {case.strip(): held for case, _what, held in cells}
    assert len(found) == len(cells), "a case stands there twice"
    return found


def test_every_case_is_there() -> None:
    assert list(_rows()) == CASES


def test_every_case_is_held_by_a_test_or_not_built() -> None:
    assert [
        case for case, held in _rows().items() if not _TEST.search(held) and "not built" not in held
    ] == []


def test_every_test_that_is_named_exists() -> None:
    named = _TEST.findall(TABLE)
    assert len(named) > 80
    missing = []
    for path, name in named:
        file = ROOT / path
        if not file.exists() or not re.search(rf"^\s*def {name}\(", file.read_text(), re.MULTILINE):
            missing.append(f"{path}::{name}")
    assert missing == []
