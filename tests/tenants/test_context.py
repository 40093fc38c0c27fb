"""No thread, queryset or record ever works in a schema it was not meant for (SAAS.md §0.2-§0.4, T11)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from tenants import context
from tenants.context import SchemaMismatch, TenancyError, activate, activate_public
from tenants.identity.models import ApiToken, User
from tenants.models import Tenant


def test_path_of_a_workspace_holds_no_public(workspace):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schemas(false)")
        assert cursor.fetchone()[0] == [workspace.schema_name, "ext"]


def test_control_tables_cannot_be_reached_from_a_workspace(workspace):
    with pytest.raises(ProgrammingError, match="tenants_tenant"), transaction.atomic():
        list(Tenant.objects.all())


def test_missing_schema_is_noticed(database):
    gone = Tenant(name="gone", schema_name="t_doesnotexist")
    with activate(gone), pytest.raises(TenancyError, match="resolves to"):
        context.assert_workspace()


def test_activate_restores_what_was_active_even_after_an_error(workspace, other_workspace):
    with pytest.raises(ZeroDivisionError), activate(other_workspace):
        assert context.current_tenant() == other_workspace
        raise ZeroDivisionError
    assert context.current_tenant() == workspace
    context.assert_workspace()


def test_public_is_no_workspace(database):
    with pytest.raises(TenancyError), activate(Tenant(name="public", schema_name="public")):
        raise AssertionError("must not be entered")
    with pytest.raises(context.NoWorkspace):
        context.current_tenant()


def test_django_tenants_own_switching_is_forbidden(workspace, other_workspace):
    for unsafe in (other_workspace.__enter__, other_workspace.activate, Tenant.deactivate):
        with pytest.raises(TenancyError, match="activate"):
            unsafe()
    assert context.current_tenant() == workspace


@pytest.mark.real_commit
def test_threads_leaving_out_of_order_keep_their_own_tenant(workspace, other_workspace):
    """The fault of TenantMixin's context manager: one stack for all threads."""
    entered, first_left = threading.Barrier(2, timeout=20), threading.Event()
    seen: dict[str, list[str]] = {"first": [], "second": []}

    def schema() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_schema()")
            return cursor.fetchone()[0]

    def work(name: str, outer: Tenant, inner: Tenant) -> None:
        try:
            with activate(outer):
                with activate(inner):
                    entered.wait()
                    if name == "second":
                        assert first_left.wait(20)
                    seen[name].append(schema())
                seen[name].append(schema())
                if name == "first":
                    first_left.set()
            seen[name].append(schema())
        finally:
            connection.close()

    threads = [
        threading.Thread(target=work, args=("first", workspace, other_workspace)),
        threading.Thread(target=work, args=("second", other_workspace, workspace)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    a, b = workspace.schema_name, other_workspace.schema_name
    assert seen == {"first": [b, a, "public"], "second": [a, b, "public"]}


@pytest.mark.real_commit
def test_many_threads_see_only_their_own_rows(workspace, other_workspace):
    for tenant in (workspace, other_workspace):
        with activate(tenant):
            User.objects.create_user(email=f"only@{tenant.schema_name}.example")
    wrong: list[str] = []

    def read(tenant: Tenant) -> None:
        try:
            for _ in range(60):
                with activate(tenant):
                    emails = set(
                        User.objects.filter(email__startswith="only@").values_list("email", flat=True)
                    )
                    if emails != {f"only@{tenant.schema_name}.example"}:
                        wrong.append(f"{tenant.schema_name}: {emails}")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=read, args=(t,))
        for t in (workspace, other_workspace, workspace, other_workspace)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


EVALUATIONS = {
    "iterate": lambda qs: list(qs),
    "count": lambda qs: qs.count(),
    "exists": lambda qs: qs.exists(),
    "first": lambda qs: qs.first(),
    "get": lambda qs: qs.get(email="x@y.example"),
    "values": lambda qs: list(qs.values("email")),
    "values_list": lambda qs: list(qs.filter(is_active=True).values_list("email")),
    "aggregate": lambda qs: qs.in_bulk(),
    "iterator": lambda qs: list(qs.iterator()),
    "update": lambda qs: qs.update(full_name="stolen"),
    "delete": lambda qs: qs.delete(),
    "create": lambda qs: qs.create(email="new@y.example"),
    "bulk_create": lambda qs: qs.bulk_create([User(email="new@y.example")]),
    "explain": lambda qs: qs.explain(),
    "sliced": lambda qs: qs.order_by("email")[0],
    "union": lambda qs: list(qs.union(qs)),
    "locked": lambda qs: list(qs.select_for_update()),
}


@pytest.mark.parametrize("evaluation", EVALUATIONS)
def test_queryset_refuses_to_run_in_another_workspace(workspace, other_workspace, evaluation):
    lazy = User.objects.all()
    with activate(other_workspace):
        User.objects.create_user(email="x@y.example")
        with pytest.raises(SchemaMismatch):
            EVALUATIONS[evaluation](lazy)
        assert list(User.objects.filter(email__endswith="y.example").values_list("email", "full_name")) == [
            ("x@y.example", "")
        ]
        assert not User.objects.filter(full_name="stolen").exists()


def test_queryset_returned_out_of_its_context_is_refused(other_workspace):
    with activate(other_workspace):
        lazy = User.objects.filter(is_active=True)
    with pytest.raises(SchemaMismatch):
        list(lazy)


def test_related_rows_of_a_record_of_another_workspace_are_refused(workspace, other_workspace):
    user = User.objects.create_user(email="a@acme.example")
    token = ApiToken.objects.create(user=user, name="x", prefix="kt_", token_hash="0" * 64)
    token = ApiToken.objects.get(pk=token.pk)
    with activate(other_workspace):
        with pytest.raises(SchemaMismatch):
            list(user.api_tokens.all())
        with pytest.raises(SchemaMismatch):
            _ = token.user
    assert token.user == user


def test_record_is_not_written_into_another_workspace(workspace, other_workspace):
    user = User.objects.create_user(email="a@acme.example")
    loaded = User.objects.get(pk=user.pk)
    with activate(other_workspace):
        for write in (user.save, loaded.save, loaded.delete):
            with pytest.raises(SchemaMismatch):
                write()
        assert not User.objects.filter(pk=user.pk).exists()
    with activate_public(), pytest.raises(SchemaMismatch):
        loaded.save()


def test_rollback_to_savepoint_keeps_the_path(workspace, other_workspace):
    try:
        with transaction.atomic(), activate(other_workspace):
            User.objects.create_user(email="x@y.example")
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    context.assert_workspace()
    with activate(other_workspace):
        assert not User.objects.filter(email="x@y.example").exists()
