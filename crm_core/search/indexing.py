"""Indexes a workspace gets once it needs them: for what people filter by, and for searching among many records.

An attribute of a kept view's filter gets one, and loses it when no view needs it. Which of hundreds of attributes are worth an index only use can tell, and every index makes writing dearer. Views are
what people keep because they need it again, so their filters are the measure (ARCHITECTURE 4, Custom data).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Upper

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import CrmError
from crm_core.records.query.searching import START
from crm_core.search.models import SavedView
from tenants.context import current_schema

PER_OBJECT = 6
FROM_ROWS = 5_000
#: from so many records on a search walks names by their beginning and the latest records by when they were changed
WALKED_FROM_ROWS = 20_000
_PREFIX = "hot_"
_OPERATORS = {"eq", "in"}
# Casts of these are immutable; dates are read by the session's settings and cannot be indexed inside `custom`.
_IN_CUSTOM = {"text", "pick", "int", "dec", "money", "bool"}
_IN_COLUMNS = {"text", "pick", "int", "dec", "money", "bool", "date", "datetime"}


@dataclass(frozen=True)
class Wanted:
    """An index over an expression of an object's rows, worth building from `rows` rows on."""

    entity: Entity
    expression: Any
    rows: int


def index_filters() -> None:
    """Bring the workspace's indexes in step with its views and its size; for the sweep, outside of people's requests."""
    workspace.begin()
    wanted = {**dict(_for_filters()), **dict(_for_search(registry.all()))}
    with _own_cursor() as cursor:
        there = _there(cursor)
        for name, is_valid in there.items():
            if name not in wanted or not is_valid:  # one whose building was interrupted is built anew
                cursor.execute(f"DROP INDEX CONCURRENTLY {_qualified(name)}")
        for name, index in wanted.items():
            if not there.get(name) and _rows(cursor, index.entity) >= index.rows:
                cursor.execute(_definition(index, name))
                cursor.execute(f"ANALYZE {_qualified(index.entity.model._meta.db_table)}")


def walkable(entities: Iterable[Entity]) -> set[str]:
    """Names of the objects whose search may walk the beginnings of names and the latest records."""
    names = {_name(e, ":start"): e.name for e in entities if e.searchable}
    with connection.cursor() as cursor:
        there = _there(cursor)
    return {name for index, name in names.items() if there.get(index)}


def _there(cursor: Any) -> dict[str, bool]:
    """The indexes of this kind in the workspace, and whether each is complete."""
    cursor.execute(
        "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname LIKE %s",
        [current_schema(), _PREFIX.replace("_", r"\_") + "%"],
    )
    return dict(cursor.fetchall())


def _name(entity: Entity, what: str) -> str:
    return _PREFIX + hashlib.sha256(f"{entity.name}.{what}".encode()).hexdigest()[:16]


def _for_search(entities: Iterable[Entity]) -> Iterator[tuple[str, Wanted]]:
    for entity in entities:
        if entity.searchable and not entity.internal:
            latest = any(i.expressions[:1] == (F("modified_at"),) for i in entity.model._meta.indexes)
            yield _name(entity, ":start"), Wanted(entity, START, WALKED_FROM_ROWS)
            if not latest:
                yield _name(entity, ":latest"), Wanted(entity, F("modified_at"), WALKED_FROM_ROWS)


def _for_filters() -> Iterator[tuple[str, Wanted]]:
    """The attributes most views filter by, by the name of their index."""
    used: dict[str, Counter[str]] = {}
    for object_name, tree in SavedView.objects.exclude(filter=None).values_list("object", "filter"):
        used.setdefault(object_name, Counter()).update(set(_compared(tree)))
    for object_name, counted in used.items():
        try:
            entity = registry.get(object_name)
        except CrmError:
            continue  # an object that was taken away; its views are shown as broken
        fit = [a for n, _c in counted.most_common() if (a := entity.attributes.get(n)) and _can(a)]
        for attribute in fit[:PER_OBJECT]:
            yield _name(entity, attribute.name), Wanted(entity, _compared_by(attribute), FROM_ROWS)


def _compared(tree: Any) -> Iterator[str]:
    """Names of the attributes a filter compares with given values; what is negated or related serves no index."""
    if not isinstance(tree, dict):
        return
    for key in ("and", "or"):
        for part in tree.get(key) or ():
            yield from _compared(part)
    if isinstance(tree.get("attribute"), str) and tree.get("operator", "eq") in _OPERATORS:
        yield tree["attribute"]


def _can(attribute: Attribute) -> bool:
    return not attribute.is_derived and attribute.type.name in (
        _IN_CUSTOM if attribute.custom else _IN_COLUMNS
    )


def _compared_by(attribute: Attribute) -> Any:
    """Exactly the expression a filter by `attribute` compares."""
    expression = attribute.type.expression(attribute)
    if attribute.type.name == "text":
        return Upper(expression)  # equality of text does without case
    return F(expression) if isinstance(expression, str) else expression


def _definition(wanted: Wanted, name: str) -> str:
    """CREATE INDEX over the rows of an object."""
    entity = wanted.entity
    condition = Q(deleted_at=None)
    if entity.discriminator:
        condition &= Q(object=entity.discriminator)
    index = models.Index(wanted.expression, name=name, condition=condition)
    table = entity.model._meta.db_table
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        statement = str(index.create_sql(entity.model, editor, concurrently=True))
    return statement.replace(f"ON {connection.ops.quote_name(table)} ", f"ON {_qualified(table)} ", 1)


def _qualified(name: str) -> str:
    """With its schema: a statement outside of a transaction must not depend on the path (SAAS.md §0.1)."""
    quote = connection.ops.quote_name
    return f"{quote(current_schema())}.{quote(name)}"


def _rows(cursor: Any, entity: Entity) -> int:
    cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [_qualified(entity.model._meta.db_table)])  # fmt: skip
    return int(cursor.fetchone()[0])


@contextmanager
def _own_cursor() -> Iterator[Any]:
    """A cursor of a connection of its own: building an index beside people's work is not possible in a transaction."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()
