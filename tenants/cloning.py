"""Copies the structure of one schema into a new one by replaying its definitions.

PostgreSQL prints definitions without schema names when the schema is on the search path, so what is read
with the path on the template can be executed as it is with the path on the copy: no text is replaced, no
helper functions are installed, sequences start anew (SAAS.md §1.3 row 17). Decision 0002.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django_tenants.utils import quote_schema_name

from tenants.context import activate_public

# Where extension types and operator classes live; part of every workspace's path.
EXTENSION_SCHEMA = "ext"


class CannotClone(RuntimeError):
    """The template holds something this module does not copy; build the schema by migrations instead."""


@dataclass(frozen=True)
class Blueprint:
    """Everything needed to make an empty copy: statements to run before and after the rows are copied."""

    source: str
    tables: tuple[str, ...]
    before_rows: tuple[str, ...]
    after_rows: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())


_TABLES = """
SELECT c.oid, quote_ident(c.relname) FROM pg_class c
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' ORDER BY c.relname
"""
_COLUMNS = """
SELECT a.attrelid, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), a.attidentity, a.attgenerated,
       pg_get_expr(d.adbin, d.adrelid, true),
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
# contype n = NOT NULL (named since PostgreSQL 18), p/u/x/c = key, unique, exclusion, check, f = foreign key.
_CONSTRAINTS = """
SELECT quote_ident(c.relname), quote_ident(k.conname), k.contype, pg_get_constraintdef(k.oid, true)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.connamespace = %s::regnamespace AND c.relkind = 'r' AND k.contype = ANY('{p,u,x,c,f}')
ORDER BY array_position('{p,u,x,c,f}'::"char"[], k.contype), c.relname, k.conname
"""
_NOT_NULL = """
SELECT a.attrelid, quote_ident(a.attname) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.attnotnull
"""
_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = %s::regnamespace
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname
"""
_TRIGGERS = """
SELECT pg_get_triggerdef(t.oid, true) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %s::regnamespace AND NOT t.tgisinternal ORDER BY c.relname, t.tgname
"""
_FUNCTIONS = """
SELECT quote_ident(p.proname), pg_get_function_identity_arguments(p.oid), pg_get_functiondef(p.oid)
FROM pg_proc p WHERE p.pronamespace = %s::regnamespace AND p.prokind = 'f' ORDER BY p.proname
"""
_UNSUPPORTED = """
SELECT 'relation ' || relname FROM pg_class
WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT 'sequence ' || c.relname FROM pg_class c
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'S'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'i')
UNION ALL
SELECT 'type ' || t.typname FROM pg_type t
WHERE t.typnamespace = %(schema)s::regnamespace AND t.typtype IN ('e', 'd', 'r')
UNION ALL
SELECT 'statistics ' || stxname FROM pg_statistic_ext WHERE stxnamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'policy ' || p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'inheritance of ' || c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT 'procedure ' || proname FROM pg_proc
WHERE pronamespace = %(schema)s::regnamespace AND prokind <> 'f'
"""


@contextmanager
def _path_of_our_own() -> Iterator[Any]:
    """A cursor in a transaction whose search path the block sets by its own SQL; afterwards it is sent anew."""
    try:
        with activate_public(), transaction.atomic(), connection.cursor() as cursor:
            yield cursor
    finally:
        connection.forget_search_path()  # type: ignore[attr-defined]


def read_blueprint(source: str) -> Blueprint:
    """Read the structure of schema ``source`` and which of its tables hold rows.

    Raises CannotClone when it holds objects of a kind that is not copied (views, enums, partitions …).
    """
    with _path_of_our_own() as cursor:
        cursor.execute(_UNSUPPORTED, {"schema": source})
        strange = [row[0] for row in cursor.fetchall()]
        if strange:
            raise CannotClone(f"{source} holds {', '.join(strange[:10])}")
        # From here on no cursor of Django's may be opened: it would set the path back.
        cursor.execute(f"SET LOCAL search_path = {quote_schema_name(source)}, {EXTENSION_SCHEMA}")
        cursor.execute(_TABLES, [source])
        names = dict(cursor.fetchall())
        columns = _read_columns(cursor, source)
        cursor.execute(_CONSTRAINTS, [source])
        constraints = cursor.fetchall()
        cursor.execute(_INDEXES, [source])
        indexes = [row[0] for row in cursor.fetchall()]
        cursor.execute(_TRIGGERS, [source])
        triggers = [row[0] for row in cursor.fetchall()]
        functions = _read_functions(cursor, source)
        filled = []
        for oid, table in names.items():
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608 - quoted by the catalogue
            if cursor.fetchone()[0]:
                filled.append((table, tuple(name for name, _sql, copied in columns[oid] if copied)))
    tables = tuple(
        f"CREATE TABLE {table} ({', '.join(sql for _name, sql, _copied in columns.get(oid, []))})"
        for oid, table in names.items()
    )
    keys = tuple(f"ALTER TABLE {t} ADD CONSTRAINT {n} {d}" for t, n, _kind, d in constraints)
    return Blueprint(
        source=source,
        tables=tuple(names.values()),
        before_rows=(*functions, *tables),
        after_rows=(*keys, *indexes, *triggers),
        rows=tuple(filled),
    )


def _read_columns(cursor, source: str) -> dict[int, list[tuple[str, str, bool]]]:
    """Per table: (column, its definition, whether its values are copied)."""
    cursor.execute(_NOT_NULL, [source])
    required = set(cursor.fetchall())
    cursor.execute(_COLUMNS, [source])
    columns: dict[int, list[tuple[str, str, bool]]] = {}
    for table, name, kind, identity, generated, expression, collation in cursor.fetchall():
        parts = [name, kind]
        if collation:
            parts.append(f"COLLATE {collation}")
        if generated:
            word = "STORED" if generated == "s" else "VIRTUAL"
            parts.append(f"GENERATED ALWAYS AS ({expression}) {word}")
        elif identity:
            parts.append(f"GENERATED {'ALWAYS' if identity == 'a' else 'BY DEFAULT'} AS IDENTITY")
        elif expression is not None:
            parts.append(f"DEFAULT {expression}")
        if (table, name) in required and not identity:
            parts.append("NOT NULL")
        columns.setdefault(table, []).append((name, " ".join(parts), not generated))
    return columns


def _read_functions(cursor, source: str) -> list[str]:
    """Function definitions with the schema taken off their name; the body is left alone."""
    cursor.execute(_FUNCTIONS, [source])
    definitions = []
    for name, arguments, definition in cursor.fetchall():
        head = f"CREATE OR REPLACE FUNCTION {quote_schema_name(source)}.{name}({arguments}"
        plain = f"CREATE OR REPLACE FUNCTION {source}.{name}("
        for prefix in (head.rsplit("(", 1)[0] + "(", plain):
            if definition.startswith(prefix):
                definitions.append(f"CREATE OR REPLACE FUNCTION {name}({definition[len(prefix) :]}")
                break
        else:
            raise CannotClone(f"function {name} of {source}")
        if source in definitions[-1]:
            raise CannotClone(f"function {name} names its schema")
    return definitions


def create_schema(blueprint: Blueprint, target: str) -> None:
    """Make schema ``target`` after the blueprint, with the template's delivered rows, in one transaction.

    Identity columns continue after the copied rows. A failure or a kill leaves nothing.
    """
    quoted, source = quote_schema_name(target), quote_schema_name(blueprint.source)
    with _path_of_our_own() as cursor:
        cursor.execute(f"CREATE SCHEMA {quoted}")
        cursor.execute(f"SET LOCAL search_path = {quoted}, {EXTENSION_SCHEMA}")
        execute_all(cursor, blueprint.before_rows)
        copies = []
        for table, names in blueprint.rows:
            listed = ", ".join(names)
            # Names come quoted from the catalogue.
            copies.append(
                f"INSERT INTO {table} ({listed}) OVERRIDING SYSTEM VALUE SELECT {listed} FROM {source}.{table}"  # noqa: S608
            )
        execute_all(cursor, copies)
        execute_all(cursor, blueprint.after_rows)
        advance_identities(cursor, target)


def execute_all(cursor, statements) -> None:
    """One round trip for many statements."""
    if statements:
        cursor.execute(";\n".join(statements))


def advance_identities(cursor, schema: str) -> None:
    cursor.execute(
        """SELECT quote_ident(c.relname), quote_ident(a.attname), pg_get_serial_sequence(c.oid::regclass::text, a.attname)
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace = %s::regnamespace AND a.attidentity <> '' AND c.relkind = 'r'""",
        [schema],
    )
    for table, column, sequence in cursor.fetchall():
        cursor.execute(
            f"SELECT setval(%s, max({column})) FROM {table} HAVING max({column}) IS NOT NULL",  # noqa: S608
            [sequence],
        )


_STRUCTURE = """
SELECT 'column', c.relname, a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attidentity, a.attgenerated, a.attnotnull,
                 pg_get_expr(d.adbin, d.adrelid, true), a.attcollation)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', c.relname, k.conname, pg_get_constraintdef(k.oid, true)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.connamespace = %(schema)s::regnamespace AND k.contype <> 'n'
