"""Counts requests per workspace and slow statements in memory; a thread of each web process writes them down.

A request pays some additions for it and no statement. What a killed process had not written yet (seconds) is lost:
these are figures to look at, nothing is decided by them.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tenants.context import activate_public
from tenants.models import SlowStatement, Traffic

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 300
WRITE_EVERY_SECONDS = 10.0
#: Different slow statements kept between two writings; one process never sees so many.
MOST_STATEMENTS = 200
LONGEST_SQL = 2000
KEEP = timedelta(days=7)

_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_SPACES = re.compile(r"\s+")
_LIST = re.compile(r"\((?:\?|%s)(?:\s*,\s*(?:\?|%s))+\)")


@dataclass
class _Requests:
    requests: int = 0
    errors: int = 0
    refused: int = 0
    milliseconds: float = 0.0
    slowest: float = 0.0


@dataclass
class _Statement:
    sql: str
    schema: str
    calls: int = 0
    milliseconds: float = 0.0
    slowest: float = 0.0


_lock = threading.Lock()
_requests: dict[tuple[int, UUID], _Requests] = {}
_statements: dict[str, _Statement] = {}
_thread: threading.Thread | None = None


def note_request(tenant_id: UUID, status: int, seconds: float, *, is_refused: bool = False) -> None:
    """Count one answer of a workspace's host."""
    key = (int(time.time()) // WINDOW_SECONDS * WINDOW_SECONDS, tenant_id)
    took = seconds * 1000
    with _lock:
        row = _requests.setdefault(key, _Requests())
        row.requests += 1
        row.errors += status >= 500
        row.refused += is_refused
        row.milliseconds += took
        row.slowest = max(row.slowest, took)


def note_statement(sql: object, schema: str, seconds: float) -> None:
    """Note a statement that took long (`postgresql.base.SLOW_SECONDS`), without the values in it."""
    text = without_values(str(sql))
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    took = seconds * 1000
    with _lock:
        if fingerprint not in _statements and len(_statements) >= MOST_STATEMENTS:
            return
        row = _statements.setdefault(fingerprint, _Statement(text, schema))
        row.calls += 1
        row.milliseconds += took
        row.slowest = max(row.slowest, took)
        row.schema = schema


def without_values(sql: str) -> str:
    """The statement with ``?`` for every literal: what people entered does not belong on the provider's screens."""
    plain = _SPACES.sub(" ", _LITERAL.sub("?", sql)).strip()
    return _LIST.sub("(…)", plain)[:LONGEST_SQL]


def write() -> int:
    """Add what was counted since the last time to the tables. Returns how many rows."""
    with _lock:
        requests, statements = dict(_requests), dict(_statements)
        _requests.clear()
        _statements.clear()
    if not requests and not statements:
        return 0
    with activate_public(), transaction.atomic(), connection.cursor() as cursor:
        # In one order, so that two processes that write at once wait for each other and do not lock each other out.
        cursor.executemany(
            """INSERT INTO tenants_traffic AS t (tenant_id, began_at, requests, errors, refused, milliseconds, slowest)
               VALUES (%s, %s, %s, %s, %s, %s, %s)
               ON CONFLICT (began_at, tenant_id) DO UPDATE SET requests = t.requests + excluded.requests,
                 errors = t.errors + excluded.errors, refused = t.refused + excluded.refused,
                 milliseconds = t.milliseconds + excluded.milliseconds, slowest = greatest(t.slowest, excluded.slowest)""",
            [
                (tenant, datetime.fromtimestamp(began, UTC), row.requests, row.errors, row.refused, int(row.milliseconds), int(row.slowest))
                for (began, tenant), row in sorted(requests.items(), key=lambda item: (item[0][0], str(item[0][1])))
            ],
        )  # fmt: skip
        now = timezone.now()
        cursor.executemany(
            """INSERT INTO tenants_slow_statement AS s (fingerprint, sql, calls, milliseconds, slowest, last_at, last_schema)
               VALUES (%s, %s, %s, %s, %s, %s, %s)
               ON CONFLICT (fingerprint) DO UPDATE SET calls = s.calls + excluded.calls,
                 milliseconds = s.milliseconds + excluded.milliseconds, slowest = greatest(s.slowest, excluded.slowest),
                 last_at = excluded.last_at, last_schema = excluded.last_schema""",
            [
                (key, row.sql, row.calls, int(row.milliseconds), int(row.slowest), now, row.schema)
                for key, row in sorted(statements.items())
            ],
        )  # fmt: skip
    return len(requests) + len(statements)


def start() -> None:
    """Have a thread of this process write every ten seconds. Repeating is harmless."""
    global _thread
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_keep_writing, name="counting", daemon=True)
        _thread.start()


def _keep_writing() -> None:
    while True:
        time.sleep(WRITE_EVERY_SECONDS)
        try:
            write()
        except DatabaseError as error:
            logger.warning("Figures of requests were not written: %s", error)
        except Exception:
            logger.exception("Figures of requests were not written")
        finally:
            connection.close()


def purge() -> int:
    """Sweep: forget what is older than a week. Returns how many rows."""
    before = timezone.now() - KEEP
    with activate_public():
        gone = Traffic.objects.filter(began_at__lt=before).delete()[0]
        return gone + SlowStatement.objects.filter(last_at__lt=before).delete()[0]
