"""Indexes for what people filter by: an attribute of a kept view's filter gets one, and loses it when no view needs it.

Which of hundreds of attributes are worth an index only use can tell, and every index makes writing dearer. Views are
what people keep because they need it again, so their filters are the measure (ARCHITECTURE 4, Custom data).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Upper

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import CrmError
from crm_core.search.models import SavedView
from tenants.context import current_schema

PER_OBJECT = 6
FROM_ROWS = 5_000
_PREFIX = "hot_"
_OPERATORS = {"eq", "in"}
# Casts of these are immutable; dates are read by the session's settings and cannot be indexed inside `custom`.
_IN_CUSTOM = {"text", "pick", "int", "dec", "money", "bool"}
_IN_COLUMNS = {"text", "pick", "int", "dec", "money", "bool", "date", "datetime"}


def index_filters() -> None:
    """Bring the workspace's indexes in step with the filters of its views; for the sweep, outside of people's requests."""
    workspace.begin()
    wanted = dict(_wanted())
    with _own_cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname LIKE %s",
            [current_schema(), _PREFIX.replace("_", r"\_") + "%"],
        )
        there = dict(cursor.fetchall())
        for name, is_valid in there.items():
            if name not in wanted or not is_valid:  # one whose building was interrupted is built anew
                cursor.execute(f"DROP INDEX CONCURRENTLY {_qualified(name)}")
        for name, (entity, attribute) in wanted.items():
            if not there.get(name) and _rows(cursor, entity) >= FROM_ROWS:
                cursor.execute(_definition(entity, attribute, name))
                cursor.execute(f"ANALYZE {_qualified(entity.model._meta.db_table)}")


def _wanted() -> Iterator[tuple[str, tuple[Entity, Attribute]]]:
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
            digest = hashlib.sha256(f"{object_name}.{attribute.name}".encode()).hexdigest()[:16]
            yield f"{_PREFIX}{digest}", (entity, attribute)


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


def _definition(entity: Entity, attribute: Attribute, name: str) -> str:
    """CREATE INDEX over exactly the expression a filter by `attribute` compares."""
    expression = attribute.type.expression(attribute)
    if attribute.type.name == "text":
        expression = Upper(expression)  # equality of text does without case
    condition = Q(deleted_at=None)
    if entity.discriminator:
        condition &= Q(object=entity.discriminator)
    index = models.Index(
        F(expression) if isinstance(expression, str) else expression, name=name, condition=condition
    )
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
