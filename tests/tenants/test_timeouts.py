"""How long a statement may run: by plan for people, longer for jobs, and never a neighbour's (SAAS.md §5.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from tenants import timeouts
from tenants.context import activate, assert_workspace
from tenants.jobs import WorkspaceTask
from tenants.middleware import WorkspaceMiddleware
from tenants.models import Tenant
from tests.api_client import host_of

seen: list[str] = []


def _now() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@shared_task(base=WorkspaceTask, name="tests.note_timeout")
def note_timeout() -> None:
    seen.append(_now())


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    seen.clear()
    yield
    connection.statement_timeout_ms = None


def allow(tenant: Tenant, milliseconds: int | None) -> None:
    tenant.entitlements = {"limits": {"statement_ms": milliseconds}}
    Tenant.objects.filter(pk=tenant.pk).update(entitlements=tenant.entitlements)


def request(tenant: Tenant) -> str:
    """What a view of the workspace sees."""
    from tenants import hosts

    hosts.forget()
    middleware = WorkspaceMiddleware(lambda _request: HttpResponse(_now()))
    return middleware(RequestFactory(SERVER_NAME=host_of(tenant)).get("/")).content.decode()


def test_a_request_has_its_plans_time(other_workspace: Tenant, settings: Any) -> None:
    settings.KONTOR_STATEMENT_TIMEOUT_MS = 14_000
    allow(other_workspace, None)
    assert request(other_workspace) == "14s"  # its plan says nothing
    allow(other_workspace, 9_000)
    assert request(other_workspace) == "9s"
    allow(other_workspace, None)
    assert request(other_workspace) == "14s"  # the neighbour's word does not stay on the connection


def test_a_job_has_longer(other_workspace: Tenant, settings: Any) -> None:
    allow(other_workspace, 9_000)
    settings.KONTOR_JOB_STATEMENT_TIMEOUT_MS = 90_000
    note_timeout.apply(headers={"tenant_id": str(other_workspace.pk)}, throw=True)
    assert seen == ["90s"]
    assert timeouts.job_ms() > timeouts.request_ms(other_workspace)


def test_what_takes_longer_is_stopped(other_workspace: Tenant) -> None:
    with (
        activate(other_workspace),
        pytest.raises(OperationalError, match="statement timeout"),
        transaction.atomic(),
    ):
        assert_workspace(50)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")


@pytest.mark.real_commit
def test_behind_a_pooler_each_transaction_says_it_itself(
    workspace: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server connection may be another one in each transaction: what was said before counts for nothing."""
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 777000")  # somebody else left this on the server connection
    assert_workspace(9_000)
    with transaction.atomic():
        assert _now() == "9s"
        try:
            with transaction.atomic():
                _now()
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        assert _now() == "9s"  # a roll-back to a savepoint takes it away, and it is said again
    with transaction.atomic():
        assert _now() == "9s"
    assert _now() == "777s"  # nothing of ours stays on the server connection
