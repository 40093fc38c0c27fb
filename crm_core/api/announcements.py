"""What the provider tells the people of this workspace now (ASP-30 Announcements)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata import workspace
from crm_core.security.models import SystemUser
from tenants import addresses, announcements
from tenants.context import current_tenant
from tenants.models import Announcement


class AnnouncementsEndpoint(Endpoint):
    """GET /announcements: in the caller's language, the worst first."""

    def get(self, request: Any) -> HttpResponse:
        person = SystemUser.objects.filter(pk=self.actor.user_id).values_list("language", flat=True).first()
        languages = [language for language in (person, workspace.current().language) if language]
        rows = announcements.for_workspace(current_tenant(), administrator=self.actor.is_administrator)
        return self.answer({"rows": [_document(row, languages) for row in rows]})


def _document(row: Announcement, languages: list[str]) -> dict[str, Any]:
    told = row.told(*languages)
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "title": row.title(*languages),
        "text": row.text(*languages),
        "update": {"at": _instant(told[0][0]), "text": told[0][1]} if told else None,
        "work_starts_at": _instant(row.work_starts_at),
        "work_ends_at": _instant(row.work_ends_at),
        "ends_at": _instant(row.ends_at),
        "status_url": addresses.public_url("/status/") if row.on_status_page else None,
    }


def _instant(value: Any) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value else None
