"""What an actor may do with one record."""

from __future__ import annotations

from django.db.models import BooleanField, Case, Value, When

from crm_core.metadata.entity import Entity
from crm_core.security import access
from crm_core.security.actor import Actor


def questions(entity: Entity, actor: Actor) -> tuple[dict[str, bool], dict[str, Case]]:
    """What is certain without looking, and for the privileges that depend on the record the expression that tells."""
    found: dict[str, bool] = {}
    asked = {}
    for privilege in ("write", "delete", "append_to", "assign", "share", "merge"):
        condition = access.visible(entity, actor, privilege)
        if condition is None:
            found[privilege] = True
        elif actor.depth(entity, privilege) == 0 and entity.name not in actor.shared_objects:
            found[privilege] = False
        else:
            asked[privilege] = Case(
                When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
            )
    return found, asked
