"""Which attributes are secured in this workspace: the declared ones, changed by what its administrators chose (PLT-41).

The choice is kept with the workspace's settings and takes effect at once; it needs no publication.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm_core.metadata.entity import Attribute, Entity

SETTING = "secured_attributes"


def choices(settings: Mapping[str, object]) -> tuple[tuple[str, bool], ...]:
    """The workspace's choices as (`object.attribute`, secured), in a stable order that can be part of a cache key."""
    found = settings.get(SETTING) or {}
    return tuple(sorted((str(k), bool(v)) for k, v in found.items())) if isinstance(found, Mapping) else ()


def can_be_secured(entity: Entity, attribute: Attribute) -> bool:
    """Names are shown wherever a record is referred to, and what the system keeps drives rights: neither can be hidden."""
    if (
        attribute.name == entity.primary
        or attribute.system
        or attribute.sources
        or attribute.name.endswith("_base")
    ):
        return False
    return attribute.type.name not in ("owner", "state", "status_reason", "regarding", "customer")


def secured_as(entities: dict[str, Entity], chosen: tuple[tuple[str, bool], ...]) -> dict[str, Entity]:
    """`entities` with the choices applied; the base-currency twin of a secured amount is as secret as the amount."""
    wanted: dict[str, dict[str, bool]] = {}
    for path, secured in chosen:
        object_name, _dot, name = path.partition(".")
        wanted.setdefault(object_name, {})[name] = secured
    found = {name: _entity(entity, wanted.get(name, {})) for name, entity in entities.items()}
    return {name: _as_their_sources(entity, found) for name, entity in found.items()}


def _as_their_sources(entity: Entity, entities: dict[str, Entity]) -> Entity:
    """What is computed from a secured value is as secret as that value, wherever it stands."""
    changes = {
        a.name: replace(a, secured=True)
        for a in entity.custom_attributes
        if any(s.secured for o, n in a.sources if o in entities and (s := entities[o].attributes.get(n)))
    }
    return replace(entity, attributes={**entity.attributes, **changes}) if changes else entity


def _entity(entity: Entity, wanted: Mapping[str, bool]) -> Entity:
    changes: dict[str, Attribute] = {}
    for name, secured in wanted.items():
        attribute = entity.attributes.get(name)
        if attribute is not None and can_be_secured(entity, attribute) and attribute.secured != secured:
            changes[name] = replace(attribute, secured=secured)
    for name, attribute in entity.attributes.items():
        twin = entity.attributes.get(f"{name}_base")
        secured = changes.get(name, attribute).secured
        if twin is not None and twin.secured != secured:
            changes[twin.name] = replace(twin, secured=secured)
    return replace(entity, attributes={**entity.attributes, **changes}) if changes else entity
