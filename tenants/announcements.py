"""Announcements: whom they reach, what a workspace is shown, what the public status page says (ASP-30).

Operators write them on their console; ``crm_core.api`` shows them inside a workspace, ``onboarding`` on the status page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tenants import migration
from tenants.context import activate_public
from tenants.models import Announcement, Tenant, TenantState
from tenants.models.tenant import REACHABLE_STATES
from tenants.operator import audit

#: Levels an announcement can be for: workspaces a migration wave still has to reach, and the others.
BEHIND, CURRENT = "behind", "current"
AUDIENCE = ("plans", "states", "regions", "levels")
HISTORY = timedelta(days=30)
#: What is worse comes first.
_WEIGHT = {Announcement.Kind.INCIDENT: 0, Announcement.Kind.MAINTENANCE: 1, Announcement.Kind.INFO: 2}


def publish(by: str, **values: Any) -> Announcement:
    """Write an announcement down; it shows itself when its time comes. ``values`` are fields of the model, checked."""
    with activate_public(), transaction.atomic():
        row = Announcement.objects.create(created_by=by, **values)
        audit.record(by, "announcement.published", announcement=str(row.pk), **_facts(row))
    return row


def change(row: Announcement, by: str, **values: Any) -> Announcement:
    """Give it other texts, another audience or other times."""
    with activate_public(), transaction.atomic():
        locked = Announcement.objects.select_for_update().get(pk=row.pk)
        before = _facts(locked)
        for name, value in values.items():
            setattr(locked, name, value)
        locked.save(update_fields=list(values))
        audit.record(
            by, "announcement.changed", announcement=str(locked.pk), before=before, after=_facts(locked)
        )
    return locked


def add_update(row: Announcement, by: str, texts: Mapping[str, str]) -> Announcement:
    """Tell how it goes on, now; what was said before stays. ``texts`` is {language: text} with English."""
    with activate_public(), transaction.atomic():
        locked = Announcement.objects.select_for_update().get(pk=row.pk)
        locked.updates = [*locked.updates, {"at": timezone.now().isoformat(), "texts": dict(texts)}]
        locked.save(update_fields=["updates"])
        audit.record(by, "announcement.updated", announcement=str(locked.pk), texts=dict(texts))
    return locked


def end(row: Announcement, by: str) -> Announcement:
    """Take it off the screens now; the status page keeps it as history. Repeating is harmless."""
    with activate_public(), transaction.atomic():
        locked = Announcement.objects.select_for_update().get(pk=row.pk)
        if locked.ended_at is None:
            locked.ended_at = timezone.now()
            locked.save(update_fields=["ended_at"])
            audit.record(by, "announcement.ended", announcement=str(locked.pk), title=locked.title("en"))
    return locked


def _facts(row: Announcement) -> dict[str, Any]:
    moments = ("starts_at", "ends_at", "work_starts_at", "work_ends_at")
    return {
        "kind": row.kind,
        "texts": row.texts,
        "audience": row.audience,
        "recipients": row.recipients,
        "on_status_page": row.on_status_page,
        **{name: value.isoformat() if (value := getattr(row, name)) else None for name in moments},
    }


def reach(audience: Mapping[str, list[str]]) -> tuple[int, int]:
    """(workspaces an audience has now, workspaces there are)."""
    tenants = _reachable()
    return len(_meant(audience, tenants)), len(tenants)


def tenants_of(audience: Mapping[str, list[str]]) -> list[Tenant]:
    """The workspaces an audience has now."""
    return _meant(audience, _reachable())


def _reachable() -> list[Tenant]:
    with activate_public():
        return [t for t in Tenant.objects.filter(parent=None, state__in=REACHABLE_STATES) if t.is_reachable]


def _meant(audience: Mapping[str, list[str]], tenants: list[Tenant]) -> list[Tenant]:
    behind = _behind(tenants) if audience.get("levels") else frozenset()
    return [tenant for tenant in tenants if _is_for(audience, tenant, behind)]


def for_workspace(tenant: Tenant, *, administrator: bool, now: datetime | None = None) -> list[Announcement]:
    """What is shown in ``tenant`` now to one of its administrators or to somebody else, the worst first."""
    now = now or timezone.now()
    with activate_public():
        rows = Announcement.objects.filter(starts_at__lte=now, ends_at__gt=now, ended_at=None)
        if not administrator:
            rows = rows.filter(recipients=Announcement.Recipients.EVERYBODY)
        found = list(rows)
        asks_level = any(row.audience.get("levels") for row in found)
        behind = _behind([tenant]) if asks_level else frozenset()
    return _ordered(row for row in found if _is_for(row.audience, tenant, behind))


def on_status_page(now: datetime | None = None) -> dict[str, list[Announcement]]:
    """{"current", "coming", "past"} of what the public may read; past reaches 30 days back, newest first."""
    now = now or timezone.now()
    with activate_public():
        shown = Announcement.objects.filter(on_status_page=True)
        open_ones = list(shown.filter(starts_at__lte=now, ends_at__gt=now, ended_at=None))
        over = Q(ends_at__lte=now) | Q(ended_at__isnull=False)
        past = list(shown.filter(over, ends_at__gt=now - HISTORY).order_by("-starts_at")[:50])
    coming = [row for row in open_ones if row.work_starts_at is not None and row.work_starts_at > now]
    return {
        "current": _ordered(row for row in open_ones if row not in coming),
        "coming": sorted(coming, key=lambda row: row.work_starts_at or row.starts_at),
        "past": past,
    }


def _ordered(rows: Iterable[Announcement]) -> list[Announcement]:
    return sorted(rows, key=lambda row: (_WEIGHT[Announcement.Kind(row.kind)], -row.starts_at.timestamp()))


def _behind(tenants: list[Tenant]) -> frozenset[str]:
    return frozenset(migration.lagging_schemas([tenant.schema_name for tenant in tenants]))


def _is_for(audience: Mapping[str, list[str]], tenant: Tenant, behind: frozenset[str]) -> bool:
    facts = {
        "plans": tenant.plan_code,
        "states": str(TenantState(tenant.acting_state).value),
        "regions": tenant.region,
        "levels": BEHIND if tenant.schema_name in behind else CURRENT,
    }
    return all(not audience.get(name) or fact in audience[name] for name, fact in facts.items())
