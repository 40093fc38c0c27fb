"""The audit: list, export, and putting a value back (PLT-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.lists import list_request
from crm_core.exchange.exporting.audit_file import export_audit
from crm_core.metadata.errors import Malformed
from crm_core.records import audit, files, sweeps
from crm_core.records.query import Query


def _wanted(request: Any) -> dict[str, Any]:
    return {k: v for k, v in request._request.GET.dict().items() if k in audit.KEYS and v}


class AuditEndpoint(Endpoint):
    """GET /audit"""

    parameters = frozenset(audit.KEYS | {"cursor", "limit"})

    def get(self, request: Any) -> HttpResponse:
        given = {k: v for k, v in request._request.GET.dict().items() if k == "limit"}
        cursor = request._request.GET.get("cursor") or None
        limit = list_request(given).get("limit", 50)
        page = audit.page(self.actor, _wanted(request), cursor=cursor, limit=limit)
        return self.answer({**page, "retention_days": sweeps.audit_retention()})


class AuditExportEndpoint(Endpoint):
    """POST /audit/export: a CSV file of what the list shows, as a link; the export is an entry itself"""

    reads = True

    def post(self, request: Any) -> HttpResponse:
        stored, rows = export_audit(self.actor, self.body(set(audit.KEYS)))
        return self.answer({"file": files.describe(stored), "rows": rows}, 201)


class AuditRestoreEndpoint(Endpoint):
    """POST /audit/{id}/restore: `{"attribute": name}`"""

    def post(self, request: Any, entry_id: str) -> HttpResponse:
        name = self.body({"attribute"}).get("attribute")
        if not isinstance(name, str):
            raise Malformed("request.malformed", "Name the attribute.", field="attribute")
        entity, written = audit.restore_value(self.identifier(entry_id), name, self.actor)
        return self.answer(
            {"record": Query(entity, self.actor).one(written.id), "warnings": written.warnings}
        )
