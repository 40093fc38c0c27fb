"""What would be lost or stop working if components went: asked before anything is rolled back or uninstalled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q

from crm_core.exchange.solutions import catalogue
from crm_core.exchange.solutions.row_kinds import row_kinds
from crm_core.metadata import declaration, registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.customization.components import Definition, Key, Names
from crm_core.metadata.customization.option_removal import staying
from crm_core.metadata.customization.status_reasons import reason_rows
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict
from crm_core.records.options.holding import rows_holding

_LETS_GO = ("form", *catalogue.ABOUT_A_FIELD)  # forms just lose what is gone
MOST = 200
Loss = dict[str, Any]


def refuse_loss(changes: Mapping[Key, Definition | None], now: Mapping[Key, Definition]) -> None:
    """Raises Conflict `solution.in_use` with everything that stands against it."""
    found = [loss for key in sorted(changes) for loss in _losses(key, changes[key], changes, now)]
    found += _left_behind(changes, now)
    if found:
        first = found[0]
        raise Conflict(
            "solution.in_use",
            f"Still in use: {first['label']}.",
            details={"uses": found[:MOST], "count": len(found)},
        )


def _losses(
    key: Key,
    wanted: Definition | None,
    changes: Mapping[Key, Definition | None],
    now: Mapping[Key, Definition],
) -> Iterator[Loss]:
    """Records, values and people behind one component."""
    entities = registry.current().entities
    named = catalogue.as_json(key, now.get(key, {}), entities)
    if key.kind == "object" and wanted is None and key.name in entities:
        count = _rows(entities[key.name]).count()
        if count:
            yield {"component": named, "kind": "records", "label": named["label"], "count": count}
        yield from _used_by(key.name, None, named)
    elif key.kind == "attribute" and key.object in entities:
        attribute = entities[key.object].attributes.get(key.name)
        of_lost_object = changes.get(Key("object", "", key.object), key) is None
        if attribute is not None and not of_lost_object:
            yield from _values(entities[key.object], attribute, wanted, named)
            if wanted is None:
                yield from _used_by(key.object, key.name, named)
    elif key.kind == "option_list":
        gone = _gone_values(key.name, now.get(key), wanted)
        for entity in entities.values():
            for attribute in entity.attributes.values():
                if gone and attribute.option_list == key.name:
                    yield from _with_values(entity, attribute, gone, named)
    elif key.kind == "reasons" and key.object in entities and key in now:
        entity = entities[key.object]
        rows = wanted["options"] if wanted else reason_rows({}, key.object)
        gone = set(staying(now[key]["options"])) - set(staying(rows))
        yield from _with_values(entity, entity.attributes[key.name], gone, named) if gone else ()
    elif key.kind in row_kinds() and wanted is None:
        yield from ({"component": named, **use} for use in row_kinds()[key.kind].uses(key))


def _rows(entity: Entity) -> Any:
    rows = entity.model._default_manager.all()
    return rows.filter(object=entity.discriminator) if entity.discriminator else rows


def _values(entity: Entity, attribute: Attribute, wanted: Definition | None, named: Loss) -> Iterator[Loss]:
    if attribute.formula or attribute.roll_up:
        return  # nobody entered what is computed
    if wanted is not None:
        gone = {o.value for o in attribute.options} - set(staying(wanted.get("options") or ()))
        if wanted.get("options") and gone:
            yield from _with_values(entity, attribute, gone, named)
        return
    kept = Q(custom__has_key=attribute.name) & ~Q(**{f"custom__{attribute.name}": None})
    count = _rows(entity).filter(kept).count()
    if count:
        yield {"component": named, "kind": "values", "label": named["label"], "count": count}


def _gone_values(name: str, now: Definition | None, wanted: Definition | None) -> set[int]:
    """Options that would be gone; without a definition the list is as delivered again."""
    if now is None:
        return set()
    delivered = {o.value for o in declaration.option_lists().get(name, ())}
    return set(staying(now["options"])) - (set(staying(wanted["options"])) if wanted else delivered)


def _with_values(entity: Entity, attribute: Attribute, gone: set[int], named: Loss) -> Iterator[Loss]:
    """How many records hold one of the options that would be gone."""
    count = rows_holding(entity, attribute, gone).count()
    if count:
        yield {"component": named, "kind": "values", "label": named["label"], "count": count}


def _used_by(object_name: str, attribute: str | None, named: Loss) -> Iterator[Loss]:
    for use in publishing.uses_of(object_name, attribute):
        if use.get("blocking"):
            label = str(use.get("label") or use.get("name"))
            yield {"component": named, "kind": use["kind"], "label": label, "count": use.get("count", 1)}


def _left_behind(changes: Mapping[Key, Definition | None], now: Mapping[Key, Definition]) -> Iterator[Loss]:
    """Components that stay and refer to what would go."""
    entities = registry.current().entities
    gone = {key for key, definition in changes.items() if definition is None}
    names = Names(now)
    for key, definition in now.items():
        kind = row_kinds().get(key.kind)
        if key in gone or key.kind in _LETS_GO or (kind is not None and not kind.holds(key)):
            continue
        needed, _unknown = catalogue.needs(key, changes.get(key, definition), names, now)
        for lost in sorted(needed & gone):
            if lost.kind == "secured_attribute":
                continue
            named = catalogue.as_json(lost, now[lost], entities)
            label = catalogue.label_of(key, definition, entities)
            yield {"component": named, "kind": key.kind, "label": label, "count": 1}
