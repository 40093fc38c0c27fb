"""The product's processes: web, two kinds of worker, scheduler."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from saas.cli.ports import loopback_addresses
from saas.cli.supervisor import Child
from saas.environment import DATA_DIR, IS_PRODUCTION, number, port, text


def web(data_dir: Path, port: int) -> Child:
    """gunicorn: threads for waiting on the database, processes for the cores."""
    given = text("KONTOR_BIND")
    hosts = [given] if given else loopback_addresses()
    # The internal port answers where the public one does: `saas.internal` refuses what comes from elsewhere.
    open_ports = [port, internal] if (internal := number("KONTOR_INTERNAL_PORT", 0)) else [port]
    binds = [f"[{host}]:{p}" if ":" in host else f"{host}:{p}" for p in open_ports for host in hosts]
    arguments = ["-m", "gunicorn", "saas.wsgi:application", "--worker-class=gthread"]
    arguments += [
        f"--workers={number('KONTOR_WEB_PROCESSES', 2)}",
        f"--threads={number('KONTOR_WEB_THREADS', 8)}",
    ]
    arguments += [f"--bind={bind}" for bind in binds]
    # Recycled so that no process keeps the memory of every workspace it ever served (SAAS.md §0.6).
    arguments += [
        "--max-requests=20000",
        "--max-requests-jitter=2000",
        "--timeout=120",
        "--graceful-timeout=15",
    ]
    arguments += ["--keep-alive=30", "--worker-tmp-dir", str(data_dir), "--no-control-socket"]
    environment = {"KONTOR_PORT": str(port), "KONTOR_DB_POOL": text("KONTOR_DB_POOL", "1")}
    if internal:
        environment["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics_folder(data_dir))
    return Child("web", arguments, environment, data_dir / "logs" / "web.log")


def _metrics_folder(data_dir: Path) -> Path:
    """An empty folder where the web processes of this host share their counters; never one of two hosts."""
    folder = Path(text("KONTOR_METRICS_DIR") or data_dir / "run" / "metrics")
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob("*.db"):
        left_over.unlink(missing_ok=True)
    return folder


def worker(data_dir: Path, port: int) -> Child:
    """Celery's processes for everything short: mail, events, sweeps, provisioning, jobs of who has few."""
    return _worker("worker", "work,small", number("KONTOR_WORKERS", 2), data_dir, port, niceness=5)


def jobs(data_dir: Path, port: int) -> Child:
    """Celery's processes for the steps of imports, exports and bulk changes, and for backups of workspaces."""
    return _worker("jobs", "jobs,operations", number("KONTOR_JOB_WORKERS", 1), data_dir, port, niceness=10)


def _worker(name: str, queue: str, processes: int, data_dir: Path, port: int, niceness: int) -> Child:
    arguments = ["-m", "celery", "-A", "saas.celery", "worker", "--pool=prefork", "--loglevel=INFO"]
    arguments += [f"--queues={queue}", f"--concurrency={processes}", f"--hostname={name}@%h"]
    arguments += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Child(name, arguments, {"KONTOR_PORT": str(port)}, data_dir / "logs" / f"{name}.log", niceness)


def scheduler(data_dir: Path, port: int) -> Child:
    """Celery beat: one tick a second that starts due sweeps."""
    folder = data_dir / "scheduler"
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["-m", "celery", "-A", "saas.celery", "beat", "--loglevel=WARNING", "--pidfile="]
    arguments += ["--schedule", str(folder / "beat")]
    return Child("scheduler", arguments, {"KONTOR_PORT": str(port)}, data_dir / "logs" / "scheduler.log")


ALL = (web, worker, jobs, scheduler)


def become(name: str) -> None:
    """Replaces this process by the product's process `name`; its log goes to standard output.

    The web process collects static files first: in production they are served from the data directory.
    """
    child = {make.__name__: make for make in ALL}[name](DATA_DIR, port())
    environment = {**os.environ, **child.environment, "KONTOR_PROCESS": name}
    if child.niceness:
        os.nice(child.niceness)
    if name == "web" and IS_PRODUCTION:
        command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "--verbosity=0"]
        subprocess.run(command, check=True, env={**environment, "DJANGO_SETTINGS_MODULE": "saas.settings"})
    os.execve(sys.executable, [sys.executable, *child.arguments], environment)  # noqa: S606 - our own interpreter


def wait_until_up(child: Child, port: int, seconds: float = 60) -> None:
    """Returns when the web process answers. Raises RuntimeError with the end of its log when it does not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.process is not None and child.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The web process did not start:\n{child.last_lines(30)}")
