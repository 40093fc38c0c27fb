"""Mail a sandbox did not send, for its administrators: what their workflows would have written to whom (PLT-13)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata.errors import Forbidden, NotFound
from onboarding.services import mail
from tenants.context import current_tenant


class WithheldMails(Endpoint):
    """`GET /withheld-mails`: newest first, at most 200, each with its text; 404 `sandbox.none` elsewhere than in a sandbox."""

    def get(self, request: Any) -> HttpResponse:
        if not self.actor.is_administrator:
            raise Forbidden("privilege.missing", "Only administrators can do this.")
        tenant = current_tenant()
        if not tenant.is_sandbox:
            raise NotFound("sandbox.none", "Only a sandbox withholds mail.")
        rows = [
            {
                "id": str(row.pk),
                "to": row.to,
                "subject": row.subject,
                "text": row.text,
                "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
            }
            for row in mail.withheld(tenant)
        ]
        return self.answer({"rows": rows, "kept_days": mail.KEEP_WITHHELD.days})
