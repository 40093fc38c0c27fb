"""The web processes of a machine take turns with requests of heavy users (F11)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tenants import gate as room
from tenants.gate import Gate
from tenants.heavy_turns import LONGEST_REST, Turns
from tests.tenants.test_gate import Clock, used


def test_one_turn_is_one_processs_and_rests_before_the_next(tmp_path: Path) -> None:
    mine, theirs = Turns(tmp_path / "turns", 1), Turns(tmp_path / "turns", 1)
    assert mine.take(100.0)
    assert not theirs.take(100.0)
    theirs.give_back(500.0)  # gives nothing back that it does not have
    assert not theirs.take(100.0)
    mine.give_back(100.4)
    assert not theirs.take(100.39) and not mine.take(100.39)
    assert theirs.take(100.4)
    assert not mine.take(101.0)


def test_several_turns(tmp_path: Path) -> None:
    processes = [Turns(tmp_path, 2) for _ in range(3)]
    assert [one.take(10.0) for one in processes] == [True, True, False]
    processes[1].give_back(10.5)
    assert not processes[2].take(10.2)
    assert processes[2].take(10.5)


def test_what_was_written_before_the_machine_began_anew_holds_nobody_back(tmp_path: Path) -> None:
    before = Turns(tmp_path, 1)
    assert before.take(900_000.0)
    before.give_back(900_000.5)
    assert Turns(tmp_path, 1).take(12.0)


def test_a_process_that_dies_leaves_its_turn(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from tenants.heavy_turns import Turns; "
        "assert Turns(pathlib.Path(sys.argv[1]), 1).take(5.0); print('taken', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=os.environ,
    )
    assert other.stdout is not None and other.stdout.readline() == b"taken\n"
    mine = Turns(tmp_path, 1)
    assert not mine.take(5.0)
    other.kill()
    other.communicate()
    assert mine.take(5.0)


def test_gates_of_two_processes_serve_one_heavy_request_at_a_time(tmp_path: Path) -> None:
    clock = Clock()
    here, there = (Gate(8, clock, Turns(tmp_path, 1)) for _ in range(2))
    for gate in (here, there) * 4:
        used(gate, clock, "quiet", 0.02)
        used(gate, clock, "loud", 1.4)
    clock.now += LONGEST_REST

    def may(gate: Gate) -> bool:
        return gate._may_run("loud", gate._user("loud"), clock.now)

    for gate in (here, there):
        used(gate, clock, "quiet", 0.02)  # somebody else is there
    clock.now += LONGEST_REST
    with here.passing("loud"):
        clock.now += 0.2
        assert not may(there)
        with there.passing("quiet"):  # who uses little needs no turn
            pass
    assert not may(there)  # the machine rests, not only the process it was in
    clock.now += LONGEST_REST
    with there.passing("quiet"):
        assert not may(there)  # somebody else has just begun here
        clock.now += room.FRESH_SECONDS
        assert may(there) and not may(here)
