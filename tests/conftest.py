"""Fixtures every test can use: two workspaces, and a database that is clean for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import databases


@pytest.fixture(scope="session")
def database_name(request: pytest.FixtureRequest) -> str:
    """Name of this test process's own database."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    return f"kontor_test_{databases.fingerprint()}_{worker}"


@pytest.fixture(scope="session")
def django_db_setup(database_name: str, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django's hook: gives this process a copy of the prepared database instead of migrating."""
    from django.conf import settings

    from saas.embedded import ensure_running

    ensure_running(settings.KONTOR_DATA, "postgres")
    with django_db_blocker.unblock():
        databases.create(database_name)
        databases.use(database_name)
    yield
    with django_db_blocker.unblock():
        databases.use("postgres")
        databases.drop(database_name)


@pytest.fixture
def committed_database(django_db_setup: None, django_db_blocker: Any, database_name: str) -> Iterator[None]:
    """A database the test may really commit to; it is replaced by a fresh copy afterwards."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()
        databases.create(database_name)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> None:
    """One transaction per test, rolled back; real commits for tests marked `real_commit`."""
    marked = request.node.get_closest_marker("real_commit")
    request.getfixturevalue("committed_database" if marked else "db")


def _tenant(slug: str) -> Any:
    from tenants.models import Tenant

    return Tenant.objects.get(domains__slug=slug)


@pytest.fixture
def other_workspace(database: None) -> Any:
    """The second workspace's tenant; not active. Host `globex.<base domain>`."""
    from tenants.context import activate_public

    with activate_public():
        return _tenant("globex")


@pytest.fixture
def workspace(database: None) -> Iterator[Any]:
    """The first workspace's tenant, active for the length of the test. Host `acme.<base domain>`."""
    from tenants.context import activate, activate_public

    with activate_public():
        tenant = _tenant("acme")
    with activate(tenant):
        yield tenant


@pytest.fixture(autouse=True)
def _public_afterwards(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test leaves its workspace active for the next one, nor its cache entries."""
    yield
    if "database" in request.fixturenames or "db" in request.fixturenames:
        from django.core.cache import cache
        from django.db import connection

        connection.set_schema_to_public()
        cache.clear()
