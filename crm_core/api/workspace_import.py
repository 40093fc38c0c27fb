"""The import of a whole workspace's archive into an empty one (ASP-40.4)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json, uploaded_file
from crm_core.exchange.arriving import archives
from crm_core.metadata.errors import Malformed
from crm_core.security.actor import Actor


class WorkspaceImportEndpoint(Endpoint):
    """GET: state; POST (multipart `file`): upload and look through; DELETE: stop and remove. /workspace_import"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(_state(self.actor))

    def post(self, request: Any) -> HttpResponse:
        archives.require(self.actor)  # before the body is looked at
        upload = uploaded_file(request._request)
        if unknown := set(request._request.POST):
            raise Malformed("request.unknown_parameter", "Send one file.", field=sorted(unknown)[0][:60])
        archives.upload(upload.chunks(), upload.name or "archive.zip", self.actor)
        return self.answer(_state(self.actor), 202)

    def delete(self, request: Any) -> HttpResponse:
        archives.discard(self.actor)
        return self.answer(_state(self.actor))


class WorkspaceImportStartEndpoint(Endpoint):
    """POST /workspace_import/actions/start: import what was looked through"""

    def post(self, request: Any) -> HttpResponse:
        self.body(set())
        archives.start(self.actor)
        return self.answer(_state(self.actor), 202)


def _state(actor: Actor) -> dict[str, Any]:
    """What is in the way, and the newest job with its result."""
    found = archives.state(actor)
    job = found["job"]
    shown = {**job_json(job), "file_name": job.params["file_name"]} if job is not None else None
    return {"found": found["found"], "here": found["here"], "job": shown}
