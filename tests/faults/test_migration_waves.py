"""A wave isolates failures, stops in time and can be resumed (ASP-30, F8)."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError

from tenants import locks, migration, wave_work, waves
from tenants.context import activate_public, current_schema
from tenants.models import PoolSchema, SchemaMigrationRun, Tenant, TenantMigration

real_commit = pytest.mark.real_commit

LAST = ("receipts", "0001_initial")


@pytest.fixture
def lagging(three_in_stock, database):
    """Five workspaces, oldest first, that miss the last migration of one app."""
    for number, row in enumerate(PoolSchema.objects.filter(state="ready").order_by("created_at")[:3]):
        Tenant.objects.create(
            schema_name=row.schema_name, name=f"Extra {number}", state="active", owner_email="x@example.com"
        )
    tenants = list(Tenant.objects.order_by("created_at"))
    for tenant in tenants:
        fall_behind(tenant)
    return tenants


def fall_behind(tenant: Tenant) -> None:
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(tenant.schema_name)
        cursor.execute(f"DELETE FROM {name}.django_migrations WHERE app = %s AND name = %s", LAST)
        cursor.execute(f"DROP TABLE {name}.receipts_task_receipt")


def break_schema(tenant: Tenant) -> None:
    """Makes the missing migration fail: its table is already there."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(tenant.schema_name)
        cursor.execute(f"CREATE TABLE {name}.receipts_task_receipt (odd int)")


def mend_schema(tenant: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {connection.ops.quote_name(tenant.schema_name)}.receipts_task_receipt")


def behind() -> list[str]:
    return migration.lagging_schemas(
        list(Tenant.objects.order_by("created_at").values_list("schema_name", flat=True))
    )


def test_lagging_schemas_are_found_by_one_statement(lagging, django_assert_max_num_queries):
    names = [tenant.schema_name for tenant in lagging]
    with django_assert_max_num_queries(4):
        assert migration.lagging_schemas(names) == names
    migration.migrate_schema(names[0])
    assert migration.lagging_schemas(names) == names[1:]
    assert migration.lagging_schemas(["t_doesnotexist"]) == ["t_doesnotexist"]
    assert current_schema() == "public"


def test_migrations_stay_inside_their_schema(lagging):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        before = cursor.fetchone()
        migration.migrate_schema(lagging[0].schema_name)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        assert cursor.fetchone() == before
        cursor.execute("SELECT to_regclass('public.receipts_task_receipt')")
        assert cursor.fetchone() == (None,)


def test_wave_over_all_workspaces(lagging):
    lines: list[str] = []
    run = waves.migrate_all(lines.append)
    assert run.state == "done"
    assert behind() == []
    assert list(run.tenants.order_by("id").values_list("wave", "state", "attempts")) == [
        (0, "done", 1),
        (1, "done", 1),
        (2, "done", 1),
        (2, "done", 1),
        (2, "done", 1),
    ]
    assert len(lines) == 5
    assert waves.migrate_all() is None, "nothing to do the second time"
    assert SchemaMigrationRun.objects.count() == 1


def test_failing_canary_stops_the_wave_at_once(lagging):
    break_schema(lagging[0])
    with pytest.raises(waves.WaveStopped):
        waves.migrate_all()
    run = SchemaMigrationRun.objects.get()
    assert run.state == "stopped"
    rows = dict(run.tenants.values_list("tenant_id", "state"))
    assert rows[lagging[0].pk] == "failed"
    assert [rows[tenant.pk] for tenant in lagging[1:]] == ["pending"] * 4
    assert "already exists" in run.tenants.get(tenant=lagging[0]).error
    assert len(behind()) == 5


def test_one_failing_workspace_does_not_keep_the_others_back(lagging):
    break_schema(lagging[2])
    run = waves.migrate_all(stop_at_failure_share=0.5)
    assert run.state == "done" and run.message == "1 failed."
    assert behind() == [lagging[2].schema_name]
    mend_schema(lagging[2])
    second = waves.migrate_all()
    assert second.pk != run.pk and second.tenants.count() == 1
    assert behind() == []


def test_too_many_failures_stop_the_wave_and_it_can_be_taken_up_again(lagging):
    break_schema(lagging[1])
    with pytest.raises(waves.WaveStopped, match="1 of 2"):
        waves.migrate_all()
    assert len(behind()) == 4, "49 new and 151 old are both served"
    mend_schema(lagging[1])
    assert waves.migrate_all().state == "done"
    assert behind() == []


@real_commit
def test_killed_run_is_resumed_where_it_stopped(lagging, monkeypatch):
    class Killed(BaseException):
        pass

    real = migration.migrate_schema
    done: list[str] = []

    def dying(schema_name, verbosity=0):
        if len(done) == 2:
            raise Killed
        real(schema_name, verbosity)
        done.append(schema_name)

    monkeypatch.setattr(migration, "migrate_schema", dying)
    with pytest.raises(Killed):
        waves.migrate_all()
    connection.close()
    run = SchemaMigrationRun.objects.get()
    assert run.state == "running"
    assert sorted(run.tenants.values_list("state", flat=True)) == [
        "done",
        "done",
        "pending",
        "pending",
        "running",
    ]
    monkeypatch.setattr(migration, "migrate_schema", real)
    resumed = waves.migrate_all()
    assert resumed.pk == run.pk and resumed.state == "done"
    assert behind() == []


def test_schema_that_is_missing_fails_alone(lagging):
    with activate_public():
        Tenant.objects.create(
            schema_name="t_ghost", name="Ghost", state="active", owner_email="g@example.com"
        )
    run = waves.migrate_all(stop_at_failure_share=0.5)
    assert run.tenants.get(tenant__name="Ghost").state == "failed"
    assert behind() == ["t_ghost"]


@real_commit
def test_second_roll_out_at_the_same_time_is_refused(lagging):
    errors: list[str] = []

    def other() -> None:
        try:
            waves.migrate_all()
        except RuntimeError as error:
            errors.append(str(error))
        finally:
            connection.close()

    with locks.held_alone(waves._RUN_LOCK) as alone:
        assert alone
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)
    assert errors == ["Another process is rolling out migrations."]


