"""What filters of dynamic lists use: shown before a field, a relationship or an option is deleted (PLT-15)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from crm_core.marketing.models import MarketingList
from crm_core.marketing.option_lists import MEMBER_OBJECTS
from crm_core.metadata import registry
from crm_core.metadata.conditions import relations_in
from crm_core.metadata.customization.option_uses import names_option
from crm_core.metadata.entity import Entity
from crm_core.metadata.relations import named_in


def _filters() -> Iterator[tuple[str, Entity, dict[str, Any]]]:
    """(name, object of the members, filter) of every dynamic list that has one."""
    rows = MarketingList.objects.filter(deleted_at=None).exclude(filter=None).order_by("name")
    for name, of, tree in rows.values_list("name", "member_type", "filter"):
        if (entity := registry.current().entities.get(MEMBER_OBJECTS[of])) is not None:
            yield name, entity, tree


def _use(name: str, entity: Entity) -> dict[str, Any]:
    return {"kind": "list", "object": entity.name, "name": name, "blocking": False}


def uses_of(object_name: str, attribute: str | None) -> list[dict[str, Any]]:
    """Lists whose filter names the attribute; they stay, find nobody any more, and say so."""
    known = registry.current().entities
    return [
        _use(name, entity)
        for name, entity, tree in _filters()
        if any(o == object_name and attribute in (None, n) for o, n in named_in(entity, tree, known))
    ]


def uses_of_relationship(names: set[str]) -> list[dict[str, Any]]:
    """Lists whose filter asks for records related by one of `names`."""
    return [_use(name, entity) for name, entity, tree in _filters() if names & set(relations_in(tree))]


def uses_of_options(object_name: str, attribute: str, values: Collection[int]) -> list[dict[str, Any]]:
    """Lists whose filter names one of these options."""
    known = registry.current().entities
    return [
        _use(name, entity)
        for name, entity, tree in _filters()
        if names_option(entity, tree, known, {(object_name, attribute)}, values)
    ]
