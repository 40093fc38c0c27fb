"""Lines of an archive on their way into a table: PostgreSQL reads the JSON it once wrote, so nothing is rounded or renamed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from django.db import DatabaseError, DataError, connection, transaction
from django.db.models import Field, Model

from crm_core.exchange.arriving.refusals import ArchiveRefused, bad_row
from crm_core.exchange.exporting import exact_tables

_TABLE = "arriving_rows"


@contextmanager
def table() -> Iterator[None]:
    """The temporary table the lines lie in; gone with the block."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"CREATE TEMPORARY TABLE {_TABLE} (n integer, doc jsonb, more jsonb)")
        yield
        cursor.execute(f"DROP TABLE {_TABLE}")


def stage(entry: str, lines: Sequence[tuple[int, bytes, dict[str, Any]]]) -> None:
    """Lay lines down: (number, line, what is added to it). Raises ArchiveRefused."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {_TABLE}")
            with cursor.copy(f"COPY {_TABLE} (n, doc, more) FROM STDIN") as copy:
                for number, line, more in lines:
                    copy.write_row((number, line.decode(), orjson.dumps(more, default=str).decode()))
    except (psycopg.DataError, DataError) as error:  # characters that cannot be kept, numbers out of bounds
        row = lines[0][0] - 1 + _line_of(error)
        raise bad_row(entry, row, "it holds characters that cannot be stored") from error


def _line_of(error: Exception) -> int:
    """COPY says in which of its lines it stopped, from 1."""
    diagnosis = getattr(error, "diag", None) or getattr(error.__cause__, "diag", None)
    context = getattr(diagnosis, "context", None) or ""
    number = context.partition(", line ")[2].partition(",")[0].partition(":")[0]
    return int(number) if number.isdigit() else 1


def insert(
    entry: str, model: type[Model], keys: Sequence[str], added: Sequence[str], first: int, last: int
) -> None:
    """What was staged, rows `first` to `last`, becomes rows of `model`. Raises ArchiveRefused with the row that cannot."""
    try:
        _insert(model, keys, added, last)
    except DatabaseError as error:
        raise _refused(entry, _first_bad(model, keys, added, first, last), error) from error


def _insert(model: type[Model], keys: Sequence[str], added: Sequence[str], upto: int) -> None:
    quote = connection.ops.quote_name
    fields: dict[str, Field] = {f.attname: f for f in model._meta.concrete_fields}
    columns = [quote(str(fields[name].column)) for name in (*keys, *added) if name in fields]
    target = quote(model._meta.db_table)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {target} ({', '.join(columns)}) SELECT {', '.join(f'x.{c}' for c in columns)}"  # noqa: S608 - our models' names
            f" FROM {_TABLE} s, jsonb_populate_record(NULL::{target}, s.doc || s.more) x WHERE s.n <= %s ORDER BY s.n",
            [upto],
        )
        for many in model._meta.many_to_many:
            if many.name not in keys:
                continue
            through = quote(many.remote_field.through._meta.db_table)  # type: ignore[union-attr]
            mine, theirs = quote(many.m2m_column_name()), quote(many.m2m_reverse_name())
            cursor.execute(
                f"INSERT INTO {through} ({mine}, {theirs}) SELECT (s.doc->>'id')::uuid, v.value::uuid"  # noqa: S608
                f" FROM {_TABLE} s, jsonb_array_elements_text(s.doc->%s) v WHERE s.n <= %s",
                [many.name, upto],
            )


def _first_bad(model: type[Model], keys: Sequence[str], added: Sequence[str], first: int, last: int) -> int:
    """The first row that cannot be inserted after those before it."""
    good, bad = first - 1, last
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            with transaction.atomic():
                _insert(model, keys, added, middle)
                raise _Undone
        except _Undone:
            good = middle
        except DatabaseError:
            bad = middle
    return bad


class _Undone(Exception):
    """Takes a trial back."""


def _refused(entry: str, row: int, error: DatabaseError) -> ArchiveRefused:
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    state = getattr(diagnosis, "sqlstate", "") or ""
    reason = {"23505": "it is there twice", "23503": "it refers to something that is not in the archive"}.get(
        state, "a value in it is not allowed"
    )
    return bad_row(entry, row, reason, constraint=getattr(diagnosis, "constraint_name", None), sqlstate=state)


def check_references(loaded: dict[str, type[Model]]) -> None:
    """Refuse rows that refer to something that is not there. Raises ArchiveRefused with entry and row's id."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for entry, model in loaded.items():
            for field in exact_tables.columns(model):
                if not field.is_relation:
                    continue
                target: Any = field.related_model
                mine, theirs = quote(str(field.column)), quote(target._meta.pk.column)
                cursor.execute(
                    f"SELECT m.{quote(str(model._meta.pk.column))} FROM {quote(model._meta.db_table)} m"  # noqa: S608
                    f" LEFT JOIN {quote(target._meta.db_table)} t ON t.{theirs} = m.{mine}"
                    f" WHERE m.{mine} IS NOT NULL AND t.{theirs} IS NULL ORDER BY 1 LIMIT 1"
                )
                if (found := cursor.fetchone()) is not None:
                    row = model._default_manager.filter(pk__lte=found[0]).count()  # lines are sorted by keys
                    raise ArchiveRefused(
                        "bad_reference",
                        f"{entry}, row {row}: “{field.attname}” refers to something that is not in the archive.",
                        entry=entry, row=row, id=str(found[0]), column=field.attname,
                    )  # fmt: skip
            for many in model._meta.many_to_many:
                _check_links(cursor, entry, many)
        try:
            with transaction.atomic():
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        except DatabaseError as error:
            raise _refused("data", 0, error) from error


def _check_links(cursor: Any, entry: str, many: Any) -> None:
    quote = connection.ops.quote_name
    through, target = many.remote_field.through._meta, many.related_model._meta
    theirs = quote(many.m2m_reverse_name())
    cursor.execute(
        f"SELECT l.{theirs} FROM {quote(through.db_table)} l LEFT JOIN {quote(target.db_table)} t"  # noqa: S608
        f" ON t.{quote(target.pk.column)} = l.{theirs} WHERE t.{quote(target.pk.column)} IS NULL LIMIT 1"
    )
    if (found := cursor.fetchone()) is not None:
        raise ArchiveRefused(
            "bad_reference", f"{entry}: “{many.name}” names somebody who is not in the archive.", entry=entry,
            id=str(found[0]), column=many.name,
        )  # fmt: skip


def update_only_row(entry: str, model: type[Model], keys: list[str]) -> None:
    """The one staged line becomes the values of the one row there is. Raises ArchiveRefused."""
    quote = connection.ops.quote_name
    target = quote(model._meta.db_table)
    fields = {f.attname: quote(str(f.column)) for f in model._meta.concrete_fields}
    columns = [fields[key] for key in keys]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {target} o SET {', '.join(f'{c} = x.{c}' for c in columns)}"  # noqa: S608 - our models' names
                f" FROM {_TABLE} s, jsonb_populate_record(NULL::{target}, s.doc) x WHERE o.id = x.id"
            )
            if cursor.rowcount != 1:
                raise bad_row(entry, 1, "it is not the row of settings")
    except DatabaseError as error:
        raise _refused(entry, 1, error) from error
