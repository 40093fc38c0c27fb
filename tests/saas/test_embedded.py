"""The embedded servers: addresses, stale pid files, first start and reuse."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from saas.embedded import postgres_url, redis_url
from saas.embedded.processes import read_pid
from saas.embedded.sockets import make_socket_directory, socket_directory


def test_addresses_depend_on_the_data_directory_only(tmp_path: Path) -> None:
    assert postgres_url(tmp_path) == postgres_url(tmp_path)
    assert postgres_url(tmp_path) != postgres_url(tmp_path / "other")
    assert str(socket_directory(tmp_path, "redis")) in redis_url(tmp_path)


def test_socket_moves_to_a_short_folder_when_the_path_is_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    folder = make_socket_directory(deep, "postgres")
    assert len(os.fsencode(folder / ".s.PGSQL.5432.lock")) < 104
    assert folder.stat().st_mode & 0o077 == 0
    folder.rmdir()
    folder.parent.rmdir()


@pytest.mark.parametrize("content", ["", "not a number\n", "99999999\n"])
def test_unreadable_or_dead_pid_files_count_as_not_running(tmp_path: Path, content: str) -> None:
    path = tmp_path / "server.pid"
    path.write_text(content)
    assert read_pid(path, "postgres") is None


def test_a_reused_pid_of_another_program_counts_as_not_running(tmp_path: Path) -> None:
    path = tmp_path / "server.pid"
    path.write_text(f"{os.getpid()}\n")
    assert read_pid(path, "postgres") is None