@real_commit
def test_locked_table_is_waited_for_shortly_and_tried_again(lagging, monkeypatch):
    monkeypatch.setattr(migration, "LOCK_TIMEOUT", "200ms")
    tenant = lagging[0]
    held, release = threading.Event(), threading.Event()

    def holder() -> None:
        own = connections.create_connection("default")
        own.settings_dict["NAME"] = connection.settings_dict["NAME"]
        try:
            with own.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(
                    f'LOCK TABLE "{tenant.schema_name}".django_migrations IN ACCESS EXCLUSIVE MODE'
                )
                held.set()
                release.wait(20)
                cursor.execute("ROLLBACK")
        finally:
            own.close()

    thread = threading.Thread(target=holder)

    def pause(_seconds: float) -> None:
        """Stands where an attempt waits for the next one: whoever holds the lock ends meanwhile."""
        release.set()
        thread.join(20)

    monkeypatch.setattr(wave_work, "time", SimpleNamespace(sleep=pause))
    thread.start()
    assert held.wait(10)
    row = TenantMigration(run=SchemaMigrationRun.objects.create(target="x"), tenant=tenant, wave=0)
    row.save()
    wave_work.migrate_tenant(row)
    row.refresh_from_db()
    assert row.state == "done" and row.attempts == 2
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_failing_migration_leaves_the_schema_as_it_was(lagging):
    break_schema(lagging[0])
    with pytest.raises(ProgrammingError, match="already exists"):
        migration.migrate_schema(lagging[0].schema_name)
    mend_schema(lagging[0])
    migration.migrate_schema(lagging[0].schema_name)
    assert lagging[0].schema_name not in behind()
