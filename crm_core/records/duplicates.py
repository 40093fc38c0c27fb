"""Finding possible duplicates of a record by its entity's rules, with the trigram index doing the search (CUS-10)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError
from crm_core.metadata.searching import fold
from crm_core.metadata.types.text import phone_digits
from crm_core.records.change import Change
from crm_core.records.query.filters import base_rows
from crm_core.records.query.selecting import Selection
from crm_core.security import access
from crm_core.security.actor import Actor

LIMIT = 20


def condition_for(entity: Entity, values: dict[str, Any]) -> Q | None:
    """Rows that match at least one duplicate rule on stored `values`; None when no rule applies.

    The folded value is looked up in `search_text` (indexed), then compared on the column itself.
    """
    found: Q | None = None
    for rule in entity.duplicates:
        parts = _rule_condition(entity, rule, values)
        if parts is not None:
            found = parts if found is None else found | parts
    return found


def _rule_condition(entity: Entity, rule: Iterable[str], values: dict[str, Any]) -> Q | None:
    """Rows that agree in every attribute of `rule`; None when one of them has no value."""
    parts = Q()
    for name in rule:
        attribute = entity.attributes.get(name)
        value = values.get(name)
        if attribute is None or value is None or attribute.custom:
            return None
        if attribute.type.name == "text":
            phone = attribute.format == "phone"
            needle = phone_digits(value, workspace.current().country) if phone else fold(value)
            if attribute.searchable:
                parts &= Q(search_text__contains=needle)
            if not phone:
                parts &= Q((f"{attribute.column}__iexact", value))
        else:
            parts &= Q((attribute.type.expression(attribute), getattr(value, "id", value)))
    return parts or None


def find(
    entity: Entity, values: dict[str, Any], actor: Actor, *, exclude: uuid.UUID | None = None
) -> dict[str, Any]:
    """`{"matches": [...], "hidden": n}`: up to 20 matches the actor may read, the others only counted (CUS-10.4)."""
    found = _matching(entity, condition_for(entity, values), actor, exclude)
    for name, pairs in entity.duplicates_elsewhere:
        other = registry.current().entities.get(name)
        if other is not None:
            theirs = {their: values.get(ours) for ours, their in pairs}
            more = _matching(other, _rule_condition(other, theirs, theirs), actor, None)
            found["matches"] = [*found["matches"], *more["matches"]][:LIMIT]
            found["hidden"] += more["hidden"]
    return found


def _matching(entity: Entity, condition: Q | None, actor: Actor, exclude: uuid.UUID | None) -> dict[str, Any]:
    if condition is None:
        return {"matches": [], "hidden": 0}
    rows = base_rows(entity, None).filter(condition, merged_into=None)
    if exclude:
        rows = rows.exclude(pk=exclude)
    ids = list(rows.values_list("pk", flat=True)[: LIMIT + 1])
    if not ids:
        return {"matches": [], "hidden": 0}
    facts = [f for f in entity.facts if f in entity.attributes]
    selection = Selection(entity, [entity.primary, *facts], actor)
    seen = access.visible(entity, actor)
    readable = entity.model.objects.filter(pk__in=ids)
    readable = readable if seen is None else readable.filter(seen)
    matches = selection.rows(list(readable.values_list(*selection.columns)[:LIMIT]))
    return {
        "matches": [
            {
                "id": m["id"],
                "object": entity.name,
                "name": m[entity.primary],
                "facts": [_fact(entity, f, m.get(f)) for f in facts if m.get(f)],
            }
            for m in matches
        ],
        "hidden": max(len(ids) - len(matches), 0),
    }


def _fact(entity: Entity, name: str, value: Any) -> str:
    attribute = entity.attributes[name]
    if isinstance(value, dict):
        return str(value.get("name") or "")
    return attribute.type.to_text(attribute, attribute.type.decode(attribute, value))


def refuse(change: Change) -> None:
    """Raises Conflict `record.duplicates_found` with the matches (CUS-10.3)."""
    entity = change.entity
    names = {n for rule in entity.duplicates for n in rule}
    names |= {ours for _object, pairs in entity.duplicates_elsewhere for ours, _their in pairs}
    if not change.is_create and not any(change.changed(n) for n in names if n in entity.attributes):
        return
    values = {n: change.get(n) for n in names if n in entity.attributes}
    found = find(entity, values, change.actor, exclude=None if change.is_create else change.record.pk)
    if found["matches"] or found["hidden"]:
        raise Conflict("record.duplicates_found", "There are similar records already.", details=found)


def find_raw(
    entity: Entity, values: dict[str, Any], actor: Actor, *, exclude: uuid.UUID | None = None
) -> dict[str, Any]:
    """`find` for JSON values as they are typed: values that cannot be parsed yet are ignored."""
    parsed: dict[str, Any] = {}
    for name, raw in values.items():
        attribute = entity.attribute(name)
        try:
            parsed[name] = attribute.type.parse(attribute, raw)
        except CrmError:
            continue
    return find(entity, parsed, actor, exclude=exclude)
