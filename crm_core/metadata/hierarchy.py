"""Descendants in self-referencing objects (accounts under accounts, units under units)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import connection

from crm_core.metadata import registry

MAX_DEPTH = 10


def descendants(object_name: str, roots: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Ids of `roots` and everything below them, at most ten levels deep (PRODUCT_SPEC 1.1 depth limit)."""
    entity = registry.get(object_name)
    parent = next((a for a in entity.attributes.values() if a.hierarchy and a.column), None)
    roots = list(roots)
    if parent is None:
        return roots
    table = connection.ops.quote_name(entity.model._meta.db_table)
    column = connection.ops.quote_name(entity.model._meta.get_field(parent.column).column)
    sql = f"""
        WITH RECURSIVE tree(id, depth) AS (
            SELECT id, 0 FROM {table} WHERE id = ANY(%s)
            UNION SELECT c.id, t.depth + 1 FROM {table} c JOIN tree t ON c.{column} = t.id WHERE t.depth < %s
        ) SELECT DISTINCT id FROM tree"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [roots, MAX_DEPTH])
        return [row[0] for row in cursor.fetchall()]
