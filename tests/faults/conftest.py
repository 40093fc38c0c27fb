"""Ready workspaces, built once for a file instead of once for each of its tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tenants import pool
from tests import databases


@pytest.fixture(scope="module")
def build_stock(
    django_db_setup: None, django_db_blocker: Any, database_name: str
) -> Iterator[Callable[[int], None]]:
    """Call with a number before a test's transaction begins: that many ready workspaces are there and committed.

    A test uses them up in its transaction, whose end gives them back; one that really commits leaves a fresh
    database, in which the next call builds them anew. Tests of other files find none.
    """
    from django.db import connections

    def build(count: int) -> None:
        with django_db_blocker.unblock():
            pool.fill(count)

    yield build
    with django_db_blocker.unblock():
        connections.close_all()
        databases.create(database_name)


@pytest.fixture
def two_in_stock(build_stock: Callable[[int], None]) -> None:
    build_stock(2)


@pytest.fixture
def three_in_stock(build_stock: Callable[[int], None]) -> None:
    build_stock(3)
