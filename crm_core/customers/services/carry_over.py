"""What was noted and planned about a lead goes on with the record it became (SAL-1)."""

from __future__ import annotations

from typing import Any

from crm_core.customers.services.related_work import activities_of, regarding
from crm_core.metadata import registry
from crm_core.metadata.types.reference import Reference
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.security.actor import Actor

PAGE = 500


def carry_over(
    lead: Reference, target: Reference | None, actor: Actor, *, move_open_activities: bool
) -> None:
    """Open activities become regarding `target` and keep the lead as a party; notes are there twice.

    Closed activities stay where they happened. Without a target nothing moves.
    """
    if target is None:
        return
    rights = actor.for_rules()
    if move_open_activities:
        for query in activities_of(lead.object, lead.id, rights, only_open=True):
            _move(query, lead, target, rights)
    note = registry.current().entities.get("note")
    if note is not None:
        _copy_notes(Query(note, rights).filter(regarding(note, lead.id)), target, rights)


def _move(query: Query, lead: Reference, target: Reference, actor: Actor) -> None:
    party = {
        "role": "customer",
        "object": lead.object,
        "id": str(lead.id),
        "name": lead.name,
        "address": None,
    }
    for rows in query.all_pages(["parties"], size=PAGE):
        for row in rows:
            parties = [p for p in row["parties"] or [] if p.get("id") != str(lead.id)]
            values = {"regarding": _json(target), "parties": [*parties, party]}
            service.update(query.entity, row["id"], values, actor)


def _copy_notes(query: Query, target: Reference, actor: Actor) -> None:
    for rows in query.all_pages(["title", "body", "attachment", "owner"], size=PAGE):
        for row in rows:
            values: dict[str, Any] = {"title": row["title"], "body": row["body"], "regarding": _json(target)}
            if row["attachment"]:
                values["attachment"] = row["attachment"]["id"]
            if row["owner"]:
                values["owner"] = row["owner"]["id"]
            service.create(query.entity, values, actor)


def _json(reference: Reference) -> dict[str, str]:
    return {"object": reference.object, "id": str(reference.id)}
