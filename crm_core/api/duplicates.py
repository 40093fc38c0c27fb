"""Duplicate rules and the work-list of possible duplicates (CUS-10)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json
from crm_core.api.lists import list_request
from crm_core.metadata.errors import Malformed, NotFound
from crm_core.metadata.types.reference import as_uuid
from crm_core.records.duplicates import editing, scanning, worklist

MAX_PAIRS = 100


class WorklistEndpoint(Endpoint):
    """GET /duplicates"""

    parameters = frozenset({"object", "state", "cursor", "limit"})

    def get(self, request: Any) -> HttpResponse:
        wanted = list_request(request._request.GET.dict())
        return self.answer(
            worklist.groups(
                self.actor,
                object_name=wanted.get("object") or None,
                state=wanted.get("state") or "open",
                cursor=wanted.get("cursor"),
                limit=wanted.get("limit", 25),
            )
        )


class DecisionEndpoint(Endpoint):
    """POST /duplicates/decide"""

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"pairs", "decision"})
        raw = body.get("pairs")
        ids = [as_uuid(i) for i in raw] if isinstance(raw, list) and len(raw) <= MAX_PAIRS else []
        if not ids or None in ids:
            raise Malformed("request.malformed", f"1 to {MAX_PAIRS} ids of pairs.", field="pairs")
        decided = worklist.decide([i for i in ids if i], str(body.get("decision")), self.actor)
        return self.answer({"decided": decided})


class ScanEndpoint(Endpoint):
    """POST /duplicates/scan"""

    def post(self, request: Any) -> HttpResponse:
        name = self.body({"object"}).get("object")
        if name is not None and not isinstance(name, str):
            raise Malformed("request.malformed", "The name of an object.", field="object")
        job = scanning.start(name, self.actor)
        job.refresh_from_db()
        return self.answer({"job": job_json(job)}, 202)


class RulesEndpoint(Endpoint):
    """GET and POST /duplicate_rules"""

    def get(self, request: Any) -> HttpResponse:
        self.actor.require("customize")
        return self.answer(editing.listed())

    def post(self, request: Any) -> HttpResponse:
        row = editing.create(self.body(set(editing.FIELDS)), self.actor)
        return self.answer(editing.rule_json(row), 201)


class RuleEndpoint(Endpoint):
    """PATCH and DELETE /duplicate_rules/{id}"""

    def patch(self, request: Any, rule_id: str) -> HttpResponse:
        row = editing.change(self.identifier(rule_id), self.body(set(editing.FIELDS)), self.actor)
        return self.answer(editing.rule_json(row))

    def delete(self, request: Any, rule_id: str) -> HttpResponse:
        editing.remove(self.identifier(rule_id), self.actor)
        return self.answer(None, 204)


class RuleActionEndpoint(Endpoint):
    """POST /duplicate_rules/{id}/actions/publish|unpublish"""

    def post(self, request: Any, rule_id: str, action: str) -> HttpResponse:
        self.body(set())
        if action not in ("publish", "unpublish"):
            raise NotFound("action.unknown", "Rules have publish and unpublish.")
        act = editing.publish if action == "publish" else editing.unpublish
        return self.answer(editing.rule_json(act(self.identifier(rule_id), self.actor)))


class SuffixesEndpoint(Endpoint):
    """PUT /duplicate_rules/suffixes"""

    def put(self, request: Any) -> HttpResponse:
        body = self.body({"suffixes"})
        if "suffixes" not in body:
            raise Malformed("request.malformed", "suffixes is a list of words, or null.", field="suffixes")
        editing.set_suffixes(body["suffixes"], self.actor)
        return self.answer(editing.listed())
