"""Records that hold certain options, those in the recycle bin included."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity


def rows_holding(entity: Entity, attribute: Attribute, values: Collection[int]) -> QuerySet[Any]:
    """Rows of `entity` whose `attribute` is, or has among its values, one of `values`."""
    path = f"custom__{attribute.name}" if attribute.custom else str(attribute.column or attribute.name)
    holds = Q(pk__in=[])
    for value in sorted(values):
        holds |= Q(**{f"{path}__contains": [value]}) if attribute.type.name == "multi" else Q(**{path: value})
    rows = entity.model._default_manager.filter(holds)
    return rows.filter(object=entity.discriminator) if entity.discriminator else rows


def counted(object_name: str, name: str, values: Collection[int]) -> dict[int, int]:
    """How many records hold each of `values`; values nobody holds are missing. Nothing for fields that are gone."""
    entity = registry.current().entities.get(object_name)
    attribute = entity.attributes.get(name) if entity else None
    if entity is None or attribute is None:
        return {}
    found = {value: rows_holding(entity, attribute, [value]).count() for value in values}
    return {value: count for value, count in found.items() if count}
