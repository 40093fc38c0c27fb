"""Which supervisor runs on this data directory, so that a second start can say so."""

from __future__ import annotations

import json
import os
from pathlib import Path

from saas.embedded.processes import read_pid


def _path(data_dir: Path) -> Path:
    return data_dir / "supervisor.pid"


def running(data_dir: Path) -> tuple[int, int] | None:
    """Process id and port of the running supervisor, None when there is none."""
    path = _path(data_dir)
    pid = read_pid(path, "python")
    if pid is None or pid == os.getpid():
        return None
    return pid, json.loads(path.read_text().split("\n")[1])["port"]


def write(data_dir: Path, port: int) -> None:
    """Notes that this process supervises and on which port the product answers."""
    _path(data_dir).write_text(f"{os.getpid()}\n{json.dumps({'port': port})}\n")


def remove(data_dir: Path) -> None:
    """Forgets this process again."""
    _path(data_dir).unlink(missing_ok=True)