UNION ALL
SELECT 'index', t.relname, c.relname, pg_get_indexdef(i.indexrelid, 0, true)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
WHERE c.relnamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'trigger', c.relname, t.tgname, pg_get_triggerdef(t.oid, true)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = %(schema)s::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT 'function', p.proname, pg_get_function_identity_arguments(p.oid), p.prosrc
FROM pg_proc p WHERE p.pronamespace = %(schema)s::regnamespace
"""


# PostgreSQL prints the casts of a text list differently after reading its own print; they mean the same.
_TEXT_CAST = re.compile(r"::(?:character varying|text)(?:\[\])?")


def structure(schema: str) -> set[tuple[str, str, str, str]]:
    """Every column, constraint, index, trigger and function of ``schema`` in a form two schemas compare by."""
    with _path_of_our_own() as cursor:
        cursor.execute(f"SET LOCAL search_path = {quote_schema_name(schema)}, {EXTENSION_SCHEMA}")
        cursor.execute(_STRUCTURE, {"schema": schema})
        return {
            (kind, table, name, _TEXT_CAST.sub("", text)) for kind, table, name, text in cursor.fetchall()
        }


def drop_schema(schema: str) -> None:
    """Drop one schema with everything in it; one at a time, from a job, never in a request (row 10)."""
    with activate_public(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {quote_schema_name(schema)} CASCADE")
