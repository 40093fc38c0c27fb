"""How many members a dynamic list has for who opens it (MKT-1)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.collecting import MEMBER_OF
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError, Forbidden
from crm_core.records.query.filters import compile_filter
from crm_core.records.query.members import sheet_of
from crm_core.records.query.rows import base_rows
from crm_core.security.actor import Actor


def complete(entity: Entity, row: dict[str, Any], names: Sequence[str], actor: Actor) -> None:
    """Put the number of members of a dynamic list into the row of its record, in place.

    The rows of many lists say it of static ones only: each filter would be a search of its own. What makes somebody a
    member being hidden from `actor`, the number is masked; a list that asks for something gone has none.
    """
    known = entity.attributes
    for name in names:
        counted = name in known and known[name].counts_members
        if not counted or row[name] is not None or name in row["masked"]:
            continue
        try:
            row[name] = _found(entity, uuid.UUID(row["id"]), actor)
        except Forbidden:
            row["masked"] = [*row["masked"], name]
        except CrmError:
            continue


def _found(entity: Entity, record_id: uuid.UUID, actor: Actor) -> int:
    """Counted by the condition that decides who is a member wherever lists are asked for."""
    sheet = sheet_of(entity)
    option = entity.model._default_manager.values_list(sheet.of, flat=True).get(pk=record_id)
    target = registry.get(sheet.objects[option])
    if not actor.depth(target, "read"):
        return 0
    condition, aliases = compile_filter(
        target, {"attribute": MEMBER_OF, "operator": "in", "value": [str(record_id)]}, actor
    )
    return base_rows(target, actor).alias(**aliases).filter(condition).count()
