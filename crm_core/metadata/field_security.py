"""Which attributes are secured in this workspace: the declared ones, changed by what its administrators chose (PLT-41).

The choice is kept with the workspace's settings and takes effect at once; it needs no publication.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from crm_core.metadata.conditions import names_in
from crm_core.metadata.entity import Attribute, Entity

SETTING = "secured_attributes"
Place = tuple[str, str]  # object, attribute


def is_secured(entity: Entity, attribute: Attribute) -> bool:
    """Whether the attribute itself is secured, and not only what it is made of."""
    return attribute.secured and (not attribute.guards or (entity.name, attribute.name) in attribute.guards)


def choices(settings: Mapping[str, object]) -> tuple[tuple[str, bool], ...]:
    """The workspace's choices as (`object.attribute`, secured), in a stable order that can be part of a cache key."""
    found = settings.get(SETTING) or {}
    return tuple(sorted((str(k), bool(v)) for k, v in found.items())) if isinstance(found, Mapping) else ()


def can_be_secured(entity: Entity, attribute: Attribute, entities: Mapping[str, Entity]) -> bool:
    """What people meet everywhere, and what the system works with, cannot be hidden; nor what such a value is made of.

    Names are shown wherever a record is referred to; what the system keeps and who stands above whom drives rights;
    the moments of an activity give calendars and timelines their order.
    """
    return _hideable(entity, attribute) and (entity.name, attribute.name) not in _told_by_others(entities)


def _told_by_others(entities: Mapping[str, Entity]) -> frozenset[Place]:
    """What values that everybody sees are made of: the parts of a name, what a state follows."""
    return frozenset(
        place
        for name, entity in entities.items()
        for attribute in entity.attributes.values()
        if attribute.derived_from and not _hideable(entity, attribute)
        for place in origins(entities, name, attribute)
    )


def _hideable(entity: Entity, attribute: Attribute) -> bool:
    if (
        attribute.name == entity.primary
        or attribute.system
        or attribute.sources
        or attribute.hierarchy
        or attribute.name.endswith("_base")
        or (entity.is_activity and attribute.type.name == "datetime")
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
    found = _as_what_they_are_made_of(_as_their_sources(found))
    return _as_their_sources(found)


def _as_what_they_are_made_of(entities: dict[str, Entity]) -> dict[str, Entity]:
    """What rules make of secured values is read by nobody who may not read all of those."""
    made = {name: _with_rules(entity) for name, entity in entities.items()}
    found = dict(entities)
    for name, entity in made.items():
        changes: dict[str, Attribute] = {}
        for attribute in entity.attributes.values():
            if not attribute.derived_from or not _hideable(entity, attribute):
                continue
            made_of = dict.fromkeys(((name, attribute.name), *origins(made, name, attribute)))
            secured = [(o, n) for o, n in made_of if entities[o].attributes[n].secured]
            guards = tuple((o, n) for o, n in secured if not entities[o].attributes[n].sources)
            if guards and guards != ((name, attribute.name),):
                changes[attribute.name] = replace(attribute, secured=True, guards=guards)
                if (twin := entity.attributes.get(f"{attribute.name}_base")) is not None:
                    changes[twin.name] = replace(twin, secured=True, guards=guards)
        if changes:
            found[name] = replace(entity, attributes={**entity.attributes, **changes})
    return found


def _with_rules(entity: Entity) -> Entity:
    """What the workspace's business rules set is made of what they look at."""
    changes: dict[str, Attribute] = {}
    for rule in entity.business_rules:
        looked_at = tuple(dict.fromkeys(names_in(rule.when)))
        for action in rule.then if looked_at else ():
            attribute = changes.get(name := str(action.get("attribute")), entity.attributes.get(name))
            if action["action"] in ("set", "default") and attribute is not None:
                changes[name] = replace(attribute, derived_from=(*attribute.derived_from, *looked_at))
    return replace(entity, attributes={**entity.attributes, **changes}) if changes else entity


def origins(entities: Mapping[str, Entity], name: str, attribute: Attribute) -> Iterator[Place]:
    """(object, attribute) of all that `attribute` of the object `name` is made of, in the end; circles end."""
    seen: set[Place] = set()
    left = [(name, attribute)]
    while left:
        owner, current = left.pop()
        named = (path.rpartition(".") for path in current.derived_from)
        for place in (*((o or owner, n) for o, _dot, n in named), *current.sources):
            own = place[1]
            entity = entities.get(place[0])
            if place in seen or entity is None or own not in entity.attributes:
                continue
            seen.add(place)
            yield place
            left.append((place[0], entity.attributes[own]))


def _as_their_sources(entities: dict[str, Entity]) -> dict[str, Entity]:
    """What is computed from a secured value is as secret as that value, wherever it stands."""
    found = dict(entities)
    for entity in entities.values():
        changes = {
            a.name: replace(a, secured=True)
            for a in entity.custom_attributes
            if any(s.secured for o, n in a.sources if o in entities and (s := entities[o].attributes.get(n)))
        }
        if changes:
            found[entity.name] = replace(entity, attributes={**entity.attributes, **changes})
    return found


def _entity(entity: Entity, wanted: Mapping[str, bool]) -> Entity:
    """With the choices applied, also those that could not be made any more: nothing opens by itself."""
    changes: dict[str, Attribute] = {}
    for name, secured in wanted.items():
        attribute = entity.attributes.get(name)
        if attribute is None or not _hideable(entity, attribute):
            continue
        if attribute.secured != secured:
            changes[name] = replace(attribute, secured=secured)
    for name, attribute in entity.attributes.items():
        twin = entity.attributes.get(f"{name}_base")
        secured = changes.get(name, attribute).secured
        if twin is not None and twin.secured != secured:
            changes[twin.name] = replace(twin, secured=secured)
    return replace(entity, attributes={**entity.attributes, **changes}) if changes else entity
