"""Where the private sockets live: in the data directory, else in a short stand-in below the temp folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

# sun_path holds 108 bytes on Linux and 104 on macOS; the longest name used is `.s.PGSQL.5432.lock`.
_LONGEST_DIRECTORY = 80


def socket_directory(data_dir: Path, service: str) -> Path:
    """The folder of `service`'s Unix socket; the same answer in every process, nothing is created."""
    inside = data_dir / "run" / service
    if len(os.fsencode(inside)) <= _LONGEST_DIRECTORY:
        return inside
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"kontor-{os.getuid()}-{digest}" / service


def make_socket_directory(data_dir: Path, service: str) -> Path:
    """Creates the folder of `service`'s socket, closed to other users, and returns it.

    Raises PermissionError when somebody else owns the folder already (a stand-in below the shared temp
    folder could have been put there by another user).
    """
    folder = socket_directory(data_dir, service)
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder.parent} belongs to another user")
    return folder
