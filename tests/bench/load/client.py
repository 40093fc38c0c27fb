"""Requests of a load run: kept connections, one per thread, and the check that an answer is the workspace's own."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from tests.bench.load.fleet import Workspace

#: The server closes a connection that was silent for 30 seconds.
_KEPT_SECONDS = 20.0
_NAME = re.compile(rb"load-[a-z]+-\d{3}")


class WrongAnswer(AssertionError):
    """An answer that is not what was asked for; with the text `foreign` it holds another workspace's data."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Any
    #: `time.perf_counter` when the last byte was here.
    at: float

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Speaks to the product at `port`, as whichever workspace is asking. Threads have connections of their own."""

    def __init__(self, port: int):
        self.port = port
        self._local = threading.local()

    def send(
        self, workspace: Workspace, method: str, path: str, body: Any = None, *, file: bytes | None = None
    ) -> Answer:
        """One request of the workspace. Raises OSError when the server does not answer, WrongAnswer when the
        answer names another workspace."""
        data, kind = _encoded(body, file)
        headers = {
            "Host": workspace.host,
            "Authorization": f"Bearer {workspace.token}",
            "Content-Type": kind,
        }
        connection = self._connection()
        try:
            connection.request(method, path, body=data, headers=headers)
            response = connection.getresponse()
            read = response.read()
            answer = Answer(response.status, read, response.headers, time.perf_counter())
        except (http.client.HTTPException, OSError) as error:
            self._local.connection = None
            connection.close()
            raise OSError(f"{type(error).__name__}: {error}") from error
        self._local.used_at = time.monotonic()
        if strangers := set(_NAME.findall(answer.body)) - {workspace.slug.encode()}:
            raise WrongAnswer(f"foreign: {workspace.slug} was shown {sorted(strangers)} by {method} {path}")
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        kept = getattr(self._local, "connection", None)
        if kept is not None and time.monotonic() - self._local.used_at < _KEPT_SECONDS:
            return kept
        if kept is not None:
            kept.close()
        self._local.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._local.used_at = time.monotonic()
        return self._local.connection

    def close(self) -> None:
        """The next request of this thread comes by a new connection."""
        kept, self._local.connection = getattr(self._local, "connection", None), None
        if kept is not None:
            kept.close()

    def file(self, workspace: Workspace, url: str) -> Answer:
        """A file at the address the product gave, which names the host."""
        return self.send(workspace, "GET", re.sub(r"^https?://[^/]+", "", url))


def _encoded(body: Any, file: bytes | None) -> tuple[bytes | None, str]:
    if file is None:
        return (None if body is None else json.dumps(body).encode()), "application/json"
    mark = "load-run-boundary-7f3a"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (body or {}).items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="load.csv"\r\nContent-Type: text/csv\r\n\r\n'
    data = ("".join(parts) + head).encode() + file + f"\r\n--{mark}--\r\n".encode()
    return data, f"multipart/form-data; boundary={mark}"
