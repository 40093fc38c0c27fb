"""A process works with the connection it used last, and gives up those it did not need (SAAS.md §0.6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper as Django

from tenants.postgresql.base import DatabaseWrapper
from tenants.postgresql.pool import LatestFirst


class Pretended:
    """A connection as far as the pool's bookkeeping looks at it."""

    _pool: Any = None


def filled(number: int) -> tuple[LatestFirst, list[Any]]:
    pool = LatestFirst("", min_size=1, max_size=number, open=False)
    kept: list[Any] = [Pretended() for _ in range(number)]
    pool._pool.extend(kept)
    return pool, kept


def test_the_last_to_come_back_is_the_next_to_go() -> None:
    pool, (first, second, third) = filled(3)
    assert pool._get_ready_connection(1.0) is third
    assert pool._get_ready_connection(1.0) is second
    pool._pool.append(third)  # as the pool puts back
    assert pool._get_ready_connection(1.0) is third
    assert pool._get_ready_connection(1.0) is first
    assert pool._get_ready_connection(1.0) is None


def test_the_one_that_rested_longest_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, (first, second, third) = filled(3)
    closed: list[Any] = []
    monkeypatch.setattr(pool, "_close_connection", closed.append)
    pool._nconns, pool._nconns_min = 3, 1
    pool._pool.append(pool._get_ready_connection(1.0))
    pool._shrink_pool()
    assert closed == [first] and list(pool._pool) == [second, third]


@pytest.mark.django_db
def test_the_order_is_that_of_the_products_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {**connections["default"].settings_dict}
    settings["OPTIONS"] = {**settings["OPTIONS"], "pool": {"min_size": 1, "max_size": 2}}
    settings |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    monkeypatch.setattr(Django, "_connection_pools", {})
    one, other = DatabaseWrapper(settings, "pooled"), DatabaseWrapper(settings, "pooled")
    try:
        assert isinstance(one.pool, LatestFirst) and other.pool is one.pool
        servers = [_server(one), _server(other)]  # both busy: two server processes
        assert len(set(servers)) == 2
        one.close()
        other.close()
        for _ in range(3):
            assert _server(one) == servers[1]
            one.close()
    finally:
        one.close()
        other.close()
        one.close_pool()


def test_without_a_pool_there_is_none() -> None:
    assert connections["default"].pool is None  # type: ignore[attr-defined]


def _server(wrapper: DatabaseWrapper) -> int:
    wrapper.ensure_connection()
    return int(wrapper.connection.info.backend_pid)
