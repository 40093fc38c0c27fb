"""Staged rows in bulk: in by COPY, out by ranges of their numbers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import connection

from crm_core.exchange.models import ImportKey, ImportOutcome, ImportRow
from crm_core.exchange.reading.table import Row

BLOCK = 2_000
RUN_BLOCK = 1_000


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


@dataclass
class StagedRow:
    """A row with the typed-over cells in place; problems of cells a person replaced are gone."""

    number: int
    cells: list[str]
    problems: list[dict[str, Any]]


@dataclass
class Outcome:
    """What is to be remembered of a row."""

    number: int
    status: str
    errors: list[dict[str, Any]] = field(default_factory=list)
    object: str | None = None
    record_id: uuid.UUID | None = None
    pending: dict[str, Any] | None = None


def load(import_id: uuid.UUID, rows: Iterable[Row]) -> None:
    """COPY a block of rows in."""
    identifier = str(import_id)
    with connection.cursor() as cursor, cursor.copy(
        "COPY exchange_importrow (import_id, number, cells, problems) FROM STDIN"
    ) as copy:  # fmt: skip
        for row in rows:
            copy.write_row((identifier, row.number, _json(row.cells), _json(row.problems)))


def rows(
    import_id: uuid.UUID, *, after: int = 0, limit: int = BLOCK, numbers: Sequence[int] | None = None
) -> list[StagedRow]:
    """The next rows behind `after`, or the rows with these numbers."""
    condition = "number = ANY(%s)" if numbers is not None else "number > %s"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, cells::text, overrides::text, problems::text FROM exchange_importrow"  # noqa: S608
            f" WHERE import_id = %s AND {condition} ORDER BY number LIMIT %s",
            [import_id, list(numbers) if numbers is not None else after, limit],
        )
        return [_staged(*record) for record in cursor.fetchall()]


def _staged(number: int, cells: str, overrides: str | None, problems: str | None) -> StagedRow:
    values = orjson.loads(cells)
    found = orjson.loads(problems) if problems else []
    if overrides:
        changed = {int(i): text for i, text in orjson.loads(overrides).items()}
        for index, text in changed.items():
            if index < len(values):
                values[index] = text
        # a row somebody corrected by hand has been looked at: only untouched broken cells still count
        found = [p for p in found if p["column"] is not None and p["column"] not in changed]
    return StagedRow(number, values, found)


def override(import_id: uuid.UUID, number: int, values: dict[str, str]) -> bool:
    """Remember what a person typed over cells; returns whether there is such a row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE exchange_importrow SET overrides = coalesce(overrides, '{}'::jsonb) || %s::jsonb"
            " WHERE import_id = %s AND number = %s",
            [_json(values), import_id, number],
        )
        return cursor.rowcount == 1


def keep_outcomes(import_id: uuid.UUID, outcomes: Iterable[Outcome]) -> None:
    """COPY outcomes in; earlier ones of the same rows must be gone (`forget_outcomes`)."""
    identifier = str(import_id)
    with connection.cursor() as cursor, cursor.copy(
        "COPY exchange_importoutcome (import_id, number, status, errors, object, record_id, pending) FROM STDIN"
    ) as copy:  # fmt: skip
        for o in outcomes:
            record = None if o.record_id is None else str(o.record_id)
            copy.write_row(
                (identifier, o.number, o.status, _json(o.errors or None), o.object, record, _json(o.pending))
            )


def forget_outcomes(import_id: uuid.UUID, numbers: Sequence[int] | None = None) -> None:
    """Drop outcomes and keys: of the whole import, or of some rows."""
    for model in (ImportOutcome, ImportKey):
        found = model.objects.filter(import_id=import_id)
        if numbers is not None:
            found = found.filter(number__in=numbers)
        found._raw_delete(found.db)


def forget(import_id: uuid.UUID) -> None:
    """Drop everything staged."""
    forget_outcomes(import_id)
    found = ImportRow.objects.filter(import_id=import_id)
    found._raw_delete(found.db)


def counts(import_id: uuid.UUID) -> dict[str, int]:
    """Number of rows by status."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, count(*) FROM exchange_importoutcome WHERE import_id = %s GROUP BY 1", [import_id]
        )
        return dict(cursor.fetchall())


def keep_keys(import_id: uuid.UUID, keys: Iterable[tuple[int, int]]) -> None:
    """COPY (key hash, row number) pairs in."""
    identifier = str(import_id)
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY exchange_importkey (import_id, key, number) FROM STDIN") as copy,
    ):
        for key, number in keys:
            copy.write_row((identifier, key, number))


def earlier_rows(import_id: uuid.UUID, keys: Iterable[int]) -> dict[int, int]:
    """The first row number by key, for keys that rows of this import have taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, min(number) FROM exchange_importkey WHERE import_id = %s AND key = ANY(%s) GROUP BY 1",
            [import_id, list(keys)],
        )
        return dict(cursor.fetchall())


def names_in_file(import_id: uuid.UUID, column: int, names: Iterable[str]) -> set[str]:
    """Which of the lower-cased `names` stand in a column of the file (parents further down)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT lower(trim(coalesce(overrides ->> %s, cells ->> %s))) FROM exchange_importrow"
            " WHERE import_id = %s AND lower(trim(coalesce(overrides ->> %s, cells ->> %s))) = ANY(%s)",
            [str(column), column, import_id, str(column), column, list(names)],
        )
        return {row[0] for row in cursor.fetchall()}
