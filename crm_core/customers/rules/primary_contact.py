"""The primary contact of an account (CUS-1.4)."""

from __future__ import annotations

from crm_core.metadata import registry
from crm_core.metadata.rules import rule
from crm_core.records import service
from crm_core.records.change import Change
from crm_core.records.query import Query


@rule(on=("after_create", "after_update"), attributes=("primary_contact",))
def primary_contact_joins_account(change: Change) -> None:
    """A contact without a parent gets the account as parent; one with another parent keeps it."""
    contact = change.get("primary_contact")
    if contact is None:
        return
    entity, actor = registry.get("contact"), change.actor.for_rules()
    row = Query(entity, actor).one(contact.id, ["parent_customer", "state"])
    if row["parent_customer"] is None and row["state"] == "active":
        parent = {"object": change.entity.name, "id": str(change.record.pk)}
        service.update(entity, contact.id, {"parent_customer": parent}, actor)
