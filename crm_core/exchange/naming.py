"""Records a file only names: which objects allow it, and making them (PLT-45.5)."""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.exchange.models import Import
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Invalid
from crm_core.metadata.types.reference import Reference
from crm_core.records import service
from crm_core.security.actor import Actor


def can_create_by_name(entity: Entity, actor: Actor) -> bool:
    """Whether a record can come into being with nothing but its name."""
    others = [
        a
        for a in entity.attributes.values()
        if a.required and not a.read_only and a.default is None and a.name != entity.primary
    ]
    return (
        not others
        and not entity.primary_attribute.read_only
        and entity.creatable
        and bool(actor.depth(entity, "create"))
    )


def create_by_name(
    entity: Entity, names: Sequence[str], import_: Import, actor: Actor
) -> dict[str, Reference]:
    """Create records that a file only names. Raises the first refusal."""
    rows = [{entity.primary: name} for name in names]
    results = service.create_many(entity, rows, actor, import_id=import_.pk)
    found: dict[str, Reference] = {}
    for name, result in zip(names, results, strict=True):
        if result.error is not None or result.id is None:
            raise result.error or Invalid("lookup.does_not_exist", f"“{name[:80]}” could not be created.")
        found[name] = Reference(entity.name, result.id, name)
    return found
