"""The whole product as people start it, for browser journeys and fault tests: `python -m saas up`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psutil

from saas.embedded import stop as stop_services

_ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Product:
    """A running installation of its own. Addresses are for browsers: `*.localhost` is the loopback."""

    port: int
    data: Path
    process: subprocess.Popen[bytes]
    log: Path

    def url(self, path: str = "/", host: str = "localhost") -> str:
        """Address of `path` on `host`: `localhost`, `ops.localhost` or `<workspace>.localhost`."""
        return f"http://{host}:{self.port}{path}"

    @property
    def credentials(self) -> dict[str, dict[str, str]]:
        """Log-ins by name, `demo` and `operator`, each with `email` and `password`."""
        return json.loads((self.data / "credentials.json").read_text())

    def mails(self, to: str = "") -> list[EmailMessage]:
        """Messages sent so far, oldest first; only those to address `to` when given."""
        files = sorted((self.data / "mail" / "out").glob("*.eml"))
        found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [mail for mail in found if to in str(mail["To"])]  # type: ignore[misc]

    def wait_for_mail(self, to: str, seconds: float = 60) -> EmailMessage:
        """The newest message to `to` as soon as there is one."""
        wait_until(lambda: self.mails(to), seconds, f"mail to {to}")
        return self.mails(to)[-1]

    def part(self, name: str) -> psutil.Process:
        """The main process of `web`, `worker`, `jobs` or `scheduler`. Raises LookupError while it is down."""
        for child in psutil.Process(self.process.pid).children():
            try:
                if child.environ().get("KONTOR_PROCESS") == name:
                    return child
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        raise LookupError(name)

    def is_up(self) -> bool:
        """Whether the web process answers and its database too."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def output(self) -> str:
        """What the start printed so far."""
        return self.log.read_text(errors="replace")

    def stop(self) -> int:
        """Ends it as Ctrl-C does. Returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            stop_services(self.data)
            raise


def own_port(wanted: int) -> int:
    """A free port at or above `wanted` that no other test process takes: theirs lie a thousand apart."""
    from saas.cli.ports import first_free

    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return first_free(wanted + 1000 * int(worker))


def wait_until(condition: Callable[[], Any], seconds: float, what: str) -> None:
    """Returns when `condition()` is true. Raises AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds} s")


def start(data: Path, port: int, **environment: str) -> Product:
    """Starts an installation in `data` and returns when it says it is ready.

    `environment` overrides, e.g. DATABASE_URL. Raises AssertionError with the output when it does not start.
    """
    data.mkdir(parents=True, exist_ok=True)
    return _start(data, port, data / "start.log", environment)


def start_again(product: Product) -> Product:
    """Tries a second start on the same installation. Raises AssertionError with what it says."""
    return _start(product.data, product.port, product.data / "second-start.log", {})


def _start(data: Path, port: int, log: Path, environment: dict[str, str]) -> Product:
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("KONTOR_", "DJANGO_"))
    }
    given = {
        "KONTOR_DATA": str(data),
        "KONTOR_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        "KONTOR_JOB_REST": "0",
        **environment,
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "saas", "up"],
            cwd=_ROOT,
            env=inherited | given,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    product = Product(port, data, process, log)
    deadline = time.monotonic() + 400  # the first start of a fresh clone builds the front end
    try:
        while "Ready." not in product.output():
            assert process.poll() is None and time.monotonic() < deadline, (
                f"The product did not start:\n{product.output()}"
            )
            time.sleep(0.2)
    except BaseException:  # whoever interrupts the tests leaves no installation behind
        product.stop()
        raise
    return product
