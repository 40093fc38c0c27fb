"""Sandboxes of the workspace: copies to try things in (PLT-13)."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata.errors import Forbidden, Malformed
from crm_core.records import audit
from tenants.context import current_tenant
from tenants.lifecycle import sandboxes

KEYS = {"name", "slug", "with_data"}


class _SandboxEndpoint(Endpoint):
    def require_administrator(self) -> None:
        """Raises Forbidden: a copy holds everything, whoever may sign in there."""
        if not self.actor.is_administrator:
            raise Forbidden(
                "privilege.missing",
                "Only administrators manage sandboxes.",
                details={"privilege": "administrator"},
            )

    def with_data(self, body: dict[str, Any]) -> bool:
        """The choice of the request. Raises Malformed."""
        found = body.get("with_data")
        if not isinstance(found, bool):
            raise Malformed("sandbox.with_data", "true or false is needed.", field="with_data")
        return found

    def state(self, status: int = 200) -> HttpResponse:
        """What there is, as every answer of these endpoints shows it."""
        found = sandboxes.listed(current_tenant())
        rows = [
            {**row, "created_at": row["created_at"].isoformat().replace("+00:00", "Z")}
            for row in found["rows"]
        ]
        return self.answer({**found, "rows": rows}, status)

    def note(self, operation: str, sandbox_id: uuid.UUID | None, name: str) -> None:
        """An entry of the audit."""
        audit.note(self.actor, "workspace", operation, {"sandbox": [None, name]}, sandbox_id)


class SandboxesEndpoint(_SandboxEndpoint):
    """GET: the sandboxes; POST `{"name", "slug", "with_data"}`: make one. /sandboxes"""

    def get(self, request: Any) -> HttpResponse:
        self.require_administrator()
        return self.state()

    def post(self, request: Any) -> HttpResponse:
        self.require_administrator()
        body = self.body(KEYS)
        name = " ".join(body["name"].split()) if isinstance(body.get("name"), str) else ""
        if not 1 <= len(name) <= 100 or not name.isprintable():
            raise Malformed("sandbox.name", "A name of 1 to 100 characters is needed.", field="name")
        if not isinstance(body.get("slug"), str):
            raise Malformed("sandbox.slug", "An address is needed.", field="slug")
        with_data = self.with_data(body)
        sandboxes.create(
            current_tenant(), name=name, slug=body["slug"], with_data=with_data, by=self.actor.email
        )
        self.note("sandbox_create", None, name)
        return self.state(202)


class SandboxEndpoint(_SandboxEndpoint):
    """DELETE /sandboxes/{id}"""

    def delete(self, request: Any, sandbox_id: str) -> HttpResponse:
        self.require_administrator()
        found = self.identifier(sandbox_id)
        operation = sandboxes.remove(current_tenant(), found, by=self.actor.email)
        self.note("sandbox_delete", found, operation.values["name"])
        return self.state(202)


class SandboxRefreshEndpoint(_SandboxEndpoint):
    """POST /sandboxes/{id}/actions/refresh `{"with_data"}`"""

    def post(self, request: Any, sandbox_id: str) -> HttpResponse:
        self.require_administrator()
        found, with_data = self.identifier(sandbox_id), self.with_data(self.body({"with_data"}))
        operation = sandboxes.refresh(current_tenant(), found, with_data=with_data, by=self.actor.email)
        self.note("sandbox_refresh", found, operation.values["name"])
        return self.state(202)
