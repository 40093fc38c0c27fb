"""Provisioning that is stopped anywhere resumes, or is removed without a trace (ASP-10.2, F7)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction
from django.db.models import Max
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants import cloning, locks, migration, pool, provisioning, provisioning_steps
from tenants.context import activate, activate_public
from tenants.errors import TenantRefusal
from tenants.identity.models import User
from tenants.models import (
    Domain,
    PoolSchema,
    Provisioning,
    ProvisioningStep,
    TemplateSchema,
    Tenant,
    TenantState,
)
from tests.threads import at_once

real_commit = pytest.mark.real_commit


@pytest.fixture
def stock(two_in_stock, database):
    """Two ready workspaces."""
    assert pool.ready_count() == 2


@pytest.fixture
def own_steps(monkeypatch):
    """Only the steps of this test between the built-in ones."""
    monkeypatch.setattr(provisioning_steps, "_registered", {})


def wish(slug: str = "northwind", **more) -> Provisioning:
    data = {"slug": slug, "name": "North Wind", "owner_email": "Ann@Example.com", "owner_name": "Ann", **more}
    return provisioning.request_workspace(data, key=f"test:{slug}")


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'")
        return {row[0] for row in cursor.fetchall()}


def test_workspace_is_made_from_the_stock(stock, own_steps):
    request = wish(
        country="DE",
        language="de",
        currency="EUR",
        time_zone="Europe/Berlin",
        plan_code="starter",
        password_hash=make_password("correct horse battery"),
    )
    ready = set(PoolSchema.objects.filter(state="ready").values_list("schema_name", flat=True))
    tenant = provisioning.provision(request.pk)
    assert tenant.schema_name in ready  # claimed, not built: that is what makes it quick
    tenant.refresh_from_db()
    assert (tenant.state, tenant.name, tenant.country, tenant.currency) == (
        "trialing",
        "North Wind",
        "DE",
        "EUR",
    )
    assert abs(tenant.trial_ends_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert tenant.schema_name.startswith("t_") and "north" not in tenant.schema_name
    assert Domain.objects.get(slug="northwind").tenant == tenant
    with activate(tenant):
        owner = User.objects.get()
        assert (owner.email, owner.full_name, owner.is_admin) == ("ann@example.com", "Ann", True)
        assert check_password("correct horse battery", owner.password)
    request.refresh_from_db()
    assert request.state == "done" and "password_hash" not in request.request_data
    assert provisioning.progress(request) == [(n, "done") for n in ("claimed", "domain", "owner", "done")]


def test_repeating_a_finished_provisioning_changes_nothing(stock, own_steps):
    request = wish()
    first = provisioning.provision(request.pk)
    before = (pool.ready_count(), Tenant.objects.count(), ProvisioningStep.objects.count())
    assert provisioning.provision(request.pk) == first
    assert (pool.ready_count(), Tenant.objects.count(), ProvisioningStep.objects.count()) == before


def test_double_submit_is_one_request(stock):
    assert wish().pk == wish().pk
    with pytest.raises(TenantRefusal, match="name_taken"):
        provisioning.request_workspace({"slug": "northwind", "owner_email": "b@example.com"}, key="other")


class Killed(BaseException):
    """Like the death of the process: nothing catches it, the open transaction is rolled back."""


KILL_POINTS = ["claimed", "domain", "owner", "seed", "mail", "done"]


@pytest.mark.parametrize("after", KILL_POINTS)
@pytest.mark.parametrize("moment", ["before", "inside"])
@pytest.mark.parametrize("portions", ["together", "one by one", "two"])
def test_killed_provisioning_resumes_behind_the_last_finished_portion(
    stock, own_steps, monkeypatch, after, moment, portions
):
    """Killed before a step starts, and killed inside it after its effects and before its commit."""
    calls: list[str] = []

    def seed(tenant, data):
        calls.append("seed")
        User.objects.create_user("seeded@example.com")

    takes_long = {"takes_long": lambda data: data["name"] == "North Wind"} if portions == "two" else {}
    provisioning.register_step("seed", seed, order=100, **takes_long)
    provisioning.register_step("mail", lambda tenant, data: calls.append("mail"), order=900)
    if portions == "one by one":
        monkeypatch.setattr(provisioning, "_portions", lambda _id: [(name,) for name in KILL_POINTS])
    real = provisioning.perform

    def dying(request, name):
        if name == after and moment == "before":
            raise Killed
        real(request, name)
        if name == after:
            raise Killed

    request = wish()
    monkeypatch.setattr(provisioning, "perform", dying)
    with pytest.raises(Killed):
        provisioning.provision(request.pk)
    position = KILL_POINTS.index(after)
    whole = {"together": [0], "two": [0, 3, 4], "one by one": range(6)}[portions]
    kept = KILL_POINTS[: max(start for start in whole if start <= position)]
    assert [name for name, state in provisioning.progress(request) if state == "done"] == kept
    monkeypatch.setattr(provisioning, "perform", real)
    tenant = provisioning.provision(request.pk)
    assert Tenant.objects.get(pk=tenant.pk).state == TenantState.TRIALING
    assert Domain.objects.filter(tenant=tenant).count() == 1
    assert Tenant.objects.filter(name="North Wind").count() == 1
    assert PoolSchema.objects.filter(state="claimed", provisioning_id=request.pk).count() == 1
    assert pool.ready_count() == 1, "no second schema was taken"
    with activate(tenant):
        assert sorted(User.objects.values_list("email", flat=True)) == [
            "ann@example.com",
            "seeded@example.com",
        ]
    assert all(state == "done" for _name, state in provisioning.progress(request))


def test_failing_step_is_noted_retried_and_given_up(stock, own_steps):
    def broken(tenant, data):
        User.objects.create_user("half@example.com")
        raise ValueError("price list is missing")

    provisioning.register_step("seed", broken, order=100)
    request = wish()
    for attempt in range(1, provisioning.MAX_ATTEMPTS + 1):
        with pytest.raises(provisioning.ProvisioningFailed, match="seed"):
            provisioning.provision(request.pk)
        request.refresh_from_db()
        assert request.attempts == attempt
    assert request.state == "failed" and "price list is missing" in request.error
    with activate(request.tenant):
        assert not User.objects.filter(email="half@example.com").exists()
    with pytest.raises(TenantRefusal, match="name_taken"):
        provisioning.request_workspace({"slug": "northwind", "owner_email": "b@example.com"}, key="other")


def test_steps_before_a_failing_one_are_kept_and_not_run_again(stock, own_steps):
    """Together they were undone with it; one by one they stay."""
    calls: list[str] = []
    provisioning.register_step("seed", lambda t, d: calls.append("seed"), order=100)
    provisioning.register_step("mail", lambda t, d: calls.append("mail") or 1 / 0, order=900)
    request = wish()
    with pytest.raises(provisioning.ProvisioningFailed, match="mail"):
        provisioning.provision(request.pk)
    assert provisioning.progress(request) == [
        *((name, "done") for name in KILL_POINTS[:4]), ("mail", "failed"), ("done", "waiting")]  # fmt: skip
    assert calls == ["seed", "mail", "seed", "mail"]
    calls.clear()
    provisioning.register_step("mail", lambda t, d: calls.append("mail"), order=900)
    provisioning.provision(request.pk)
    assert calls == ["mail"]


#: Statements of a claim with all delivered steps, BEGIN and COMMIT included: each is a round trip somebody waits for.
MOST_STATEMENTS = 36


def test_claim_writes_only_what_the_stock_cannot_know(stock):
    """Roles, root unit and duplicate rules are in the stock; the claim is one transaction of few statements."""
    row = PoolSchema.objects.filter(state="ready").first()
    with activate(Tenant(schema_name=row.schema_name, name="x")), connection.cursor() as cursor:
        cursor.execute(
            "select (select count(*) from security_role), (select count(*) from records_duplicaterule),"
            " (select count(*) from security_businessunit), (select count(*) from security_systemuser)"
        )
        roles, rules, units, people = cursor.fetchone()
    assert (roles, units, people) == (17, 1, 0) and rules > 0
    request = wish(country="DE", currency="JPY")
    with CaptureQueriesContext(connection) as captured:
        tenant = provisioning.provision(request.pk)
    assert len(captured) <= MOST_STATEMENTS, [q["sql"][:150] for q in captured]
    with activate(tenant), connection.cursor() as cursor:
        cursor.execute(
            "select o.name, o.currency, c.precision, u.name, p.full_name, r.key from metadata_organization o,"
            " metadata_currency c, security_businessunit u, security_systemuser p join security_roleassignment a"
            " on a.principal_id = p.id join security_role r on r.id = a.role_id"
        )
        assert cursor.fetchall() == [("North Wind", "JPY", 0, "North Wind", "Ann", "system_administrator")]


def test_stock_of_other_delivered_data_is_replaced(stock, monkeypatch):
    """A release that delivers other roles builds the stock anew; nobody gets yesterday's."""
    old = set(PoolSchema.objects.filter(state="ready").values_list("schema_name", flat=True))
    known = dict(pool._preparations)
    monkeypatch.setattr(pool, "_preparations", known)
    before = pool.level()
    pool.register_preparation("crm", known["crm"].run, version=lambda: "another", order=100)
    try:
        assert pool.level() != before and pool.ready_count() == 0
        assert pool.fill(1) == 1
        assert not old & set(PoolSchema.objects.filter(state="ready").values_list("schema_name", flat=True))
    finally:
        pool._level_of.cache_clear()


