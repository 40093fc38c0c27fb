"""Descendants in self-referencing objects (accounts under accounts, units under units)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import connection

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity

MAX_DEPTH = 10


def _place(entity: Entity) -> tuple[str, str] | None:
    """Quoted table and parent column of a self-referencing object; None when it has no hierarchy."""
    parent = next((a for a in entity.attributes.values() if a.hierarchy and entity.name in a.targets), None)
    if parent is None:
        return None
    field: Any = entity.model._meta.get_field(str(parent.columns.get(entity.name) or parent.column))
    return connection.ops.quote_name(entity.model._meta.db_table), connection.ops.quote_name(field.column)


def descendants(object_name: str, roots: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Ids of `roots` and everything below them, at most ten levels deep (PRODUCT_SPEC 1.1 depth limit)."""
    roots = list(roots)
    return list(_below(object_name, roots) or roots)


def height(object_name: str, root: uuid.UUID) -> int:
    """Number of levels below `root`; 0 for a record nothing hangs under."""
    return max(_below(object_name, [root]).values(), default=0)


def _below(object_name: str, roots: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Everything from `roots` down with its distance; one level more than allowed, so that too much is seen."""
    place = _place(registry.get(object_name))
    if place is None:
        return {}
    table, column = place
    # only quoted names of our own tables are put in
    sql = f"""
        WITH RECURSIVE tree(id, depth) AS (
            SELECT id, 0 FROM {table} WHERE id = ANY(%s)
            UNION SELECT c.id, t.depth + 1 FROM {table} c JOIN tree t ON c.{column} = t.id
            WHERE t.depth < %s AND c.deleted_at IS NULL
        ) SELECT id, max(depth) FROM tree GROUP BY id"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [roots, MAX_DEPTH])
        return dict(cursor.fetchall())


def ancestors(object_name: str, start: uuid.UUID) -> list[uuid.UUID]:
    """`start` and the records above it, nearest first, at most one more than the depth limit."""
    place = _place(registry.get(object_name))
    if place is None:
        return [start]
    table, column = place
    # only quoted names of our own tables are put in
    sql = f"""
        WITH RECURSIVE line(id, parent, depth) AS (
            SELECT id, {column}, 0 FROM {table} WHERE id = %s
            UNION SELECT p.id, p.{column}, l.depth + 1 FROM {table} p JOIN line l ON p.id = l.parent WHERE l.depth < %s
        ) SELECT id FROM line GROUP BY id ORDER BY min(depth)"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [start, MAX_DEPTH])
        return [row[0] for row in cursor.fetchall()]
