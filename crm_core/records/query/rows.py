"""The rows of an object somebody may touch: where every read begins."""

from __future__ import annotations

from django.db.models import QuerySet

from crm_core.metadata.entity import Entity
from crm_core.security import access
from crm_core.security.actor import Actor


def base_rows(
    entity: Entity, actor: Actor | None, privilege: str = "read", *, deleted: bool = False
) -> QuerySet:
    """Rows of the object the actor may touch: discriminator, recycle bin and security in one WHERE."""
    rows = entity.model.objects.all()
    if entity.discriminator:
        rows = rows.filter(object=entity.discriminator)
    rows = rows.filter(deleted_at__isnull=not deleted)
    if actor is None:
        return rows
    # whoever may not read a row meets it nowhere, whatever else he may do with it
    for needed in dict.fromkeys(("read", privilege)):
        condition = access.visible(entity, actor, needed)
        rows = rows if condition is None else rows.filter(condition)
    return rows
