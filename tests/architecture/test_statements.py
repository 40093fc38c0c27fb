"""Statements per operation and object, pinned in a file: constant whatever the number of rows (PERFORMANCE 5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.declaration import declared
from crm_core.records import service
from crm_core.security.actor import actor_for
from tests.api_client import ApiClient, person
from tests.conformance.values import minimal

BASELINE = Path(__file__).with_name("statements.json")
MAX_LIST = 8


def _count(api: ApiClient, method: str, path: str, body: Any = None) -> int:
    api.call(method, path, body)  # the first call fills caches
    if method in ("POST", "PATCH") and not path.endswith(("query", "board", "aggregate")):
        connection.queries_log.clear()
    with CaptureQueriesContext(connection) as captured:
        status, answer = api.call(method, path, body)
    assert status < 300, answer
    return len(
        [
            q
            for q in captured.captured_queries
            if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
        ]
    )


def _measure(api: ApiClient, actor: Any, name: str) -> dict[str, int]:
    entity = registry.get(name)
    plural = entity.plural
    made = str(service.create(entity, minimal(entity, actor, 1), actor).id)
    few = _count(api, "GET", f"/{plural}?limit=50&count=capped")
    for n in range(2, 12):
        service.create(entity, minimal(entity, actor, n), actor)
    many = _count(api, "GET", f"/{plural}?limit=50&count=capped")
    assert many == few, f"{name}: {few} statements for one row, {many} for eleven"
    text = next(
        n
        for n, a in entity.attributes.items()
        if a.type.name in ("text", "memo") and not a.read_only and n != "currency"
    )
    return {
        "list": many,
        "record": _count(api, "GET", f"/{plural}/{made}?include=timeline,related"),
        "update": _count(api, "PATCH", f"/{plural}/{made}", {text: "Something else"}),
    }


def test_statements_are_as_pinned(workspace: Any) -> None:
    user, api = person(workspace, "ada@example.com", "system_administrator")
    actor = actor_for(user.pk)
    # the clock stands still: what is renewed once a minute (a session's "last seen") belongs to no operation
    with time_machine.travel(timezone.now(), tick=False):
        found = {name: _measure(api, actor, name) for name, e in sorted(declared().items()) if e.creatable}
        found["*"] = {"search": _count(api, "GET", "/search?q=nord")}
    assert all(v["list"] <= MAX_LIST for k, v in found.items() if k != "*"), found
    if not BASELINE.exists():
        BASELINE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    pinned = json.loads(BASELINE.read_text())
    worse = {
        f"{name}.{operation}": (pinned.get(name, {}).get(operation), count)
        for name, counts in found.items()
        for operation, count in counts.items()
        if count > pinned.get(name, {}).get(operation, -1)
    }
    assert worse == {}, "more statements than pinned; delete statements.json to measure anew if that is meant"
