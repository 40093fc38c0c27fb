"""What an actor may do with one record."""

from __future__ import annotations

import uuid

from django.db.models import BooleanField, Case, Value, When

from crm_core.metadata.entity import Entity
from crm_core.records.query.prepared import Statement, kept, slot
from crm_core.security import access
from crm_core.security.actor import Actor


def record_privileges(entity: Entity, record_id: uuid.UUID, actor: Actor) -> dict[str, bool]:
    """Which privileges the actor has on this record, in one statement."""
    found, names, statement = kept(actor, ("privileges", entity.name), lambda: _question(entity, actor))
    values = (statement.run({slot(0): record_id}) or [()])[0] if statement else ()
    return {**found, **{n: bool(values and values[i]) for i, n in enumerate(names)}}


def _question(entity: Entity, actor: Actor) -> tuple[dict[str, bool], tuple[str, ...], Statement | None]:
    """What is certain without looking, which privileges depend on the record, and the statement that tells."""
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
    if not questions:
        return found, (), None
    rows = entity.model.objects.filter(pk=slot(0)).annotate(**{f"_{k}": v for k, v in questions.items()})
    return found, tuple(questions), Statement(rows.values_list(*[f"_{k}" for k in questions])[:1])
