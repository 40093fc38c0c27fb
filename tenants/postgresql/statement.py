"""A queryset compiled once and run again with other values."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg import sql as composing

_FIRST_SLOT = 0xB0A7_0000_0000_0000_0000_0000_0000_0000


def slot(number: int) -> uuid.UUID:
    """A placeholder id to compile with; `Statement.run` puts the real one in its place."""
    return uuid.UUID(int=_FIRST_SLOT + number)


def _is_slot(value: Any) -> bool:
    return isinstance(value, uuid.UUID) and value.int >> 64 == _FIRST_SLOT >> 64


class Statement:
    """SQL of a `values_list` queryset, its parameters and the conversions of its columns.

    What never changes stands in the SQL itself, where the planner sees it. `places` are values of other kinds than ids
    that stand for what `run` is given, chosen so that nothing else has them. With `shared` the ids of people and units
    stay parameters: the text, and with it the server's plan, is then one for everybody who has the same depth. That
    is for statements that find their few rows by a key, whatever the rights say; lists want the planner to look.
    `texts` are pieces of text that stand for what people search: they are filled in as literals by each run, because
    how many rows a word has decides the plan; unless the statement is built so that it does not, and says so by
    `one_plan`: then they are parameters, and the server plans once for all words.
    """

    def __init__(
        self,
        rows: QuerySet,
        *,
        shared: bool = False,
        places: Collection[Any] = (),
        texts: Collection[str] = (),
        one_plan: bool = False,
    ):
        compiler = rows.query.get_compiler(rows.db)
        self.sql: str | None
        self.parameters: list[Any] = []
        self.asked: list[str] = []
        self.bound: list[str] = []
        self.converters: dict[int, Any] = {}
        try:
            text, parameters = compiler.as_sql()
        except EmptyResultSet:
            self.sql = None
            return
        self.converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        found = [v for v in dict.fromkeys(p for p in parameters if isinstance(p, str)) if _any(texts, v)]
        self.asked, self.bound = ([], found) if one_plan else (found, [])
        marks = {value: _Mark(f"\x00{index}\x00") for index, value in enumerate(self.asked)}
        parameters = [marks.get(v, v) if isinstance(v, str) else v for v in parameters]
        self.sql, self.parameters = _inlined(text, parameters, shared, (*places, *self.bound))

    def run(
        self, values: Mapping[Any, Any] | None = None, texts: Mapping[str, str] | None = None
    ) -> list[tuple[Any, ...]]:
        """All rows, with `values` in the places of the slots and `texts` in those of the texts."""
        if self.sql is None:
            return []
        rows = connection.fetch(self._filled(self.sql, texts), self._given(values, texts))  # type: ignore[attr-defined]
        return [self._converted(row) for row in rows] if self.converters else rows

    @staticmethod
    def run_together(asked: Sequence[tuple[Statement, Mapping[Any, Any]]]) -> list[list[tuple[Any, ...]]]:
        """What `run` gives of each statement with its values; none waits for the answer to the one before."""
        known = [(one, values) for one, values in asked if one.sql is not None]
        statements = [(one.sql, one._given(values, None)) for one, values in known]
        found = iter(connection.fetch_together(statements))  # type: ignore[attr-defined]
        rows = [[] if one.sql is None else next(found) for one, _values in asked]
        return [
            [one._converted(row) for row in some] if one.converters else some
            for (one, _values), some in zip(asked, rows, strict=True)
        ]

    def _filled(self, sql: str, texts: Mapping[str, str] | None) -> str:
        """The SQL with what was searched for; it may ask for one text in many places."""
        if "\x00" not in sql:
            return sql
        pieces = sql.split("\x00")
        literals = [self._literal(text, texts or {}) for text in self.asked]
        pieces[1::2] = [literals[int(index)] for index in pieces[1::2]]
        return "".join(pieces)

    def _literal(self, text: str, texts: Mapping[str, str]) -> str:
        literal = composing.Literal(_meant(text, texts)).as_string(connection.connection)
        return literal.replace("%", "%%") if self.parameters else literal

    def _given(self, values: Mapping[Any, Any] | None, texts: Mapping[str, str] | None) -> list[Any] | None:
        if not self.parameters:
            return None
        given = dict(values or {}) | {text: _meant(text, texts or {}) for text in self.bound}
        return [given.get(p, p) for p in self.parameters] if given else self.parameters

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        found = list(row)
        for index, (converters, expression) in self.converters.items():
            for convert in converters:
                found[index] = convert(found[index], expression, connection)
        return tuple(found)

    def within(self, before: str, after: str) -> Statement:
        """The same rows as a subselect between two pieces of SQL that leave columns and their kinds as they are."""
        if self.sql is not None:
            self.sql = f"{before} ({self.sql}) inner_rows {after}"
        return self

    def count(self, values: Mapping[Any, Any] | None = None, texts: Mapping[str, str] | None = None) -> int:
        """How many rows there are, without fetching them."""
        return sum(number for (number,) in self.counting().run(values, texts))

    def counting(self) -> Statement:
        """The statement whose only row holds how many rows this one has; no row where it finds nothing anyway."""
        counting = copy.copy(self)
        counting.converters = {}
        if self.sql is not None:
            counting.sql = f"SELECT COUNT(*) FROM ({self.sql}) counted"  # noqa: S608 - the ORM's SQL
        return counting


def _any(pieces: Collection[str], text: str) -> bool:
    return any(piece in text for piece in pieces)


def _meant(text: str, texts: Mapping[str, str]) -> str:
    for piece, meant in texts.items():
        text = text.replace(piece, meant)
    return text


class _Mark(str):
    """A text with the places of what is searched for, marked in the SQL because each run writes it anew."""


def _inlined(text: str, parameters: Any, shared: bool, places: Collection[Any]) -> tuple[str, list[Any]]:
    """The SQL with everything but slots (and, when `shared`, ids) as literals, and what remains to be given."""
    connection.ensure_connection()
    left: list[Any] = []
    pieces: list[str] = []
    for value in parameters:
        if _is_slot(value) or value in places or (shared and isinstance(value, uuid.UUID)):
            left.append(value)
            pieces.append("%s")
        elif isinstance(value, _Mark):
            pieces.append(value)
        else:
            pieces.append(composing.Literal(value).as_string(connection.connection).replace("%", "%%"))
    # filling in turns %% into %, so what is meant as %% for the driver is doubled before
    filled = text.replace("%%", "%%%%") % tuple(pieces)
    return (filled, left) if left else (filled.replace("%%", "%"), left)