def test_delivered_rules_are_called_in_the_language_of_the_workspace(stock):
    def names(tenant) -> set[str]:
        with activate(tenant), connection.cursor() as cursor:
            cursor.execute("select name from records_duplicaterule where key = 'account>account:name'")
            return {row[0] for row in cursor.fetchall()}

    english = names(provisioning.provision(wish(language="en").pk))
    german = names(provisioning.provision(wish("nordwind-zwei", language="de").pk))
    assert len(english) == len(german) == 1 and english != german


def test_given_up_provisioning_is_removed_without_a_trace(stock, own_steps):
    provisioning.register_step("seed", lambda t, d: 1 / 0, order=100)
    before = schemas()
    request = wish()
    for _ in range(provisioning.MAX_ATTEMPTS):
        with pytest.raises(provisioning.ProvisioningFailed):
            provisioning.provision(request.pk)
    assert provisioning.reap() == 0, "not before its time"
    Provisioning.objects.filter(pk=request.pk).update(updated_at=timezone.now() - timedelta(hours=25))
    assert provisioning.reap() == 1
    assert not Tenant.objects.filter(name="North Wind").exists()
    assert not Domain.objects.filter(slug="northwind").exists()
    assert len(before - schemas()) == 1, "its schema is gone"
    request.refresh_from_db()
    assert request.state == "reaped" and "ann@example.com" not in str(request.request_data).lower()
    again = provisioning.request_workspace({"slug": "northwind", "owner_email": "b@example.com"}, key="later")
    provisioning_steps._registered.clear()
    assert provisioning.provision(again.pk).name == "northwind"


