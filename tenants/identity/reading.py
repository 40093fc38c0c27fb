"""Rows of joined tables by one statement the server keeps the plan of: every call of the API asks who calls."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db import connection, models


def read_together(tables: tuple[type[models.Model], ...], tail: str, value: str) -> list[Any] | None:
    """One row of each table, or None: ``tail`` joins them under the names a, b, c … and compares with ``value``.

    In ``tail`` the place {0} stands for the first table's name, {1} for the second's.
    """
    rows = connection.fetch(_statement(tables, tail), [value])  # type: ignore[attr-defined]
    if not rows:
        return None
    found, values = [], list(rows[0])
    for table in tables:
        fields = table._meta.concrete_fields
        mine, values = values[: len(fields)], values[len(fields) :]
        converted = [
            field.from_db_value(raw, None, connection) if hasattr(field, "from_db_value") else raw
            for field, raw in zip(fields, mine, strict=True)
        ]
        found.append(table.from_db(connection.alias, [f.attname for f in fields], converted))
    return found


@lru_cache
def _statement(tables: tuple[type[models.Model], ...], tail: str) -> str:
    columns = [
        f'{chr(97 + place)}."{field.column}"'
        for place, table in enumerate(tables)
        for field in table._meta.concrete_fields
    ]
    names = [table._meta.db_table for table in tables]
    return f"SELECT {', '.join(columns)} {tail.format(*names)}"
