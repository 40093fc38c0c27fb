"""How many records a workspace has, over all its objects (ASP-1 Usage record)."""

from __future__ import annotations

from django.db import connection

from crm_core.metadata import registry


def records_stored() -> int:
    """Records that are not in the recycle bin, of every object people see, in one statement."""
    tables = sorted(
        {
            entity.model._meta.db_table
            for entity in registry.all()
            if not entity.internal and any(f.name == "deleted_at" for f in entity.model._meta.concrete_fields)
        }
    )
    one = 'SELECT count(*) AS n FROM "{}" WHERE deleted_at IS NULL'
    counts = " UNION ALL ".join(one.format(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(n), 0)::bigint FROM ({counts}) counted")  # noqa: S608 - names of our models
        return int(cursor.fetchone()[0])
