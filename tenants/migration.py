"""Brings one schema to the migrations on disk, and tells which schemas lag. `waves` rolls out over all of them."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_tenants.routers import TenantSyncRouter
from django_tenants.utils import quote_schema_name

from tenants.context import activate_public, activate_schema

LOCK_TIMEOUT = "2s"
SCHEMAS_PER_QUERY = 200


def _is_tenant_app(app_label: str) -> bool:
    return TenantSyncRouter().app_in_list(app_label, settings.TENANT_APPS)


@lru_cache(maxsize=1)
def expected_migrations() -> tuple[tuple[str, str], ...]:
    """(app, name) of every migration on disk that belongs into a workspace schema."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return tuple(sorted(key for key in loader.disk_migrations if _is_tenant_app(key[0])))


@lru_cache(maxsize=1)
def current_level() -> str:
    """Digest of the workspace migrations on disk, contents included; what template and pool are built for."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    digest = hashlib.sha256()
    for key in expected_migrations():
        source = inspect.getsource(sys.modules[type(loader.disk_migrations[key]).__module__])
        digest.update(f"{key[0]}.{key[1]}\0{source}\0".encode())
    return digest.hexdigest()


def migrate_public(verbosity: int = 0) -> None:
    """Apply the migrations of the control data."""
    with activate_public():
        _migrate(verbosity)


def migrate_schema(schema_name: str, verbosity: int = 0) -> None:
    """Apply the workspace migrations to one schema, with nothing else on the path.

    Waits at most two seconds for each lock. Raises whatever a migration raises.
    """
    with activate_schema(schema_name):
        _migrate(verbosity)


def _migrate(verbosity: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        statement_timeout = cursor.fetchone()[0]
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute("SET statement_timeout = 0")
    try:
        call_command(MigrateCommand(), verbosity=verbosity, interactive=False)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [statement_timeout])


def missing_migrations(schema_names: Sequence[str]) -> dict[str, int]:
    """How many of the migrations on disk each lagging schema misses (all of them when it does not exist), found by
    one statement per 200 schemas instead of one pass per schema. Complete ones are left out."""
    wanted = [f"{app}.{name}" for app, name in expected_migrations()]
    with activate_public(), connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relname = 'django_migrations' AND n.nspname = ANY(%s)""",
            [list(schema_names)],
        )
        applied: dict[str, int] = {}
        names = sorted(row[0] for row in cursor.fetchall())
        for start in range(0, len(names), SCHEMAS_PER_QUERY):
            part = names[start : start + SCHEMAS_PER_QUERY]
            selects = " UNION ALL ".join(
                # The names are our own and quoted.
                f"SELECT %s AS schema_name, count(DISTINCT (app, name)) AS applied"  # noqa: S608
                f" FROM {quote_schema_name(name)}.django_migrations WHERE app || '.' || name = ANY(%s)"
                for name in part
            )
            cursor.execute(selects, [value for name in part for value in (name, wanted)])
            applied.update(cursor.fetchall())
    missing = {name: len(wanted) - applied.get(name, 0) for name in schema_names}
    return {name: count for name, count in missing.items() if count > 0}


def lagging_schemas(schema_names: Sequence[str]) -> list[str]:
    """Those of the given schemas that miss a migration on disk or do not exist, in the order given."""
    return list(missing_migrations(schema_names))
