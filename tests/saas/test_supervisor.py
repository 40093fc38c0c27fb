"""The supervisor restarts what dies, waits longer each time, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from saas.cli import credentials, ports
from saas.cli.supervisor import Child, Supervisor


def _child(tmp_path: Path, code: str, name: str = "child") -> Child:
    return Child(name, ["-c", code], {}, tmp_path / "logs" / f"{name}.log")


def _supervisor(*children: Child) -> tuple[Supervisor, list[str]]:
    told: list[str] = []
    return Supervisor(list(children), lambda: None, lambda: told.append("services stopped")), told


def _run_until(supervisor: Supervisor, reached: Callable[[], bool]) -> None:
    """Let it watch until something is true of what it watches, half a minute at most."""
    began = time.monotonic()

    def look() -> None:
        supervisor.stopping = reached() or time.monotonic() > began + 30

    supervisor.keep_services = look
    supervisor.run()
    assert reached()


def test_a_killed_process_is_started_again(tmp_path: Path) -> None:
    child = _child(tmp_path, "import time; time.sleep(60)")
    child.pause = 0.1
    supervisor, told = _supervisor(child)
    supervisor.start()
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    _run_until(supervisor, lambda: child.process is not None and child.process.pid != first)
    assert child.process is not None
    second = child.process.pid
    assert second != first
    supervisor.stop()
    assert not psutil.pid_exists(second)
    assert told == ["services stopped"]


def test_the_pause_doubles_while_it_keeps_failing(tmp_path: Path) -> None:
    child = _child(tmp_path, "raise SystemExit(3)")
    child.pause = 0.1
    supervisor, _told = _supervisor(child)
    supervisor.start()
    _run_until(supervisor, lambda: child.restarts >= 3)
    supervisor.stop()
    ends_seen = child.restarts + (child.process is None)
    assert child.pause == pytest.approx(0.1 * 2**ends_seen)


def test_a_process_that_ignores_the_request_is_killed_with_its_children(tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    child = _child(tmp_path, stubborn)
    supervisor, told = _supervisor(child)
    supervisor.start()
    deadline = time.monotonic() + 10
    while not child.last_lines().strip() and time.monotonic() < deadline:
        time.sleep(0.05)
    grandchild = int(child.last_lines())
    supervisor.stop(seconds=0.5)
    time.sleep(0.2)
    assert not psutil.pid_exists(grandchild) or psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE
    assert told == ["services stopped"]


def test_a_busy_port_leads_to_the_next_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.first_free(port) > port


def test_credentials_are_random_and_private(tmp_path: Path) -> None:
    assert credentials.load(tmp_path) == {}
    credentials.store(tmp_path, "demo", email="a@b.example", password=credentials.new_password())
    credentials.store(tmp_path, "operator", email="o@b.example", password=credentials.new_password())
    known = credentials.load(tmp_path)
    assert set(known) == {"demo", "operator"}
    assert known["demo"]["password"] != known["operator"]["password"]
    assert (tmp_path / "credentials.json").stat().st_mode & 0o777 == 0o600


def test_work_behind_the_scenes_is_nicer_than_the_web(tmp_path: Path) -> None:
    from saas.cli import processes

    nice = {make.__name__: make(tmp_path, 8000).niceness for make in processes.ALL}
    assert nice["web"] == nice["scheduler"] == 0 < nice["worker"] < nice["jobs"]
    made = _child(tmp_path, "import os; print(os.nice(0))")
    made.niceness = 7
    made.start()
    assert made.process is not None and made.process.wait(20) == 0
    assert made.last_lines().strip() == str(min(19, os.nice(0) + 7))
