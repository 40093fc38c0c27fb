"""What an actor may do with one record."""

from __future__ import annotations

import uuid

from django.db.models import BooleanField, Case, Value, When

from crm_core.metadata.entity import Entity
from crm_core.security import access
from crm_core.security.actor import Actor


def record_privileges(entity: Entity, record_id: uuid.UUID, actor: Actor) -> dict[str, bool]:
    """Which privileges the actor has on this record, in one statement."""
    found: dict[str, bool] = {}
    questions = {}
    for privilege in ("write", "delete", "assign", "share", "merge"):
        condition = access.visible(entity, actor, privilege)
        if condition is None:
            found[privilege] = True
        elif actor.depth(entity, privilege) == 0 and entity.name not in actor.shared_objects:
            found[privilege] = False
        else:
            questions[privilege] = Case(
                When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
            )
    if questions:
        row = entity.model.objects.filter(pk=record_id).annotate(**{f"_{k}": v for k, v in questions.items()})
        values = row.values(*[f"_{k}" for k in questions]).first() or {}
        found.update({k: bool(values.get(f"_{k}")) for k in questions})
    return found
