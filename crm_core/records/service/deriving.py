"""Attributes the workspace keeps up to date itself: written without a version, an audit entry or an event.

They say nothing anybody decided, so a reader who edits the record meanwhile is not refused and its history stays readable.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.db.models import Q

from crm_core.metadata.entity import Entity


def put(entity: Entity, record_id: uuid.UUID, name: str, value: Any) -> None:
    """Set the derived attribute `name` of one record to the stored `value`."""
    entity.model.objects.filter(pk=record_id).update(**{_column(entity, name): value})


def raise_to(entity: Entity, ids: Collection[uuid.UUID], name: str, value: Any) -> None:
    """Set `name` to `value` on those of the records where it is empty or smaller."""
    column = _column(entity, name)
    entity.model.objects.filter(
        Q((f"{column}__isnull", True)) | Q((f"{column}__lt", value)), pk__in=ids
    ).update(**{column: value})


def lower_to(entity: Entity, ids: Collection[uuid.UUID], name: str, value: Any) -> None:
    """Set `name` to `value` on those of the records where it is empty or larger."""
    column = _column(entity, name)
    entity.model.objects.filter(
        Q((f"{column}__isnull", True)) | Q((f"{column}__gt", value)), pk__in=ids
    ).update(**{column: value})


def _column(entity: Entity, name: str) -> str:
    attribute = entity.attributes[name]
    if not attribute.read_only or attribute.importable or attribute.column is None:
        raise ValueError(f"{entity.name}.{name} is not a derived attribute")
    return attribute.column
