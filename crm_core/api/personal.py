"""Access requests and erasures for one person (CUS-15.8)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json
from crm_core.exchange.personal import erasure, register, report, scope


class PersonalEndpoint(Endpoint):
    """GET /{objects}/{id}/personal: what is held on the person, counted"""

    def get(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        person = scope.find(self.entity(plural), self.identifier(record_id), self.actor)
        return self.answer(scope.preview(person))


class PersonalExportEndpoint(Endpoint):
    """POST /{objects}/{id}/personal/export `{"requested"?}` → 202 the job whose file is the zip"""

    def post(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        body = self.body({"requested"})
        job = report.start(self.entity(plural), self.identifier(record_id), body, self.actor)
        return self.answer({"job": job_json(job)}, 202)


class PersonalErasureEndpoint(Endpoint):
    """POST /{objects}/{id}/personal/erase `{"confirm", "notes", "activities", "files", "requested"?}`; irreversible"""

    def post(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        body = self.body(erasure.KEYS)
        row = erasure.erase(self.entity(plural), self.identifier(record_id), body, self.actor)
        row.refresh_from_db()
        return self.answer(register.row_json(row))


class PersonalRequestsEndpoint(Endpoint):
    """GET /personal_requests"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"rows": register.rows(self.actor)})
