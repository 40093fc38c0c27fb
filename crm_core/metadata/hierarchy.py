"""Families in self-referencing objects (accounts under accounts, units under units, people under their managers)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from crm_core.metadata import registry
from crm_core.metadata.entity import Attribute, Entity

MAX_DEPTH = 10
#: what the filter language says about a place in a tree; the second half of a pair includes the record itself
OPERATORS = ("under_or_equal", "under", "above_or_equal", "above", "not_under_or_equal", "not_under")


def parent_attribute(entity: Entity) -> Attribute | None:
    """The attribute that makes a tree of an object's records; None when it has no hierarchy."""
    return next((a for a in entity.attributes.values() if a.hierarchy and entity.name in a.targets), None)


def _place(entity: Entity) -> tuple[str, Callable[[str], str]] | None:
    """Quoted table of a self-referencing object, and its parent's id given a table alias; None without hierarchy."""
    parent = parent_attribute(entity)
    if parent is None:
        return None
    table = connection.ops.quote_name(entity.model._meta.db_table)
    if parent.custom:
        key = parent.name.replace("'", "''")
        return table, lambda alias: f"({alias}.custom->>'{key}')::uuid"
    field: Any = entity.model._meta.get_field(str(parent.columns.get(entity.name) or parent.column))
    return table, lambda alias: f"{alias}.{connection.ops.quote_name(field.column)}"


def descendants(object_name: str, roots: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Ids of `roots` and everything below them, at most ten levels deep (PRODUCT_SPEC 1.1 depth limit)."""
    roots = list(roots)
    return list(_below(object_name, roots) or roots)


def below(object_name: str, root: uuid.UUID, levels: int) -> list[uuid.UUID]:
    """Ids of what hangs under `root` within so many `levels`, itself never among them, also in a circle."""
    reached = _below(object_name, [root], levels)
    return sorted(identifier for identifier in reached if identifier != root)


def height(object_name: str, root: uuid.UUID) -> int:
    """Number of levels below `root`; 0 for a record nothing hangs under."""
    return max(_below(object_name, [root]).values(), default=0)


def family(object_name: str, operator: str, ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Ids of the records that are `under`, `above`, … one of `ids` (PLT-6, PLT-45.2); for a negation, of those that are.

    `operator` is one of `OPERATORS`; at most ten levels are looked at.
    """
    given = list(ids)
    positive = operator.removeprefix("not_")
    reached = _below(object_name, given) if positive.startswith("under") else _above(object_name, given)
    if positive.endswith("_or_equal"):
        return list({*given, *reached})
    # one of the given ids may itself be below another one
    return [identifier for identifier, distance in reached.items() if distance > 0]


def _below(object_name: str, roots: list[uuid.UUID], levels: int = MAX_DEPTH) -> dict[uuid.UUID, int]:
    """Everything from `roots` down with its distance, `levels` deep."""
    place = _place(registry.get(object_name))
    if place is None:
        return {}
    table, parent = place
    # only quoted names of our own tables and generated keys are put in
    sql = f"""
        WITH RECURSIVE tree(id, depth) AS (
            SELECT id, 0 FROM {table} WHERE id = ANY(%s)
            UNION SELECT c.id, t.depth + 1 FROM {table} c JOIN tree t ON {parent("c")} = t.id
            WHERE t.depth < %s AND c.deleted_at IS NULL
        ) SELECT id, max(depth) FROM tree GROUP BY id"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [roots, levels])
        return dict(cursor.fetchall())


def ancestors(object_name: str, start: uuid.UUID) -> list[uuid.UUID]:
    """`start` and the records above it, nearest first, at most one more than the depth limit."""
    found = _above(object_name, [start]) or {start: 0}
    return sorted(found, key=found.__getitem__)


def _above(object_name: str, starts: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Everything from `starts` up with its distance."""
    place = _place(registry.get(object_name))
    if place is None:
        return {}
    table, parent = place
    # only quoted names of our own tables and generated keys are put in
    sql = f"""
        WITH RECURSIVE line(id, parent, depth) AS (
            SELECT r.id, {parent("r")}, 0 FROM {table} r WHERE r.id = ANY(%s)
            UNION SELECT p.id, {parent("p")}, l.depth + 1 FROM {table} p JOIN line l ON p.id = l.parent WHERE l.depth < %s
        ) SELECT id, {"min" if len(starts) == 1 else "max"}(depth) FROM line GROUP BY id"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [starts, MAX_DEPTH])
        return dict(cursor.fetchall())
