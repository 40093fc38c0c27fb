"""Background work runs in the workspace it was meant for, or not at all (T12, T13, F14, F15)."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import celery
import pytest
from celery import shared_task
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from tenants import jobs
from tenants.context import TenancyError, activate, activate_public, current_schema, current_tenant
from tenants.identity.models import User
from tenants.jobs import PublicTask, TaskRefused, WorkspaceTask
from tenants.models import SweepRun, Tenant, TenantState
from tenants.models.tenant import REACHABLE_STATES
from tenants.receipts.models import TaskReceipt
from tests.threads import at_once

ran: list[tuple] = []


@shared_task(base=WorkspaceTask, name="tests.note")
def note(value=None):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schemas(false)")
        path = cursor.fetchone()[0]
    ran.append((value, path, connection.in_atomic_block))


@shared_task(base=WorkspaceTask, name="tests.add_user_and_fail")
def add_user_and_fail():
    User.objects.create_user("half@example.com")
    raise ZeroDivisionError


@shared_task(base=WorkspaceTask, name="tests.mail", allowed_states=REACHABLE_STATES)
def mail_to_suspended():
    ran.append(("mail", current_schema()))


@shared_task(base=PublicTask, name="tests.public_note")
def public_note():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schemas(false)")
        ran.append(("public", cursor.fetchone()[0]))


@shared_task(base=celery.Task, name="tests.plain")
def plain():
    ran.append(("plain",))


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()
    yield
    ran.clear()


def run(task, *args, **headers):
    """Run a task the way a worker does, with these headers. Raises what the body raises."""
    return task.apply(args=args, headers=headers or None, throw=True).get()


def test_body_runs_in_its_workspace_and_in_a_transaction(other_workspace):
    run(note, 7, tenant_id=str(other_workspace.pk))
    assert ran == [(7, [other_workspace.schema_name, "ext"], True)]
    assert current_schema() == "public"


def test_task_restores_the_workspace_that_was_active(workspace, other_workspace):
    run(note, tenant_id=str(other_workspace.pk))
    assert current_tenant() == workspace


ODD_HEADERS = [
    None, "", "public", "pg_catalog", 't_x","public', "t_testworkspace1", "0", 0, True, [], {}, "' OR 1=1",
    "00000000-0000-0000-0000-000000000000", "{%s}", "%s ", "%s\n", "urn:uuid:%s", "upper",
]  # fmt: skip


@pytest.mark.parametrize("header", ODD_HEADERS)
def test_odd_tenant_header_is_refused_and_the_body_does_not_run(workspace, header):
    if isinstance(header, str) and "%s" in header:
        header = header % workspace.pk
    if header == "upper":
        header = str(workspace.pk).upper()
    with pytest.raises(TaskRefused):
        run(note, tenant_id=header)
    assert ran == []


def test_task_without_header_is_refused(workspace):
    for call in (lambda: run(note), lambda: note(), lambda: run(note, other="x")):
        with pytest.raises(TaskRefused):
            call()
    assert ran == []


def test_schema_name_is_no_header(workspace):
    with pytest.raises(TaskRefused):
        run(note, tenant_id=workspace.schema_name)


@pytest.mark.parametrize(
    "state",
    [TenantState.SUSPENDED, TenantState.EXPIRED, TenantState.CANCELED, TenantState.DELETED, "provisioning"],
)
def test_task_of_a_workspace_at_rest_is_refused(other_workspace, state):
    with activate_public():
        Tenant.objects.filter(pk=other_workspace.pk).update(state=state)
    with pytest.raises(TaskRefused, match=str(state)):
        run(note, tenant_id=str(other_workspace.pk))
    assert ran == []


def test_task_of_a_deleted_tenant_is_refused(workspace):
    with pytest.raises(TaskRefused, match="does not exist"):
        run(note, tenant_id=str(uuid.uuid4()))


def test_task_may_allow_more_states(other_workspace):
    with activate_public():
        Tenant.objects.filter(pk=other_workspace.pk).update(state=TenantState.SUSPENDED)
    run(mail_to_suspended, tenant_id=str(other_workspace.pk))
    assert ran == [("mail", other_workspace.schema_name)]


def test_tenant_whose_schema_is_gone_is_refused(database):
    with activate_public():
        ghost = Tenant.objects.create(
            schema_name="t_ghost", name="Ghost", state="active", owner_email="g@x.example"
        )
    with pytest.raises(TenancyError, match="resolves to"):
        run(note, tenant_id=str(ghost.pk))
    assert ran == []


def test_failing_body_leaves_nothing(other_workspace):
    with pytest.raises(ZeroDivisionError):
        run(add_user_and_fail, tenant_id=str(other_workspace.pk))
    with activate(other_workspace):
        assert not User.objects.filter(email="half@example.com").exists()


def test_keyed_task_runs_once_per_workspace(workspace, other_workspace):
    for tenant in (workspace, workspace, other_workspace):
        run(note, tenant_id=str(tenant.pk), idempotency_key="invoice:1")
    run(note, tenant_id=str(workspace.pk), idempotency_key="invoice:2")
    assert len(ran) == 3
    assert TaskReceipt.objects.count() == 2


def test_key_is_free_again_when_the_body_failed(other_workspace):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            run(add_user_and_fail, tenant_id=str(other_workspace.pk), idempotency_key="k")


def test_public_task(workspace):
    run(public_note)
    assert ran == [("public", ["public", "ext"])]
    assert current_tenant() == workspace
    with pytest.raises(TaskRefused):
        run(public_note, tenant_id=str(workspace.pk))
    assert len(ran) == 1


@pytest.fixture
def sent(monkeypatch):
    """What was handed to the broker: (task name, args, headers, countdown)."""
    calls: list[tuple] = []

    def apply_async(task, args=(), kwargs=None, headers=None, countdown=None, **_options):
        headers = dict(headers)
        assert (
            datetime.fromisoformat(headers.pop(jobs.SENT_HEADER)).tzinfo is not None
        )  # how long it waited is shown
        calls.append((task.name, args, headers, countdown))

    monkeypatch.setattr(jobs, "_broker_away_until", 0.0)
    monkeypatch.setattr("celery.app.task.Task.apply_async", apply_async)
    return calls


def test_wake_waits_for_the_commit_and_names_the_workspace(
    workspace, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        jobs.wake(note, 1, key="k")
        assert sent == []
    assert sent == [("tests.note", (1,), {"tenant_id": str(workspace.pk), "idempotency_key": "k"}, None)]


def test_wake_names_the_workspace_of_the_call_not_of_the_commit(
    workspace, other_workspace, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), activate(other_workspace):
        jobs.wake(note)
    assert sent[0][2] == {"tenant_id": str(other_workspace.pk)}


def test_nothing_is_sent_when_the_transaction_rolls_back(workspace, sent, django_capture_on_commit_callbacks):
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(ZeroDivisionError),
        transaction.atomic(),
    ):
        jobs.wake(note)
        raise ZeroDivisionError
    assert sent == []


def test_workspace_task_cannot_be_woken_outside_a_workspace(database, sent):
    with pytest.raises(TenancyError):
        jobs.wake(note)
    with pytest.raises(TenancyError, match="base"):
        jobs.wake(plain)
    assert sent == []


def test_wake_survives_a_dead_broker_and_leaves_it_alone_for_a_while(
    workspace, monkeypatch, django_capture_on_commit_callbacks
):
    tries: list[str] = []

    def refuse(task, **_options):
        tries.append(task.name)
        raise BrokerError("connection refused")

    monkeypatch.setattr(jobs, "_broker_away_until", 0.0)
    monkeypatch.setattr("celery.app.task.Task.apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            jobs.wake(note)
    assert tries == ["tests.note"]
    monkeypatch.setattr(jobs, "_broker_away_until", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.wake(note)
    assert len(tries) == 2


@pytest.fixture
def sweeps(monkeypatch):
    monkeypatch.setattr(jobs, "_sweeps", {})


def test_sweep_is_dispatched_once_per_interval(database, sweeps, sent, time_machine):
    time_machine.move_to("2026-11-22T10:00:00Z", tick=False)
    jobs.register_sweep("s", 60, lambda: None)
    jobs.register_public_sweep("p", 600, lambda: None)
    assert run(jobs.dispatch_sweeps) == 2
    assert sorted(call[0] for call in sent) == ["tenants.run_public_sweep", "tenants.run_sweep_page"]
    assert run(jobs.dispatch_sweeps) == 0
    time_machine.shift(61)
    assert run(jobs.dispatch_sweeps) == 1
    assert SweepRun.objects.get(pk="s").rounds == 2


def test_clock_set_back_does_not_stop_sweeps(database, sweeps, sent, time_machine):
    time_machine.move_to("2026-11-22T10:00:00Z", tick=False)
    jobs.register_public_sweep("p", 60, lambda: None)
    assert run(jobs.dispatch_sweeps) == 1
    time_machine.move_to("2026-11-22T09:00:00Z", tick=False)
    assert run(jobs.dispatch_sweeps) == 1


@pytest.mark.real_commit
def test_eight_schedulers_at_once_start_one_round(database, monkeypatch):
    sweep = jobs.Sweep("shared", 3600, lambda: None, is_public=True)

    def schedule() -> bool:
        with activate_public():
            return jobs._take_round(sweep)

    started = at_once([schedule] * 8)
    assert sorted(started) == [False] * 7 + [True]


def test_sweep_visits_working_workspaces_only_and_goes_on_after_a_failure(
    workspace, other_workspace, sweeps, sent, monkeypatch
):
    seen: list[str] = []

    def body():
        seen.append(current_schema())
        if current_schema() == workspace.schema_name:
            User.objects.create_user("half@example.com")
            raise ZeroDivisionError

    with activate_public():
        for number, state in enumerate(["suspended", "deleted", "provisioning"]):
            Tenant.objects.create(
                schema_name=f"t_rest{number}", name="x", state=state, owner_email="x@example.com"
            )
        jobs.register_sweep("s", 60, body)
        run(jobs.dispatch_sweeps)
    (name, args, headers, _countdown) = sent[0]
    assert (name, headers) == ("tenants.run_sweep_page", {})
    assert run(jobs.run_sweep_page, *args) == len(args[1]) - 1
    assert {workspace.schema_name, other_workspace.schema_name} <= set(seen)
    assert not [schema for schema in seen if schema.startswith("t_rest")]
    assert not User.objects.filter(email="half@example.com").exists()


def test_many_workspaces_are_paged_and_spread(database, sweeps, sent):
    Tenant.objects.bulk_create(
        Tenant(schema_name=f"t_many{n}", name="x", state="active", owner_email="x@example.com")
        for n in range(120)
    )
    jobs.register_sweep("s", 60, lambda: None)
    run(jobs.dispatch_sweeps)
    assert [len(call[1][1]) for call in sent] == [50, 50, Tenant.objects.filter(state="active").count() - 100]
    delays = [call[3] or 0 for call in sent]
    assert delays == sorted(delays) and 0 < delays[1] < delays[2] < 60


def test_receipts_are_purged(workspace):
    TaskReceipt.objects.create(pk="old")
    TaskReceipt.objects.update(done_at=timezone.now() - timedelta(days=31))
    TaskReceipt.objects.create(pk="new")
    jobs.purge_receipts()
    assert list(TaskReceipt.objects.values_list("pk", flat=True)) == ["new"]


def test_usage_is_pushed_to_the_control_data(workspace):
    from tenants import usage

    User.objects.create_user("second@example.com")
    expected = User.objects.filter(is_active=True).count()
    usage.push()
    with activate_public():
        stored = Tenant.objects.get(pk=workspace.pk).usage
    assert stored["users"] == expected
    assert stored["database_bytes"] > 100_000
