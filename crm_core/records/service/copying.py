"""Inserting many prepared rows with one COPY per table: the fastest way in that still keeps every constraint."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.expressions import DatabaseDefault


def copy_in(records: Sequence[Model]) -> None:
    """Insert new records of one model. Columns nobody set are left to the database's defaults.

    Raises IntegrityError like any insert; nothing of the batch is in then.
    """
    if not records:
        return
    copy_rows(type(records[0]), [record.__dict__ for record in records])
    for record in records:
        record._state.adding = False
        record._state.db = connection.alias


def copy_rows(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """The same for rows that are only dictionaries of column attributes, all with the same keys."""
    columns = [field for field in model._meta.concrete_fields if _written(field, rows)]
    quoted = ", ".join(connection.ops.quote_name(str(field.column)) for field in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    readers = [(field.attname, isinstance(field, JSONField)) for field in columns]
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy,
    ):
        write_row = copy.write_row
        for row in rows:
            write_row([_json(row[name]) if is_json else row[name] for name, is_json in readers])


def _written(field: Field, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the column is sent: somebody has a value in it, or NULL where the database would fill in something."""
    name = field.attname
    if name not in rows[0]:
        return False
    if field.has_db_default():
        return not isinstance(rows[0][name], DatabaseDefault)
    return any(row[name] is not None for row in rows)


def _json(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, cls=DjangoJSONEncoder)
