"""The search path sent no more often than it can be lost, and the shortest way to a compiled statement (SAAS.md §0.1, §1.3 row 1).

django-tenants either sends the path before every statement or, limited, trusts what it sent in an earlier
transaction, which under a transaction pooler may have been another server connection. Within one transaction the
server connection cannot change, so there the path is sent once, and again after anything that may undo it. Without
such a pooler the server connection is ours until it is closed or handed back, and what was sent lasts as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import psycopg
from django.db.backends.utils import CursorWrapper
from django_tenants.postgresql_backend import base
from django_tenants.utils import quote_schema_name
from psycopg.types.datetime import TimestamptzLoader

from tenants.postgresql.pool import LatestFirst

# Statements a server connection keeps the plan of, and after how many runs it begins to: a plan of a wide record is
# some hundred kilobytes, so what is asked once must not push out what is asked all the time.
PLANS_KEPT = 150
RUNS_BEFORE_PLAN = 2
# A statement that takes longer is shown to operators.
SLOW_SECONDS = 0.25


#: SQL and its parameters
Asked = tuple[str, Sequence[Any] | None]


def _rows(running: Any) -> list[tuple[Any, ...]]:
    return running.fetchall() if running.description else []


class _TimedCursor(CursorWrapper):
    """Django's cursor, with a look at the clock around each statement."""

    def _execute(self, sql: Any, params: Any, *ignored: Any) -> Any:
        started = perf_counter()
        try:
            return super()._execute(sql, params, *ignored)  # type: ignore[misc]  # unknown to the stubs
        finally:
            if (took := perf_counter() - started) > SLOW_SECONDS:
                self.db.report_slow(sql, took)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows how long its search path lasts, and runs compiled statements without the ORM's wrappers."""

    #: What a statement of the present request may take; behind a pooler it is said anew in each transaction.
    statement_timeout_ms: int | None = None

    @property
    def behind_pooler(self) -> bool:
        """Whether another server connection may serve the next transaction (`KONTOR_PGBOUNCER`)."""
        return bool(self.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"))

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A server connection that keeps plans, unless a pooler would hand them to somebody else."""
        connection = super().get_new_connection(conn_params)
        connection.prepare_threshold = None if self.behind_pooler else RUNS_BEFORE_PLAN
        connection.prepared_max = PLANS_KEPT
        return connection

    search_path_set_schemas: Any

    @property
    def pool(self) -> Any:
        """The process's pool, None without `OPTIONS["pool"]`: Django's own arrangement with our order of handing out."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if options and self.alias not in self._connection_pools:
            kwargs = self.get_connection_params() | {"autocommit": True}
            made = LatestFirst(kwargs=kwargs, open=False, configure=self._configure_connection, **options)
            self._connection_pools.setdefault(self.alias, made)
        return super().pool

    def connect(self) -> None:
        """A new server connection knows nothing of our path."""
        self.forget_search_path()
        super().connect()

    def fetch(self, sql: str, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows of one statement whose parameters go to the server apart, so that its plan can be kept there.

        `sql` names its schema in no way: the path decides, and a plan made under another path is made anew by the
        server. Whoever listens to statements (tests, tracing) hears of these too.
        """
        if self.queries_logged or self.execute_wrappers:
            with self.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []
        self.ensure_connection()
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:  # a connection the server has cut is told from our own mistakes
            self._handle_search_path()
        started = perf_counter()
        with self.wrap_database_errors:
            rows = _rows(self._sent(sql, parameters))
        if (took := perf_counter() - started) > SLOW_SECONDS:
            self.report_slow(sql, took)
        return rows

    def fetch_together(self, asked: Sequence[Asked]) -> list[list[tuple[Any, ...]]]:
        """Rows of several statements that do not need each other's, as `fetch` gives them; the server gets all at once."""
        if len(asked) < 2 or self.queries_logged or self.execute_wrappers:
            return [self.fetch(sql, parameters) for sql, parameters in asked]
        self.ensure_connection()
        self.validate_no_broken_transaction()
        with self.wrap_database_errors:
            self._handle_search_path()
        started = perf_counter()
        with self.wrap_database_errors:
            server: Any = self.connection
            with server.pipeline():
                running = [self._sent(sql, parameters) for sql, parameters in asked]
            rows = [_rows(cursor) for cursor in running]
        if (took := perf_counter() - started) > SLOW_SECONDS:
            self.report_slow("; ".join(sql for sql, _parameters in asked), took)
        return rows

    def _sent(self, sql: str, parameters: Sequence[Any] | None) -> Any:
        server: Any = self.connection
        running = psycopg.Cursor(server)
        # The driver's own reading of moments, compiled; Django's is Python for each value. Both give UTC.
        running.adapters.register_loader("timestamptz", TimestamptzLoader)
        running.execute(sql, parameters)
        return running

    def make_cursor(self, cursor: Any) -> _TimedCursor:
        """A cursor that reports what takes long."""
        return _TimedCursor(cursor, self)

    def report_slow(self, sql: Any, seconds: float) -> None:
        """Note a statement for the operators' health page."""
        from tenants import counting  # models are not loaded when the first connection is made

        counting.note_statement(sql, self.schema_name, seconds)

    def ask_on_path(self, columns: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        """The one row of `SELECT columns`, by the statement that sends the path where that is due.

        The server computes columns from left to right, so those asked for are computed on the new path. Behind a
        pooler the path goes ahead by itself, with what else belongs to a transaction.
        """
        self.ensure_connection()
        if self.behind_pooler or self._is_path_known():
            return self.fetch(f"SELECT {columns}", parameters or None)[0]
        schemas = self._get_cursor_search_paths()
        path = ", ".join(quote_schema_name(schema) for schema in schemas)
        self._setting_search_path = True
        try:
            row = self.fetch(f"SELECT set_config('search_path', %s, false), {columns}", [path, *parameters])[
                0
            ]
        finally:
            self._setting_search_path = False
        self.search_path_set_schemas = schemas
        return row[1:]

    def _is_path_known(self) -> bool:
        # Switching tenants, closing and both kinds of roll-back empty `search_path_set_schemas` (base class).
        return bool(self.search_path_set_schemas and (self.in_atomic_block or not self.behind_pooler))

    def _handle_search_path(self, cursor: Any = None) -> None:
        if self._is_path_known():
            return
        super()._handle_search_path(cursor)
        if (
            self.behind_pooler
            and self.in_atomic_block
            and self.statement_timeout_ms
            and self.search_path_set_schemas
        ):
            with self.connection.cursor() as raw:
                raw.execute(f"SET LOCAL statement_timeout = {int(self.statement_timeout_ms)}")

    def set_autocommit(self, *args: Any, **kwargs: Any) -> None:
        """Called where a transaction begins and where it ends: behind a pooler what was sent before counts no more."""
        if self.behind_pooler:
            self.forget_search_path()
        super().set_autocommit(*args, **kwargs)

    def commit(self) -> None:
        """A commit ends the transaction the path was sent in, also for code that does without `atomic`."""
        if self.behind_pooler:
            self.forget_search_path()
        super().commit()

    def forget_search_path(self) -> None:
        """Send the path again with the next statement; for code that has changed it by its own SQL."""
        self.search_path_set_schemas = None
