"""The product as one command: it stops cleanly, restarts what dies, and starts again quickly with its data."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from saas.embedded import running
from saas.embedded.processes import is_alive
from tests import product as whole

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("product")]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installation")


@pytest.fixture(scope="module")
def kept(data: Path) -> Iterator[list[whole.Product]]:
    """The installation that runs, if one does: starting it takes longer than what most tests do with it."""
    running: list[whole.Product] = []
    yield running
    for product in running:
        product.stop()


@pytest.fixture
def installation(data: Path, kept: list[whole.Product]) -> whole.Product:
    """The running installation; a test leaves one that runs to the next."""
    if not kept:
        kept.append(whole.start(data, whole.own_port(8500)))
    return kept[0]


@pytest.fixture
def stopped(data: Path, kept: list[whole.Product]) -> Path:
    """The folder of the installation, which does not run."""
    while kept:
        kept.pop().stop()
    return data


@pytest.mark.parametrize("name", ["web", "worker", "jobs", "scheduler"])
def test_a_killed_process_comes_back(installation: whole.Product, name: str) -> None:
    before = installation.part(name).pid
    os.kill(before, signal.SIGKILL)

    def again() -> bool:
        try:
            return installation.part(name).pid != before
        except LookupError:
            return False

    whole.wait_until(again, 60, f"{name} again")
    whole.wait_until(installation.is_up, 60, "an answer")
    assert not psutil.pid_exists(before) or psutil.Process(before).status() == psutil.STATUS_ZOMBIE


def test_two_starts_on_one_installation_are_refused(installation: whole.Product) -> None:
    with pytest.raises(AssertionError, match="Already running"):
        whole.start_again(installation)


def test_stopping_ends_every_process_and_a_second_start_makes_nothing_again(
    data: Path, installation: whole.Product, kept: list[whole.Product]
) -> None:
    first = installation
    family = psutil.Process(first.process.pid).children(recursive=True)
    pids = {process.pid for process in family} | set(running(data).values())
    assert len(pids) >= 8  # web and two of its own, two workers, scheduler, PostgreSQL, Redis
    known = first.credentials
    kept.clear()
    assert first.stop() == 0
    assert [pid for pid in pids if is_alive(pid)] == []
    assert running(data) == {}
    second = whole.start(data, whole.own_port(8500))
    kept.append(second)
    assert second.credentials == known
    # what takes long the first time is there: structure, stock, front end
    assert "Every workspace is up to date." in second.output() and "Front end (unchanged)" in second.output()


def test_a_killed_database_comes_back(installation: whole.Product) -> None:
    before = running(installation.data)["postgres"]
    os.kill(before, signal.SIGKILL)
    whole.wait_until(lambda: running(installation.data).get("postgres", before) != before, 60, "PostgreSQL")
    whole.wait_until(installation.is_up, 60, "an answer")
    assert running(installation.data)["postgres"] != before


def test_a_busy_port_is_named_and_the_next_one_used(stopped: Path) -> None:
    wanted = whole.own_port(8600)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", wanted))
        taken.listen()
        started = whole.start(stopped, wanted)
        try:
            assert f"Port {wanted} is in use" in started.output()
            assert f"http://localhost:{wanted + 1}/" in started.output()
        finally:
            started.stop()