def test_reaper_never_touches_a_workspace_in_use(stock, own_steps):
    request = wish()
    tenant = provisioning.provision(request.pk)
    Provisioning.objects.filter(pk=request.pk).update(
        state="failed", updated_at=timezone.now() - timedelta(days=9)
    )
    with pytest.raises(provisioning.ProvisioningFailed, match="in use"):
        provisioning.reap()
    assert tenant.schema_name in schemas()


def test_unfinished_requests_are_found_by_the_sweep(stock, own_steps, monkeypatch):
    request = wish()
    assert provisioning.unfinished() == []
    Provisioning.objects.filter(pk=request.pk).update(updated_at=timezone.now() - timedelta(minutes=2))
    assert provisioning.unfinished() == [request.pk]
    provisioning.provision(request.pk)
    assert provisioning.unfinished() == []


def test_empty_pool_says_so_and_can_build(database, own_steps):
    PoolSchema.objects.filter(state="ready").delete()
    request = wish()
    with pytest.raises(pool.PoolEmpty):
        provisioning.provision(request.pk)
    request.refresh_from_db()
    assert request.state == "pending" and request.attempts == 0
    assert provisioning.provision(request.pk, build_if_empty=True).owner_email == "ann@example.com"


@real_commit
def test_eight_claims_at_once_take_eight_schemas(database):
    pool.fill(8)
    wishes = [wish(f"racer{n}") for n in range(8)]
    claimed: list[str] = []
    barrier = threading.Barrier(8, timeout=30)

    def claim(request: Provisioning) -> None:
        try:
            with activate_public(), transaction.atomic():
                connection.ensure_connection()
                pool.level()
                barrier.wait()
                claimed.append(pool.claim(request.pk).schema_name)
                barrier.wait()  # all eight hold their claim at once: none waits for another's commit
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(w,)) for w in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(claimed) == len(set(claimed)) == 8
    assert pool.ready_count() == 0


