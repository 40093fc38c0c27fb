"""The audit: list, export, and putting a value back (PLT-41)."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.lists import list_request
from crm_core.metadata import registry
from crm_core.metadata.errors import Malformed
from crm_core.records import audit, files
from crm_core.records.query import Query

COLUMNS = ("at", "actor", "source", "operation", "object", "record", "record_id", "attribute", "old", "new")

MAX_BYTES = 200 * 1024 * 1024


def _wanted(endpoint: Endpoint, request: Any) -> dict[str, Any]:
    return {k: v for k, v in request._request.GET.dict().items() if k in audit.KEYS and v}


class AuditEndpoint(Endpoint):
    """GET /audit"""

    parameters = frozenset(audit.KEYS | {"cursor", "limit"})

    def get(self, request: Any) -> HttpResponse:
        given = {k: v for k, v in request._request.GET.dict().items() if k == "limit"}
        cursor = request._request.GET.get("cursor") or None
        limit = list_request(given).get("limit", 50)
        return self.answer(audit.page(self.actor, _wanted(self, request), cursor=cursor, limit=limit))


class AuditExportEndpoint(Endpoint):
    """POST /audit/export: a CSV file of what the list shows, as a link; the export is an entry itself"""

    reads = True

    def post(self, request: Any) -> HttpResponse:
        wanted = self.body(set(audit.KEYS))
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        count = 0
        for row in audit.every(self.actor, wanted):
            count += 1
            head = [row["at"], row["actor"]["name"], row["source"], row["operation"], row["object"], row["record"]["name"],
                    row["record"]["id"]]  # fmt: skip
            for change in row["changes"] or [{"attribute": "", "old": None, "new": None}]:
                cells = [*head, change["attribute"], _cell(change["old"]), _cell(change["new"])]
                writer.writerow([_harmless(c) for c in cells])
        audit.note(self.actor, "audit", "export", {"rows": [None, count], "conditions": [None, wanted]})
        content = ("\ufeff" + text.getvalue()).encode()
        stored = files.store("audit.csv", [content], "text/csv", self.actor.user_id, limit=MAX_BYTES)
        return self.answer({"file": files.describe(stored), "rows": count}, 201)


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()


def _harmless(value: Any) -> str:
    """No cell is a formula for a spreadsheet (ASVS 1.2.10)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text


class AuditRestoreEndpoint(Endpoint):
    """POST /audit/{id}/restore: `{"attribute": name}`"""

    def post(self, request: Any, entry_id: str) -> HttpResponse:
        name = self.body({"attribute"}).get("attribute")
        if not isinstance(name, str):
            raise Malformed("request.malformed", "Name the attribute.", field="attribute")
        written = audit.restore_value(self.identifier(entry_id), name, self.actor)
        change = written.change
        entity = change.entity if change is not None else registry.get("account")
        return self.answer(
            {"record": Query(entity, self.actor).one(written.id), "warnings": written.warnings}
        )
