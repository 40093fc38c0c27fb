"""What loud workspaces do as long as they may: imports, exports, changes of everything, reports, a flood of calls."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.bench.load.client import Answer, Client, WrongAnswer
from tests.bench.load.fleet import Workspace

_POLL_SECONDS = 0.5
_PATIENCE = 120.0


class Noise:
    """What the loud ones got: answers by kind and status, finished work, what went wrong."""

    def __init__(self) -> None:
        self.answers: dict[str, Counter[str]] = {}
        self.finished: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def add(self, other: Noise) -> None:
        """What another process's loud ones got, too."""
        for kind, counts in other.answers.items():
            self.answers.setdefault(kind, Counter()).update(counts)
        self.finished.update(other.finished)
        self.wrong += other.wrong

    def note(self, kind: str, status: int | str) -> None:
        with self._lock:
            self.answers.setdefault(kind, Counter())[str(status)] += 1

    def finish(self, kind: str) -> None:
        with self._lock:
            self.finished[kind] += 1

    def complain(self, text: str) -> None:
        with self._lock:
            self.wrong.append(text[:400])

    def summary(self) -> dict[str, Any]:
        return {
            "answers": {kind: dict(sorted(counts.items())) for kind, counts in sorted(self.answers.items())},
            "finished": dict(sorted(self.finished.items())),
            "wrong": self.wrong[:20],
        }


class Loud:
    """One loud workspace: `act` is repeated until `stop` is set. 429 is an answer it has to live with."""

    def __init__(self, client: Client, workspace: Workspace, noise: Noise, stop: threading.Event, rows: int):
        self.client, self.workspace, self.noise, self.stop, self.rows = client, workspace, noise, stop, rows
        self.kind = ""

    def run(self, kind: str) -> None:
        """Be loud in the way `kind` says until told to stop."""
        self.kind = kind
        act: Callable[[], None] = getattr(self, kind)
        while not self.stop.is_set():
            try:
                act()
            except WrongAnswer as error:
                self.noise.complain(str(error))
            except OSError as error:
                self.noise.note(kind, type(error).__name__)
                self.stop.wait(0.2)

    def _ask(
        self, method: str, path: str, body: Any = None, *, file: bytes | None = None, expect: bool = True
    ) -> Answer:
        answer = self.client.send(self.workspace, method, f"/api/v1{path}", body, file=file)
        self.noise.note(self.kind, answer.status)
        if answer.status == 429:
            self.stop.wait(min(float(answer.headers.get("Retry-After") or 1), 2.0))
        elif expect and answer.status >= 300:
            raise WrongAnswer(f"{self.workspace.slug} {method} {path}: {answer.status} {answer.body[:200]!r}")
        return answer

    def _wait(self, path: str, field: str, ready: set[str]) -> Any:
        """The document at `path` once `field` is one of `ready`; None when told to stop or refused."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and not self.stop.wait(_POLL_SECONDS):
            answer = self._ask("GET", path)
            if answer.status == 200 and answer.json()[field] in ready | {"failed", "canceled"}:
                found = answer.json()
                if found[field] not in ready:
                    raise WrongAnswer(f"{self.workspace.slug} {path}: {found[field]} {found.get('error')}")
                return found
        return None

    def imports(self) -> None:
        """A file of new contacts, read, checked and written."""
        name, mark = self.workspace.slug, time.time_ns()
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow(["First name", "Last name", "E-mail", "Job title"])
        writer.writerows(
            ["Imported", f"{name} {n}", f"i{mark}-{n}@{name}.example", name] for n in range(self.rows)
        )
        answer = self._ask("POST", "/imports", {"object": "contact"}, file=stream.getvalue().encode())
        if answer.status != 201:
            return
        path = f"/imports/{answer.json()['id']}"
        if self._wait(path, "state", {"uploaded", "mapped"}) is None:
            return
        match = {"mode": "create", "keys": ["email"], "on_conflict": "keep", "duplicates": "create"}
        self._ask("PATCH", path, {"match": match})
        self._ask("POST", f"{path}/actions/check", {})
        if self._wait(path, "state", {"checked"}) is None:
            return
        self._ask("POST", f"{path}/actions/run", {})
        if self._wait(path, "state", {"done"}) is not None:
            self.noise.finish("import")

    def exports(self) -> None:
        """All contacts as a workbook, fetched when it is ready."""
        answer = self._ask("POST", "/contacts/export", {"filter": None, "format": "xlsx"})
        if answer.status != 202:
            return
        found = self._wait(f"/jobs/{answer.json()['job']['id']}", "state", {"succeeded"})
        if found is not None:
            self._ask("GET", found["file"]["url"].removeprefix("/api/v1"))
            self.noise.finish("export")

    def edits(self) -> None:
        """The same change to every contact."""
        values = {"description": f"{self.workspace.slug} {time.time_ns()}"}
        everything = {"attribute": "job_title", "operator": "not_empty"}
        body = {"operation": "edit", "ids": None, "filter": everything, "values": values}
        answer = self._ask("POST", "/contacts/bulk", body)
        if (
            answer.status == 202
            and self._wait(f"/jobs/{answer.json()['job']['id']}", "state", {"succeeded"}) is not None
        ):
            self.noise.finish("edit of everything")

    def reports(self) -> None:
        """Sums over everything by day and owner, as often as they are answered."""
        group = [{"attribute": "estimated_close_date", "by": "day"}, {"attribute": "stage"}]
        measures = [
            {"fn": "count"},
            *({"fn": fn, "attribute": "estimated_revenue"} for fn in ("sum", "avg", "max")),
        ]
        path = "/opportunities/aggregate"
        narrowed = {"attribute": "topic", "operator": "contains", "value": self.workspace.slug}
        answer = self._ask(
            "POST", path, {"filter": narrowed, "group": group, "measures": measures, "limit": 1000}
        )
        if answer.status == 200:
            self.noise.finish("report")

    def calls(self) -> None:
        """One call of a flood; several threads do nothing else."""
        answer = self._ask("GET", "/contacts?limit=100&count=exact")
        if answer.status == 200:
            self.noise.finish("call")