@real_commit
def test_two_workers_on_one_request_make_one_workspace(stock, own_steps):
    request = wish()
    tenants = at_once([lambda: provisioning.provision(request.pk).pk] * 2)
    assert len(tenants) == 2 and len(set(tenants)) == 1
    assert pool.ready_count() == 1


@real_commit
def test_same_name_wanted_by_eight_at_once_goes_to_one(stock):
    def ask(number: int) -> str:
        try:
            data = {"slug": "wanted", "owner_email": f"p{number}@example.com"}
            provisioning.request_workspace(data, key=f"key{number}")
        except TenantRefusal as refusal:
            return refusal.code
        return "held"

    outcomes = at_once([partial(ask, number) for number in range(8)])
    assert sorted(outcomes) == ["held"] + ["tenant.name_taken"] * 7


def test_clone_has_the_structure_of_the_template(stock):
    template = TemplateSchema.objects.get()
    wanted = cloning.structure(template.schema_name)
    assert len(wanted) > 50
    for name in PoolSchema.objects.filter(state="ready").values_list("schema_name", flat=True):
        assert cloning.structure(name) == wanted
        assert migration.lagging_schemas([name]) == []


def test_clone_is_writable(stock):
    blueprint = cloning.read_blueprint(TemplateSchema.objects.get().schema_name)
    cloning.create_schema(blueprint, "t_speedtest")
    with activate(Tenant(schema_name="t_speedtest", name="x")):
        from django.contrib.contenttypes.models import ContentType

        copied = ContentType.objects.aggregate(last=Max("pk"))["last"]
        made = ContentType.objects.create(app_label="tests", model="identity_goes_on_behind_the_copied_rows")
        assert made.pk > copied


def test_schemas_of_an_older_level_are_discarded(stock, monkeypatch):
    old = set(PoolSchema.objects.values_list("schema_name", flat=True)) | {
        TemplateSchema.objects.get().schema_name
    }
    claimed = PoolSchema.objects.filter(state="ready").first()
    PoolSchema.objects.filter(pk=claimed.pk).update(state="claimed")
    monkeypatch.setattr(migration, "current_level", lambda: "f" * 64)
    request = wish()
    with pytest.raises(pool.PoolEmpty):
        provisioning.provision(request.pk)
    assert pool.fill(1) == 1
    assert TemplateSchema.objects.get().level == "f" * 64
    left = schemas() & old
    in_use = set(Tenant.objects.values_list("schema_name", flat=True))
    assert left - in_use == {claimed.schema_name}, "what a tenant has claimed is not stock any more"


