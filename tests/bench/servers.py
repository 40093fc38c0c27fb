"""Product and floor side by side: gunicorn with as many workers each, and their HTTP clients."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

_ROOT = Path(__file__).resolve().parents[2]


class Server:
    """One running gunicorn, and a keep-alive client that speaks to it as `host` with `headers`."""

    def __init__(
        self,
        application: str,
        port: int,
        host: str,
        headers: dict[str, str],
        environment: dict[str, str],
        log: Path,
        workers: int = 2,
    ):
        self.port, self.host, self.headers = port, host, headers
        arguments = [
            sys.executable,
            "-m",
            "gunicorn",
            application,
            "--worker-class=gthread",
            f"--workers={workers}",
        ]
        arguments += ["--threads=8", f"--bind=127.0.0.1:{port}", "--keep-alive=30", "--no-control-socket"]
        self._log = log.open("wb")
        self.process = subprocess.Popen(
            arguments, cwd=_ROOT, env=os.environ | environment, stdout=self._log, stderr=self._log
        )
        self._connection: http.client.HTTPConnection | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, path: str, seconds: float = 60) -> float:
        """Seconds until the first 200 for `path`. Raises AssertionError when there is none."""
        started = time.monotonic()
        while time.monotonic() - started < seconds and self.process.poll() is None:
            try:
                if self.send("GET", path)[0] == 200:
                    return time.monotonic() - started
            except OSError:
                self._connection = None
            time.sleep(0.05)
        raise AssertionError(f"No answer from {path}; see {self._log.name}")

    def send(
        self, method: str, path: str, body: Any = None, form: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, bytes, Any]:
        """Status, body and headers of one request."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        data = (
            urlencode(form).encode()
            if form is not None
            else None
            if body is None
            else json.dumps(body).encode()
        )
        kind = "application/x-www-form-urlencoded" if form is not None else "application/json"
        given = {"Host": self.host, "Content-Type": kind, **(self.headers if form is None else {}), **headers}
        try:
            self._connection.request(method, path, body=data, headers=given)
            response = self._connection.getresponse()
            return response.status, response.read(), response.headers
        except (http.client.HTTPException, OSError):
            self._connection.close()
            self._connection = None
            raise

    def disconnect(self) -> None:
        """Begin a new connection with the next request."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[Any, int]:
        """The JSON answer and its size. Raises AssertionError for anything but success."""
        status, answer, _headers = self.send(method, path, body)
        if status >= 300:
            raise AssertionError(f"{method} {path}: {status} {answer[:500]!r}")
        return json.loads(answer), len(answer)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self._log.close()
