"""Work only one process does at a time, held by the database server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tenants.context import activate_public


@contextmanager
def held_alone(key: int) -> Iterator[bool]:
    """Work in public while this process holds the lock `key`; yields False, at once, when another one does.

    The server lets go of it when this process dies.
    """
    with activate_public():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            held = cursor.fetchone()[0]
        try:
            yield held
        finally:
            if held:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
