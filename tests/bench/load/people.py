"""What people of a quiet workspace do: the mix of reads and writes whose response times are the figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

from tests.bench.load.client import Answer, Client, WrongAnswer
from tests.bench.load.fleet import Workspace

Act = Callable[[Client, Workspace, int], Answer]
_ACCEPTED = 300


def _expect(condition: object, workspace: Workspace, answer: Answer) -> Answer:
    if not condition:
        raise WrongAnswer(f"{workspace.slug}: {answer.status} {answer.body[:300]!r}")
    return answer


def _rows(client: Client, workspace: Workspace, query: str, least: int) -> Answer:
    answer = client.send(workspace, "GET", f"/api/v1/contacts?limit=50{query}")
    rows = answer.json().get("rows", []) if answer.status < _ACCEPTED else []
    return _expect(
        len(rows) >= least and all(workspace.slug in r["full_name"] for r in rows), workspace, answer
    )


def _id(client: Client, workspace: Workspace, n: int) -> str:
    """Of contact `n`: looked up once per workspace, then the same for all of them."""
    listed = _ids.get(workspace.slug)
    if listed is None:
        answer = client.send(workspace, "GET", "/api/v1/contacts?limit=50&order=created_at&fields=full_name")
        _expect(answer.status < _ACCEPTED, workspace, answer)
        listed = _ids[workspace.slug] = [row["id"] for row in answer.json()["rows"]]
    return listed[n % len(listed)]


_ids: dict[str, list[str]] = {}


def look_at_list(client: Client, workspace: Workspace, _n: int) -> Answer:
    return _rows(client, workspace, "&count=capped", 50)


def search(client: Client, workspace: Workspace, n: int) -> Answer:
    return _rows(client, workspace, f"&q={10 + n % 40}", 1)


def narrow(client: Client, workspace: Workspace, _n: int) -> Answer:
    tree = quote(json.dumps({"attribute": "address1_city", "operator": "eq", "value": "Hamburg"}))
    return _rows(client, workspace, f"&filter={tree}&order=full_name", 1)


def open_record(client: Client, workspace: Workspace, n: int) -> Answer:
    path = f"/api/v1/contacts/{_id(client, workspace, n)}?include=timeline,related"
    answer = client.send(workspace, "GET", path)
    found = answer.json() if answer.status < _ACCEPTED else {"full_name": ""}
    return _expect(workspace.slug in found["full_name"], workspace, answer)


def look_at_board(client: Client, workspace: Workspace, _n: int) -> Answer:
    answer = client.send(workspace, "POST", "/api/v1/opportunities/board", {"limit": 20})
    rows = [r for c in answer.json().get("columns", []) for r in c["rows"]]
    return _expect(rows and all(workspace.slug in r["topic"] for r in rows), workspace, answer)


def create(client: Client, workspace: Workspace, n: int) -> Answer:
    values = {"first_name": "New", "last_name": f"{workspace.slug} n{n}", "job_title": workspace.slug}
    answer = client.send(workspace, "POST", "/api/v1/contacts", values)
    found = answer.json() if answer.status < _ACCEPTED else {}
    return _expect(found.get("full_name") == f"New {workspace.slug} n{n}", workspace, answer)


def change(client: Client, workspace: Workspace, n: int) -> Answer:
    title = f"{workspace.slug} title {n}"
    path = f"/api/v1/contacts/{_id(client, workspace, n)}"
    answer = client.send(workspace, "PATCH", path, {"job_title": title})
    found = answer.json() if answer.status < _ACCEPTED else {}
    return _expect(found.get("job_title") == title, workspace, answer)


#: Out of twenty acts of a working day.
MIX: tuple[Act, ...] = (
    *[look_at_list] * 5, *[open_record] * 5, *[search] * 3, *[narrow] * 2, *[look_at_board], *[create] * 2, *[change] * 2,
)  # fmt: skip
