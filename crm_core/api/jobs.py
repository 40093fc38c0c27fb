"""Bulk operations, jobs and files."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.http import FileResponse, HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata.errors import Malformed, NotFound
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import bulk, files, jobs, undo_preview
from crm_core.records.models import Job
from tenants.entitlements import limit

BULK_KEYS = {"operation", "ids", "filter", "q", "all", "values", "action", "owner"}


def job_json(job: Job) -> dict[str, Any]:
    """A job as clients see it."""
    return jobs_json([job])[0]


def jobs_json(found: Sequence[Job]) -> list[dict[str, Any]]:
    """Jobs as clients see them."""
    details = bulk.details(found)
    return [_job_json(job, details.get(job.pk, [])) for job in found]


def _job_json(job: Job, detail: list[str]) -> dict[str, Any]:
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "label": job.label,
        "object": job.object,
        "state": job.state,
        "total": job.total,
        "done": job.done,
        "failed": job.failed,
        "created_at": _time(job.created_at),
        "finished_at": _time(job.finished_at),
        "can_undo": jobs.can_undo(job),
        "result": job.result,
        "error": job.error or None,
        "file": files.describe(job.file) if job.file else None,
        "detail": detail,
    }


def _time(moment: Any) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if hasattr(moment, "isoformat") else None


class BulkEndpoint(Endpoint):
    """POST /{objects}/bulk"""

    def post(self, request: Any, plural: str) -> HttpResponse:
        job = bulk.start(self.entity(plural), self.body(BULK_KEYS), self.actor)
        job.refresh_from_db()
        return self.answer({"job": job_json(job)}, 202)


class BulkPreviewEndpoint(Endpoint):
    """POST /{objects}/bulk/preview"""

    reads = True

    def post(self, request: Any, plural: str) -> HttpResponse:
        return self.answer(bulk.preview(self.entity(plural), self.body(BULK_KEYS), self.actor))


class JobsEndpoint(Endpoint):
    """GET /jobs"""

    left_when_canceled = True

    parameters = frozenset({"mine", "state", "undoable"})

    def get(self, request: Any) -> HttpResponse:
        rows, most = Job.objects.select_related("file").order_by("-created_at"), 50
        if self.flag("undoable"):  # other work must not push what can be taken back out of the list
            rows, most = rows.filter(Q(can_undo=True) | Q(undone_at__isnull=False)), 200
        if self.flag("mine") or not self.actor.is_administrator:
            rows = rows.filter(created_by=self.actor.user_id)
        if request._request.GET.get("state") == "unfinished":
            rows = rows.filter(state__in=("queued", "running", "undoing"))
        return self.answer({"rows": jobs_json(rows[:most])})


class JobEndpoint(Endpoint):
    """GET /jobs/{id}"""

    left_when_canceled = True

    def get(self, request: Any, job_id: str) -> HttpResponse:
        return self.answer(job_json(jobs.find(self.identifier(job_id), self.actor)))


class JobActionEndpoint(Endpoint):
    """POST /jobs/{id}/actions/undo|cancel|retry"""

    def post(self, request: Any, job_id: str, action: str) -> HttpResponse:
        body = self.body({"force"} if action == "undo" else set())
        if action not in ("undo", "cancel", "retry"):
            raise NotFound("action.unknown", "Jobs have undo, cancel and retry.")
        force = _ids(body.get("force") or [])
        job = jobs.control(self.identifier(job_id), action, self.actor, force=force)
        if job.state == "undoing" and job.total <= bulk.INLINE_LIMIT and job.kind in ("bulk", "merge"):
            jobs.run_inline(job, jobs.actor_of(job))
        return self.answer(job_json(job))


def _ids(raw: Any) -> list[uuid.UUID]:
    ids = [as_uuid(i) for i in raw] if isinstance(raw, list) and len(raw) <= bulk.MAX_ROWS else [None]
    if None in ids:
        raise Malformed("request.malformed", f"A list of at most {bulk.MAX_ROWS} ids.", field="force")
    return [i for i in ids if i]


class JobUndoEndpoint(Endpoint):
    """GET /jobs/{id}/undo: what an undo would do"""

    def get(self, request: Any, job_id: str) -> HttpResponse:
        return self.answer(undo_preview.preview(jobs.find(self.identifier(job_id), self.actor), self.actor))


class JobFailuresEndpoint(Endpoint):
    """GET /jobs/{id}/failures"""

    def get(self, request: Any, job_id: str) -> HttpResponse:
        job = jobs.find(self.identifier(job_id), self.actor)
        rows = job.failures.order_by("id").values("record_id", "name", "code", "message")[:1000]
        return self.answer(
            {
                "rows": [
                    {
                        "id": str(r["record_id"] or ""),
                        "name": r["name"],
                        "code": r["code"],
                        "message": r["message"],
                    }
                    for r in rows
                ]
            }
        )


class FilesEndpoint(Endpoint):
    """POST /files (multipart)"""

    def post(self, request: Any) -> HttpResponse:
        upload = uploaded_file(request._request)
        files.require_room(upload.size)
        largest = min(limit(request._request.tenant, "file_bytes") or files.MAX_BYTES, files.MAX_BYTES)
        stored = files.store(
            upload.name, upload.chunks(), upload.content_type or "", self.actor.user_id, limit=largest
        )
        return self.answer(files.describe(stored), 201)


def uploaded_file(request: Any) -> Any:
    """The one uploaded file. Raises Malformed `file.missing`."""
    upload = request.FILES.get("file")
    if upload is None:
        raise Malformed("file.missing", "Send one file as multipart field “file”.", field="file")
    return upload


class FileDownloadEndpoint(Endpoint):
    """GET /files/{id}/download?signature=: always as an attachment, never shown in our origin (SAAS I11)."""

    left_when_canceled = True

    parameters = frozenset({"signature"})

    def get(self, request: Any, file_id: str) -> Any:
        stored = files.check_link(self.identifier(file_id), request._request.GET.get("signature", ""))
        response = FileResponse(
            files.path_of(stored).open("rb"),
            as_attachment=True,
            filename=stored.name,
            content_type="application/octet-stream",
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
