"""Consent to the provider's support, and what was done with it (ASP-30 Support access)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata.errors import Invalid
from tenants import support
from tenants.context import current_tenant
from tenants.models import SupportEvent, SupportGrant


class SupportAccessEndpoint(Endpoint):
    """GET, POST and DELETE /support_access, for administrators"""

    # Also a workspace that may not be changed may ask for help.
    reads = True

    def get(self, request: Any) -> HttpResponse:
        self.actor.require_administrator()
        return self.answer(self._document())

    def post(self, request: Any) -> HttpResponse:
        self.actor.require_administrator()
        body = self.body({"hours", "may_write", "note"})
        hours, may_write, note = body.get("hours"), body.get("may_write", False), body.get("note") or ""
        if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= support.MOST_HOURS:
            raise Invalid("value.out_of_range", f"Give 1 to {support.MOST_HOURS} hours.", field="hours")
        if not isinstance(may_write, bool):
            raise Invalid("value.wrong_type", "True or false is expected.", field="may_write")
        if not isinstance(note, str) or len(note) > 500 or "\0" in note:
            raise Invalid("value.too_long", "Text of at most 500 characters is expected.", field="note")
        support.grant(current_tenant(), hours, by=self._who(), may_write=may_write, note=note.strip())
        return self.answer(self._document(), 201)

    def delete(self, request: Any) -> HttpResponse:
        self.actor.require_administrator()
        support.revoke_grant(current_tenant(), by=self._who())
        return self.answer(self._document())

    def _who(self) -> str:
        return self.actor.email or self.actor.name

    def _document(self) -> dict[str, Any]:
        tenant = current_tenant()
        grant = support.open_grant(tenant)
        return {
            "grant": _grant(grant) if grant else None,
            "most_hours": support.MOST_HOURS,
            "events": [_event(row) for row in support.events(tenant)],
        }


def _instant(value: Any) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


def _grant(row: SupportGrant) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "granted_by": row.granted_by,
        "created_at": _instant(row.created_at),
        "expires_at": _instant(row.expires_at),
        "may_write": row.may_write,
        "note": row.note,
    }


def _event(row: SupportEvent) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "at": _instant(row.at),
        "operator": row.operator_email,
        "act": row.act,
        "method": row.method or None,
        "path": row.path or None,
        "status": row.status,
    }
