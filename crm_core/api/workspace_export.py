"""The export of the whole workspace; works in every state, also in a canceled workspace (ASP-20, ASP-40.4)."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json
from crm_core.exchange.exporting import archives


class WorkspaceExportEndpoint(Endpoint):
    """GET: state; POST `{"audit": bool}`: start; DELETE: cancel. /workspace_export"""

    left_when_canceled = True
    reads = True

    def get(self, request: Any) -> HttpResponse:
        return self._state()

    def post(self, request: Any) -> HttpResponse:
        archives.start(self.body(archives.KEYS), self.actor)
        return self._state(202)

    def delete(self, request: Any) -> HttpResponse:
        archives.cancel(self.actor)
        return self._state()

    def _state(self, status: int = 200) -> HttpResponse:
        newest, made = archives.latest(self.actor)
        archive = None
        if made is not None:
            facts = {key: made.result[key] for key in ("size", "sha256", "records", "files", "files_missing")}
            archive = {
                **facts,
                "audit": made.params["audit"],
                "finished_at": job_json(made)["finished_at"],
                "url": archives.link(made, self.actor),
            }
        return self.answer({"job": job_json(newest) if newest else None, "archive": archive}, status)


class WorkspaceExportDownloadEndpoint(Endpoint):
    """GET /workspace_export/download?signature=: the archive, for the administrator the link was made for"""

    left_when_canceled = True
    parameters = frozenset({"signature"})

    def get(self, request: Any) -> Any:
        path, name = archives.linked(request._request.GET.get("signature", ""), self.actor)
        response = FileResponse(
            path.open("rb"), as_attachment=True, filename=name, content_type="application/zip"
        )
        response["X-Content-Type-Options"] = "nosniff"
        return response
