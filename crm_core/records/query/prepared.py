"""Statements the ORM compiles once and every later request runs again with other values.

Compiling costs more than running: half of opening a record was spent on building the same SQL anew. What is kept is
keyed by the compiled registry (workspace and metadata version), the security version and who asks, so that a change
of rights or of the data model never meets an old statement.
"""

from __future__ import annotations

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from crm_core.metadata import registry, workspace
from crm_core.security.actor import Actor

_LIMIT = 3000
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock = threading.Lock()


def slot(number: int) -> uuid.UUID:
    """A placeholder id to compile with; `Statement.run` puts the real one in its place."""
    return uuid.UUID(int=0xB0A7_0000_0000_0000_0000_0000_0000_0000 + number)


def slots_for(ids: list[uuid.UUID]) -> tuple[list[uuid.UUID], dict[uuid.UUID, uuid.UUID]]:
    """Placeholders for a list of ids, rounded up to a power of two, and what to put in their places."""
    size = 1 << (len(ids) - 1).bit_length() if ids else 1
    places = [slot(n) for n in range(size)]
    return places, {place: ids[min(n, len(ids) - 1)] for n, place in enumerate(places)}


class Statement:
    """SQL of a `values_list` queryset, its parameters and the conversions of its columns."""

    def __init__(self, rows: QuerySet):
        compiler = rows.query.get_compiler(rows.db)
        self.sql: str | None
        try:
            self.sql, self.parameters = compiler.as_sql()
        except EmptyResultSet:
            self.sql, self.parameters, self.converters = None, (), {}
            return
        self.converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])

    def run(self, values: Mapping[Any, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows, with `values` in the places of the slots."""
        if self.sql is None:
            return []
        parameters = self.parameters
        if values:
            parameters = [values.get(p, p) if isinstance(p, uuid.UUID) else p for p in parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            rows = cursor.fetchall()
        return [self._converted(row) for row in rows] if self.converters else rows

    def _converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        found = list(row)
        for index, (converters, expression) in self.converters.items():
            for convert in converters:
                found[index] = convert(found[index], expression, connection)
        return tuple(found)

    def count(self) -> int:
        """How many rows there are, without fetching them."""
        if self.sql is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({self.sql}) counted", self.parameters)  # noqa: S608 - the ORM's SQL
            return int(cursor.fetchone()[0])


def kept(actor: Actor, key: Hashable, make: Callable[[], Any]) -> Any:
    """What `make()` gave for this actor and `key`; made anew when rights or metadata changed.

    Whoever something is shared with gets it made each time: a share may end at any moment, which is compiled in.
    """
    if actor.shared_objects:
        return make()
    state = workspace.current()
    whole = (
        registry.current().serial, state.security_version, actor.user_id, actor.is_administrator, actor.principal_ids,
        actor.unit_id, actor.unit_ids, key,
    )  # fmt: skip
    with _lock:
        if (found := _kept.get(whole)) is not None:
            _kept.move_to_end(whole)
            return found
    found = make()
    with _lock:
        _kept[whole] = found
        while len(_kept) > _LIMIT:
            _kept.popitem(last=False)
    return found
