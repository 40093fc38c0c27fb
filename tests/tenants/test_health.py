"""The health page counts what happened, shows what waits, and gives failed work another chance (ASP-30 Monitor)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.db import connection
from django.test import Client
from django.utils import timezone

from onboarding.models import OutgoingMail
from tenants import counting, health, hosts, jobs, queues
from tenants.context import activate_public
from tenants.models import Operation, OperatorAudit, OwnerNotice, SlowStatement, Tenant, Traffic
from tenants.operator.models import Role
from tenants.postgresql import base
from tests.tenants import operators


@pytest.fixture(autouse=True)
def _nothing_counted(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts.forget()
    monkeypatch.setattr(queues, "lengths", lambda: [queues.Length("work", 0, None)])
    monkeypatch.setattr(jobs, "wake", lambda *_a, **_k: None)
    for counted in (counting._requests, counting._statements):
        counted.clear()


def test_requests_are_counted_per_workspace(workspace: Tenant, other_workspace: Tenant) -> None:
    with activate_public():
        client = Client(headers={"host": "acme.localhost"})
        for _number in range(3):
            client.get("/api/v1/session")
        other_workspace.requests_per_minute = 10
        other_workspace.save()
        neighbour = Client(headers={"host": "globex.localhost"})
        answers = [neighbour.get("/api/v1/session").status_code for _number in range(12)]
        counting.note_request(workspace.pk, 503, 1.5)
        assert counting.write() == 2 and counting.write() == 0
        rows = {row["tenant"].name: row for row in health.noisy()}
    acme, globex = rows["Acme Ltd"], rows["Globex GmbH"]
    assert (acme["requests"], acme["errors"], acme["refused"]) == (4, 1, 0) and acme["slowest"] == 1500
    assert globex["requests"] == 12 and globex["refused"] == answers.count(429) >= 1
    rate = health.error_rate(timedelta(hours=1))
    assert (rate.requests, rate.errors) == (16, 1) and rate.percent == 100 / 16


def test_two_processes_add_up(workspace: Tenant) -> None:
    for _process in range(2):
        counting.note_request(workspace.pk, 200, 0.1)
        counting.write()
    with activate_public():
        assert list(Traffic.objects.values_list("requests", "milliseconds")) == [(2, 200)]


def test_slow_statements_are_noted_without_values(workspace: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "SLOW_SECONDS", -1.0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'Erika Mustermann' AS name, 4711 WHERE 'a' IN ('x', 'y', 'z')")
    connection.fetch("SELECT 'secret'")
    monkeypatch.setattr(base, "SLOW_SECONDS", 60.0)
    counting.write()
    with activate_public():
        written = set(SlowStatement.objects.values_list("sql", flat=True))
        assert "SELECT ? AS name, ? WHERE ? IN (…)" in written and "SELECT ?" in written
        assert not any(word in sql for sql in written for word in ("Mustermann", "4711", "secret"))
        assert SlowStatement.objects.get(sql="SELECT ?").last_schema == workspace.schema_name
        source, shown = health.slow_statements()
    assert source in ("counted", "pg_stat_statements") and shown


def test_old_figures_are_forgotten(workspace: Tenant) -> None:
    now = timezone.now()
    with activate_public():
        Traffic.objects.create(tenant_id=workspace.pk, began_at=now - timedelta(days=8), requests=1)
        Traffic.objects.create(tenant_id=workspace.pk, began_at=now, requests=1)
        assert counting.purge() == 1 and Traffic.objects.count() == 1


def test_the_oldest_wake_up_tells_its_age(redis_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    sent = timezone.now() - timedelta(minutes=7)
    with redis.Redis.from_url(redis_server) as client:
        client.delete("operations")
        for moment in (sent, timezone.now()):
            client.lpush("operations", json.dumps({"headers": {jobs.SENT_HEADER: moment.isoformat()}}))
        try:
            found = {length.name: length for length in queues.lengths()}
        finally:
            client.delete("operations")
    assert found["operations"].waiting == 2 and found["operations"].oldest_at == sent
    assert found["jobs"].oldest_at is None


@pytest.mark.parametrize("message", [b"no json", b"{}", b'{"headers": null}', b'{"headers": {"sent_at": 5}}'])
def test_odd_messages_have_no_age(message: bytes) -> None:
    assert queues._oldest(message) is None


def test_the_page_stands_without_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise redis.ConnectionError

    monkeypatch.setattr(queues, "lengths", away)
    answer = operators.signed_in(role=Role.READ_ONLY).get("/health/")
    assert answer.status_code == 200 and b"Redis does not answer" in answer.content


def test_late_events_and_failed_jobs_of_workspaces_are_shown(other_workspace: Tenant) -> None:
    Tenant.objects.filter(pk=other_workspace.pk).update(
        usage={"outbox_oldest_seconds": 901.5, "jobs_failed": 3, "counted_at": timezone.now().isoformat()}
    )
    page = operators.facts(operators.signed_in().get("/health/").content)
    assert "901 s" in page and "Globex GmbH" in page and "Acme Ltd" not in page.split("Waiting inside")[1]


def failed_operation(tenant: Tenant | None, **values: Any) -> Operation:
    usual = {"kind": "back_up", "state": "failed", "requested_by": "schedule", "finished_at": timezone.now()}
    return Operation.objects.create(tenant=tenant, **{**usual, **values})


def test_failed_work_is_tried_again(other_workspace: Tenant) -> None:
    old, new = failed_operation(other_workspace, error="disk"), failed_operation(other_workspace, attempts=3)
    notice = OwnerNotice.objects.create(
        tenant=other_workspace, kind="x", to="a@example.com", subject="s", body="b", attempts=10
    )
    mail = OutgoingMail.objects.create(
        kind="x",
        to="a@example.com",
        subject="s",
        text="t",
        html="h",
        state="given_up",
        next_try_at=timezone.now(),
    )
    client = operators.signed_in()
    for name in ("operations", "notices", "mails"):
        assert client.post(f"/health/{name}/retry/").status_code == 302
    for row in (old, new, notice, mail):
        row.refresh_from_db()
    assert (old.state, new.state, new.attempts) == ("failed", "queued", 0), "one at a time per workspace"
    assert notice.attempts == 0 and mail.state == "waiting"
    assert OperatorAudit.objects.filter(act="backlog.retried").count() == 3
    for unknown in ("webhooks", "wishes"):  # webhooks are replayed on their own page
        assert client.post(f"/health/{unknown}/retry/").status_code == 404


def test_an_operation_under_way_is_not_disturbed(other_workspace: Tenant) -> None:
    row = failed_operation(other_workspace)
    failed_operation(other_workspace, state="running", finished_at=None, kind="export")
    assert queues.backlog("operations").retry("op@example.com") == 0  # type: ignore[misc]
    row.refresh_from_db()
    assert row.state == "failed"


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.BILLING, Role.READ_ONLY])
def test_only_who_runs_the_platform_tries_again(other_workspace: Tenant, role: str) -> None:
    row = failed_operation(other_workspace)
    assert operators.signed_in(role=role).post("/health/operations/retry/").status_code == 403
    row.refresh_from_db()
    assert row.state == "failed"


def test_figures_of_a_workspace_that_is_gone_do_not_break_the_page() -> None:
    counting.note_request(uuid4(), 200, 0.1)
    counting.write()
    assert operators.signed_in().get("/health/").status_code == 200
