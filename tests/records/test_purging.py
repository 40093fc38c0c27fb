"""Destroying leaves a trace of who and when, and nothing of what there was (PLT-41 deletions, CUS-16.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from crm_core.metadata import registry
from crm_core.records import audit, service
from crm_core.records.models import AuditEntry
from crm_core.records.service.destroying import purge_expired
from crm_core.security.actor import Actor
from tests.sales_people import make


def test_the_sweep_that_empties_the_bin_is_audited(seeded: Any, admin: Actor) -> None:
    account = registry.get("account")
    old, young = make("account", admin, name="Old"), make("account", admin, name="Young")
    for record_id in (old, young):
        service.delete(account, record_id, admin)
    account.model.objects.filter(pk=old).update(deleted_at=timezone.now() - timedelta(days=31))
    assert purge_expired() == 1
    entries = AuditEntry.objects.filter(operation="purge")
    assert list(
        entries.values_list("object", "record_id", "actor_id", "actor_name", "source", "changes")
    ) == [("account", old, None, "System", "system", {})]
    shown = audit.page(admin, {"operation": "purge"})["rows"]
    assert [(r["record"]["id"], r["record"]["name"]) for r in shown] == [(str(old), None)]
    assert purge_expired() == 0 and entries.count() == 1


def test_purging_by_hand_names_everything_that_went_together(seeded: Any, admin: Actor) -> None:
    account = registry.get("account")
    x = make("account", admin, name="X")
    deal = make("opportunity", admin, topic="Deal", customer={"object": "account", "id": str(x)})
    service.delete(account, x, admin)
    service.purge(account, x, admin)
    entries = AuditEntry.objects.filter(operation="purge", actor_id=admin.user_id)
    assert set(entries.values_list("object", "record_id")) == {("account", x), ("opportunity", deal)}
