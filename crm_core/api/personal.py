"""Access requests and erasures for one person (CUS-15.8)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json
from crm_core.exchange.personal import erasure, register, report, retention, scope
from crm_core.metadata.errors import Malformed


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
        return self.answer({"rows": register.rows(self.actor), "blocked": register.blocked(self.actor)})


class RetentionRulesEndpoint(Endpoint):
    """GET and POST /retention_rules"""

    def get(self, request: Any) -> HttpResponse:
        rows = retention.rows(self.actor)
        return self.answer({"rows": rows, "objects": [retention.object_json(e) for e in retention.objects()]})

    def post(self, request: Any) -> HttpResponse:
        return self.answer(retention.create(self.body(retention.KEYS), self.actor), 201)


class RetentionPreviewEndpoint(Endpoint):
    """POST /retention_rules/preview: how many people a rule would erase"""

    reads = True

    def post(self, request: Any) -> HttpResponse:
        return self.answer(retention.preview(self.body(retention.KEYS), self.actor))


class RetentionRuleEndpoint(Endpoint):
    """DELETE /retention_rules/{id}"""

    def delete(self, request: Any, rule_id: str) -> HttpResponse:
        retention.delete(self.identifier(rule_id), self.actor)
        return self.answer(None, 204)


class ReleaseEndpoint(Endpoint):
    """POST /personal_requests/actions/release `{"email"}`: the address of an erased person may come in again"""

    def post(self, request: Any) -> HttpResponse:
        address = self.body({"email"}).get("email")
        if not isinstance(address, str) or "@" not in address or len(address) > 320 or "\x00" in address:
            raise Malformed("request.malformed", "email is an e-mail address.", field="email")
        register.release(address, self.actor)
        return self.answer(None, 204)
