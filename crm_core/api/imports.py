"""Imports, saved mappings and exports over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json, uploaded_file
from crm_core.exchange.exporting import exports
from crm_core.exchange.models import Import
from crm_core.exchange.services import column_values, imports, maps, uploading
from crm_core.exchange.services.failures import failures_file
from crm_core.metadata.errors import Malformed, NotFound


def import_json(import_: Import, endpoint: Endpoint) -> dict[str, Any]:
    """The import document with its job."""
    found = imports.describe(import_, endpoint.actor)
    return {**found, "job": job_json(import_.job) if import_.job else None}


class ImportsEndpoint(Endpoint):
    """GET and POST /imports"""

    def get(self, request: Any) -> HttpResponse:
        rows = [import_json(found, self) for found in imports.recent(self.actor)]
        return self.answer({"rows": rows, "next": None})

    def post(self, request: Any) -> HttpResponse:
        upload = uploaded_file(request._request)
        if unknown := set(request._request.POST) - {"object"}:
            raise Malformed(
                "request.unknown_parameter", "Send file and object.", field=sorted(unknown)[0][:60]
            )
        object_name = request._request.POST.get("object") or None
        import_ = uploading.create_import(self.actor, upload.chunks(), upload.name, object_name)
        return self.answer(import_json(imports.find(import_.pk, self.actor), self), 201)


class ImportEndpoint(Endpoint):
    """GET, PATCH and DELETE /imports/{id}"""

    def get(self, request: Any, import_id: str) -> HttpResponse:
        return self.answer(import_json(imports.find(self.identifier(import_id), self.actor), self))

    def patch(self, request: Any, import_id: str) -> HttpResponse:
        changes = self.body({"object", "mapping", "match", "format"})
        return self.answer(import_json(imports.update(self.identifier(import_id), changes, self.actor), self))

    def delete(self, request: Any, import_id: str) -> HttpResponse:
        imports.delete(self.identifier(import_id), self.actor)
        return self.answer(None, 204)


class ImportValuesEndpoint(Endpoint):
    """GET /imports/{id}/values?column="""

    parameters = frozenset({"column"})

    def get(self, request: Any, import_id: str) -> HttpResponse:
        import_ = imports.find(self.identifier(import_id), self.actor)
        return self.answer(column_values.distinct_values(import_, _number(request, "column", -1), self.actor))


class ImportActionEndpoint(Endpoint):
    """POST /imports/{id}/actions/check|run|undo|cancel"""

    def post(self, request: Any, import_id: str, action: str) -> HttpResponse:
        self.body(set())
        return self.answer(import_json(imports.act(self.identifier(import_id), action, self.actor), self))


class ImportRowsEndpoint(Endpoint):
    """GET /imports/{id}/rows"""

    parameters = frozenset({"status", "cursor", "limit"})

    def get(self, request: Any, import_id: str) -> HttpResponse:
        limit = _number(request, "limit", 50)
        if not 1 <= limit <= 500:
            raise Malformed("request.limit", "1 to 500 rows.", field="limit")
        status = request._request.GET.get("status") or None
        cursor = _number(request, "cursor", 0)
        return self.answer(
            imports.rows(self.identifier(import_id), self.actor, status=status, cursor=cursor, limit=limit)
        )


class ImportRowEndpoint(Endpoint):
    """PATCH /imports/{id}/rows/{number}"""

    def patch(self, request: Any, import_id: str, number: str) -> HttpResponse:
        if not (number.isascii() and number.isdigit() and len(number) < 9):
            raise NotFound("import.row_not_found", "There is no such row.")
        body = self.body({"values"})
        return self.answer(
            imports.edit_row(self.identifier(import_id), int(number), body.get("values"), self.actor)
        )


class ImportFailuresEndpoint(Endpoint):
    """GET /imports/{id}/failures?format=csv|xlsx"""

    parameters = frozenset({"format"})

    def get(self, request: Any, import_id: str) -> HttpResponse:
        import_ = imports.find(self.identifier(import_id), self.actor)
        name, kind, content = failures_file(import_, request._request.GET.get("format", "csv"))
        response = HttpResponse(content, content_type=kind, headers={"X-Content-Type-Options": "nosniff"})
        response["Content-Disposition"] = _attachment(name)
        return response


def _attachment(name: str) -> str:
    from django.utils.http import content_disposition_header

    return content_disposition_header(True, name)


class ImportMapsEndpoint(Endpoint):
    """GET and POST /import_maps"""

    parameters = frozenset({"object"})

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"rows": maps.all_maps(request._request.GET.get("object"))})

    def post(self, request: Any) -> HttpResponse:
        return self.answer(maps.create(self.body(maps.KEYS), self.actor), 201)


class ImportMapEndpoint(Endpoint):
    """DELETE /import_maps/{id}"""

    def delete(self, request: Any, map_id: str) -> HttpResponse:
        maps.delete(self.identifier(map_id), self.actor)
        return self.answer(None, 204)


class ExportEndpoint(Endpoint):
    """POST /{objects}/export; reading is all it does, so it works in a read-only workspace."""

    left_when_canceled = True

    reads = True

    def post(self, request: Any, plural: str) -> HttpResponse:
        job = exports.start(self.entity(plural), self.body(exports.KEYS), self.actor)
        job.refresh_from_db()
        return self.answer({"job": job_json(job)}, 202)


def _number(request: Any, name: str, default: int) -> int:
    """A number from the query string. Raises Malformed `request.invalid_parameter`."""
    raw = request._request.GET.get(name)
    if raw is None or raw == "":
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise Malformed("request.invalid_parameter", f"{name} is a number.", field=name)
    return int(raw)