def test_half_built_template_of_a_dead_process_is_replaced(stock):
    template = TemplateSchema.objects.get()
    TemplateSchema.objects.update(state="building")
    PoolSchema.objects.filter(state="ready").delete()
    assert pool.fill(1) == 1
    assert TemplateSchema.objects.get().schema_name != template.schema_name
    assert template.schema_name not in schemas()


@real_commit
def test_builder_killed_while_cloning_leaves_nothing(stock, monkeypatch):
    before = schemas()
    monkeypatch.setattr(cloning, "advance_identities", lambda *_a: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        pool.fill(3)
    connection.close()
    assert schemas() == before and pool.ready_count() == 2
    monkeypatch.undo()
    assert pool.fill(3) == 1, "the lock of the dead builder is gone"


@real_commit
def test_only_one_process_builds(stock):
    answers: list[int] = []

    def other() -> None:
        try:
            answers.append(pool.fill(9))
        finally:
            connection.close()

    with locks.held_alone(pool._BUILD_LOCK) as alone:
        assert alone
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(30)
    assert answers == [0]


def test_template_that_cannot_be_cloned_is_built_by_migrations(stock, monkeypatch):
    with connection.cursor() as cursor:
        name = TemplateSchema.objects.get().schema_name
        cursor.execute(f"CREATE VIEW {name}.odd AS SELECT 1 AS one")
    pool._blueprint.cache_clear()
    PoolSchema.objects.create(schema_name="t_halfbuilt", level=pool.level())
    assert pool.fill(3) == 1
    row = PoolSchema.objects.filter(state="ready").latest("created_at")
    assert migration.lagging_schemas([row.schema_name]) == []
    assert not PoolSchema.objects.filter(schema_name="t_halfbuilt").exists()


DIE_IN_STEP = """
import os, signal, sys
import django
django.setup()
from tenants import provisioning
real = provisioning.perform
def dying(wish, name):
    real(wish, name)
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
provisioning.perform = dying
provisioning.provision(sys.argv[1])
"""


@real_commit
@pytest.mark.faults
@pytest.mark.parametrize(
    ("step", "before"),
    [("claimed", ""), ("owner", ""), ("sample_data", "sample_data"), ("done", "directory")],
)
def test_real_process_killed_with_signal_9(stock, step, before):
    """The same with a process that really dies, all delivered steps included; sample data has its own transaction."""
    request = wish(sample_data=True)
    connection.close()
    entry = connection.settings_dict
    url = f"postgresql://{entry['USER']}:{entry['PASSWORD']}@/{entry['NAME']}?host={quote(entry['HOST'])}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
    }
    command = [sys.executable, "-c", DIE_IN_STEP, str(request.pk), step]
    died = subprocess.run(
        command, env=environment, cwd=Path(__file__).parents[2], capture_output=True, timeout=60
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2000:]
    done = [name for name, state in provisioning.progress(request) if state == "done"]
    names = provisioning.step_names()
    assert done == (names[: names.index(before)] if before else [])
    tenant = provisioning.provision(request.pk)
    assert Tenant.objects.get(pk=tenant.pk).state == TenantState.TRIALING
    assert pool.ready_count() == 1
    with activate(tenant):
        assert User.objects.filter(email="ann@example.com").count() == 1


def test_a_step_of_a_later_release_does_not_reopen_a_finished_workspace(database, monkeypatch):
    with activate_public():
        wish = Provisioning.objects.get(slug="acme")
    monkeypatch.setitem(
        provisioning_steps._registered,
        "later",
        provisioning.RegisteredStep("later", lambda _tenant, _data: pytest.fail("ran"), 500),
    )
    provisioning.provision(wish.pk)
    with activate_public():
        assert Provisioning.objects.get(pk=wish.pk).state == "done"
        # what a former release left reopened is closed by the next attempt
        Provisioning.objects.filter(pk=wish.pk).update(state="running")
        wish.steps.get_or_create(name="later", defaults={"state": "done"})
    provisioning.provision(wish.pk)
    with activate_public():
        assert Provisioning.objects.get(pk=wish.pk).state == "done"
