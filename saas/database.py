"""What a database needs before the first migration: the extension schema `ext`.

Extensions belong to the database, not to a workspace, so deployment creates them and no migration does.
On a managed server whose owner may not create extensions, an administrator runs the same statements.
"""

from __future__ import annotations

from typing import Any

EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "citext")

_STATEMENTS = (
    "create schema if not exists ext",
    *(f'create extension if not exists "{name}" schema ext' for name in EXTENSIONS),
    # unaccent() is STABLE only because its dictionary could change; ours does not, indexes need IMMUTABLE.
    """
    create or replace function ext.immutable_unaccent(text) returns text
    language sql immutable strict parallel safe
    return ext.unaccent('ext.unaccent'::regdictionary, $1)
    """,
)


def prepare(connection: Any) -> None:
    """Creates schema `ext` with its extensions and functions; does nothing that is there already.

    `connection` is a psycopg connection in autocommit mode, so that parallel starts don't wait on each other
    longer than one statement.
    """
    with connection.cursor() as cursor:
        # Two processes creating the same extension at once collide in the catalogue: let one wait.
        cursor.execute("select pg_advisory_lock(718281828)")
        try:
            for statement in _STATEMENTS:
                cursor.execute(statement)
        finally:
            cursor.execute("select pg_advisory_unlock(718281828)")
