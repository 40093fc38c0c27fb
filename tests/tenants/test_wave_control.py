"""Waves and stock from the console: the same service a worker and the command line use (ASP-30 Upgrade)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tenants import hosts, jobs, migration, pool, provisioning, waves
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.models import Announcement, OperatorAudit, PoolTarget, Provisioning, SchemaMigrationRun, Tenant
from tenants.operator.models import Role
from tests.tenants import operators


@pytest.fixture
def woken(database: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks that were sent to a worker."""
    sent: list[str] = []
    monkeypatch.setattr(jobs, "wake", lambda task, *_a, **_k: sent.append(task.name))
    return sent


@pytest.fixture
def lagging(woken: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Five workspaces a level behind. ``broken`` holds the schemas whose migration fails."""
    hosts.forget()
    for number in range(3):
        Tenant.objects.create(
            schema_name=f"t_lag{number}", name=f"Extra {number}", state="active", owner_email="x@example.com"
        )
    names = list(Tenant.objects.order_by("created_at").values_list("schema_name", flat=True))
    behind, broken = set(names), set()

    def migrate(schema_name: str, verbosity: int = 0) -> None:
        if schema_name in broken:
            raise ValueError("column is odd")
        behind.discard(schema_name)

    monkeypatch.setattr(migration, "migrate_schema", migrate)
    monkeypatch.setattr(
        migration, "missing_migrations", lambda given: {name: 1 for name in given if name in behind}
    )
    yield {"names": names, "behind": behind, "broken": broken}
    hosts.forget()


def states(run: SchemaMigrationRun) -> list[str]:
    return list(run.tenants.order_by("wave", "id").values_list("state", flat=True))


def again(run: SchemaMigrationRun) -> SchemaMigrationRun:
    return SchemaMigrationRun.objects.get(pk=run.pk)


def test_started_on_the_console_done_by_a_worker(lagging: dict[str, Any], woken: list[str]) -> None:
    client = operators.signed_in()
    assert "5 workspaces are behind." in client.get("/platform/waves/start/").content.decode()
    assert client.post("/platform/waves/start/", {}).status_code == 302
    run = SchemaMigrationRun.objects.get()
    assert "tenants.advance_wave" in woken and run.requested_by == "op@example.com"
    assert lagging["behind"], "the request itself migrates nothing"
    assert waves.advance(run.pk) is False
    assert again(run).state == "done" and states(run) == ["done"] * 5 and not lagging["behind"]
    assert client.get(f"/platform/waves/{run.pk}/").status_code == 200
    assert OperatorAudit.objects.filter(act="wave.started").count() == 1
    refused = client.post("/platform/waves/start/", {})
    assert refused.status_code == 409 and b"up to date" in refused.content


def test_the_canary_group_goes_first_and_the_wave_waits_for_a_look(lagging: dict[str, Any]) -> None:
    Tenant.objects.filter(name__in=["Extra 1", "Extra 2"]).update(flags=["canary"])
    run = waves.plan("op@example.com", hold_after_canary=True)
    waves.advance(run.pk)
    assert again(run).state == "paused" and lagging["behind"] == set(lagging["names"]) - {"t_lag1", "t_lag2"}
    assert waves.advance(run.pk) is False and len(lagging["behind"]) == 3, "a paused run is left alone"
    assert waves.migrate_all().state == "paused", "by the command line too"
    client = operators.signed_in()
    assert client.post(f"/platform/waves/{run.pk}/go-on/").status_code == 302
    waves.advance(run.pk)
    assert again(run).state == "done" and not lagging["behind"]


def test_a_failure_stays_in_its_row_and_is_tried_again(lagging: dict[str, Any]) -> None:
    lagging["broken"].add("t_lag2")
    run = waves.plan("op@example.com")
    waves.advance(run.pk)
    assert again(run).state == "stopped" and states(run).count("failed") == 1
    client = operators.signed_in()
    page = client.get(f"/platform/waves/{run.pk}/?state=failed").content.decode()
    assert "ValueError: column is odd" in page and "Extra 2" in page and "Extra 1" not in page
    row = run.tenants.get(tenant__schema_name="t_lag2")
    lagging["broken"].clear()
    assert client.post(f"/platform/waves/{run.pk}/rows/{row.pk}/retry/").status_code == 302
    assert client.post(f"/platform/waves/{run.pk}/rows/{row.pk}/retry/").status_code == 409, (
        "it waits already"
    )
    assert client.post(f"/platform/waves/{run.pk}/go-on/").status_code == 302
    waves.advance(run.pk)
    assert again(run).state == "done" and not lagging["behind"]
    assert OperatorAudit.objects.filter(act="wave.retried", tenant_id=row.tenant_id).exists()


def test_going_on_without_the_failed_ones_does_not_stop_for_them_again(lagging: dict[str, Any]) -> None:
    lagging["broken"].add(lagging["names"][0])
    run = waves.plan("op@example.com")
    waves.advance(run.pk)
    assert again(run).state == "stopped" and len(lagging["behind"]) == 5
    client = operators.signed_in()
    assert client.post(f"/platform/waves/{run.pk}/go-on/").status_code == 302
    waves.advance(run.pk)
    assert again(run).state == "done" and again(run).message == "1 failed."
    assert lagging["behind"] == {lagging["names"][0]}
    lagging["broken"].clear()
    assert client.post(f"/platform/waves/{run.pk}/retry/").status_code == 409, "nothing is paused"
    row = run.tenants.get(state="failed")
    assert client.post(f"/platform/waves/{run.pk}/rows/{row.pk}/retry/").status_code == 302
    waves.advance(run.pk)
    assert not lagging["behind"] and again(run).state == "done"


def test_a_dated_wave_is_announced_and_begins_in_its_time(lagging: dict[str, Any], woken: list[str]) -> None:
    client, at = operators.signed_in(), timezone.now() + timedelta(hours=3)
    sent = {"starts_at": f"{at:%Y-%m-%dT%H:%M}", "announce_minutes": "30"}
    assert client.post("/platform/waves/start/", sent).status_code == 302
    run, told = SchemaMigrationRun.objects.get(), Announcement.objects.get()
    assert run.state == "waiting" and run.announcement == told
    assert (
        told.kind == "maintenance"
        and told.work_starts_at == run.starts_at
        and set(told.texts) == {"en", "de"}
    )
    assert told.texts["de"]["title"] == "Wir aktualisieren Ihren Arbeitsbereich"
    assert waves.advance(run.pk) is False and waves.take_up() == 0 and len(lagging["behind"]) == 5
    with time_machine.travel(at + timedelta(minutes=1)):
        assert waves.take_up() == 1
        waves.advance(run.pk)
    assert again(run).state == "done" and not lagging["behind"]
    told.refresh_from_db()
    assert told.ended_at is not None, "the maintenance is over when the wave is"


def test_pause_and_call_off(lagging: dict[str, Any]) -> None:
    run, client = waves.plan("op@example.com"), operators.signed_in()
    assert client.post(f"/platform/waves/{run.pk}/pause/").status_code == 302
    waves.advance(run.pk)
    assert len(lagging["behind"]) == 5
    assert client.post(f"/platform/waves/{run.pk}/call-off/").status_code == 302
    assert (
        again(run).state == "stopped" and client.post(f"/platform/waves/{run.pk}/pause/").status_code == 409
    )
    assert client.post(f"/platform/waves/{run.pk}/dance/").status_code == 404
    assert waves.plan("op@example.com").pk != run.pk


def test_a_worker_gives_its_process_back_in_between(lagging: dict[str, Any]) -> None:
    run = waves.plan("op@example.com")
    assert waves.advance(run.pk, seconds=0) is True and len(lagging["behind"]) == 5
    assert waves.advance(run.pk) is False and not lagging["behind"]


def test_a_run_whose_worker_died_is_taken_up(lagging: dict[str, Any], woken: list[str]) -> None:
    run = waves.plan("op@example.com")
    assert waves.take_up() == 0
    SchemaMigrationRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    run.tenants.filter(tenant__schema_name="t_lag0").update(state="running")
    assert waves.take_up() == 1
    waves.advance(run.pk)
    assert states(run) == ["done"] * 5


def test_one_wave_at_a_time_and_none_of_another_release(lagging: dict[str, Any], monkeypatch: Any) -> None:
    run = waves.plan("op@example.com")
    with pytest.raises(TenantRefusal) as refused:
        waves.plan("op2@example.com")
    assert refused.value.code == "wave.open"
    monkeypatch.setattr(migration, "current_level", lambda: "another")
    assert waves.advance(run.pk) is False and len(lagging["behind"]) == 5
    assert operators.signed_in().post(f"/platform/waves/{run.pk}/pause/").status_code == 409
    assert waves.plan("op@example.com").pk != run.pk
    assert again(run).message == "Replaced by a newer level."


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.BILLING, Role.READ_ONLY])
def test_others_look_and_change_nothing(lagging: dict[str, Any], role: str) -> None:
    run, client = waves.plan("op@example.com"), operators.signed_in(role=role)
    assert client.get(f"/platform/waves/{run.pk}/").status_code == 200
    for path in ("waves/start/", f"waves/{run.pk}/pause/", "target/", "refill/"):
        assert client.post(f"/platform/{path}", {"size": "9"}).status_code == 403
    assert again(run).state == "running" and not PoolTarget.objects.exists()


@pytest.mark.parametrize("sent", [{"starts_at": "soon"}, {"starts_at": "2001-01-01T00:00"}, {"starts_at": "2999-01-01T00:00"}, {"announce_minutes": "0"}, {"announce_minutes": "99999"}])  # fmt: skip
def test_bad_plans_start_nothing(lagging: dict[str, Any], sent: dict[str, str]) -> None:
    assert operators.signed_in().post("/platform/waves/start/", sent).status_code == 422
    assert not SchemaMigrationRun.objects.exists()


def test_stock_is_set_and_filled(woken: list[str], settings: Any) -> None:
    settings.KONTOR_POOL_SIZE = 3
    client = operators.signed_in()
    assert pool.target_size() == 3
    assert client.post("/platform/target/", {"size": "7"}).status_code == 302
    assert pool.target_size() == 7 and woken == ["tenants.fill_pool"]
    assert "/ 7" in operators.facts(client.get("/platform/").content)
    for bad in ("-1", "201", "x", ""):
        assert client.post("/platform/target/", {"size": bad}).status_code == 422
    assert client.post("/platform/refill/").status_code == 302 and len(woken) == 2
    assert OperatorAudit.objects.get(act="pool.target").details == {"before": 3, "size": 7}


def test_a_failed_sign_up_goes_on_behind_what_is_done(woken: list[str], monkeypatch: Any) -> None:
    with activate_public():
        wish = Provisioning.objects.create(
            idempotency_key="k", slug="stuckone", state="failed", error="seed: boom", attempts=5
        )
        wish.steps.create(name="claimed", state="done", attempts=1, duration_ms=4)
        wish.steps.create(name="domain", state="failed", attempts=5, error="ValueError: boom")
    client: Client = operators.signed_in()
    page = client.get(f"/platform/sign-ups/{wish.pk}/").content.decode()
    assert "ValueError: boom" in page and "seed: boom" in page
    assert operators.signed_in("ro@example.com", Role.READ_ONLY).post(
        f"/platform/sign-ups/{wish.pk}/retry/"
    ).status_code == 403  # fmt: skip
    assert client.post(f"/platform/sign-ups/{wish.pk}/retry/").status_code == 302
    wish.refresh_from_db()
    assert (wish.state, wish.attempts) == ("pending", 0) and woken == ["tenants.provision"]
    assert client.post(f"/platform/sign-ups/{wish.pk}/retry/").status_code == 409
    assert [name for name, state in provisioning.progress(wish) if state == "done"] == ["claimed"]
