"""The search path is sent as seldom as it can be lost, and again whenever it may have been undone (SAAS.md §0.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from tenants.context import TenancyError, activate, activate_public, assert_workspace


def _ask() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return cursor.fetchone()[0]


def _sent(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return sum(q["sql"].startswith("SET search_path") for q in captured.captured_queries)


def _many() -> None:
    for _n in range(5):
        _ask()


@pytest.fixture
def pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `KONTOR_PGBOUNCER=1`: the next transaction may run on another server connection."""
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)


@pytest.mark.real_commit
def test_on_a_connection_of_our_own_once_until_it_is_closed(workspace: Any) -> None:
    connection.forget_search_path()

    def transactions() -> None:
        for _n in range(3):
            _ask()
            with transaction.atomic():
                _many()

    assert _sent(transactions) == 1
    connection.close()
    assert _sent(transactions) == 1
    assert _ask() == workspace.schema_name


@pytest.mark.real_commit
def test_plans_of_one_workspace_never_answer_in_another(workspace: Any, other_workspace: Any) -> None:
    """A kept plan is bound to a path; the same text under another path finds the other workspace's rows."""
    asked = "SELECT current_schema(), tableoid::int8 FROM metadata_organization WHERE id > %s"
    tables = set()
    for _n in range(6):
        for place in (workspace, other_workspace):
            with activate(place):
                ((schema, table),) = connection.fetch(asked, [0])
            assert schema == place.schema_name
            tables.add((schema, table))
    assert len({table for _schema, table in tables}) == len(tables) == 2


@pytest.mark.real_commit
def test_behind_a_pooler_once_per_transaction_and_every_time_outside(workspace: Any, pooler: None) -> None:
    assert _sent(_many) == 5

    def in_transactions() -> None:
        for _n in range(3):
            with transaction.atomic():
                _many()

    assert _sent(in_transactions) == 3


@pytest.mark.real_commit
def test_another_connection_is_never_trusted(workspace: Any, pooler: None) -> None:
    """What a transaction pooler does between transactions: the path of the server connection is another one."""
    with transaction.atomic():
        assert _ask() == workspace.schema_name
    connection.connection.execute("SET search_path = public")
    with transaction.atomic():
        assert _ask() == workspace.schema_name
    connection.connection.execute("SET search_path = public")
    assert _ask() == workspace.schema_name


@pytest.mark.real_commit
@pytest.mark.parametrize("pooled", [True, False])
def test_path_and_its_proof_are_one_statement(
    workspace: Any, other_workspace: Any, pooled: bool, request: pytest.FixtureRequest
) -> None:
    """What is asked along with the path is answered on it, also when another one was there a moment ago."""
    if pooled:
        request.getfixturevalue("pooler")
    for place in (workspace, other_workspace, workspace):
        with activate(place), CaptureQueriesContext(connection) as captured:
            assert connection.ask_on_path("current_schema(), %s::int", [7]) == (place.schema_name, 7)
            assert_workspace()
            assert _ask() == place.schema_name
        assert len(captured) == (6 if pooled else 3)
    with transaction.atomic():
        _ask()
        connection.connection.execute("SET search_path = public")  # behind our back
        with pytest.raises(TenancyError):
            assert_workspace()
    connection.forget_search_path()
    assert _ask() == workspace.schema_name


@pytest.mark.real_commit
def test_roll_backs_and_switches_send_it_again(workspace: Any, other_workspace: Any) -> None:
    with transaction.atomic():
        sid = transaction.savepoint()
        with activate(other_workspace):
            assert _ask() == other_workspace.schema_name
            transaction.savepoint_rollback(sid)
            assert _ask() == other_workspace.schema_name
        assert _ask() == workspace.schema_name
        with activate_public():
            assert _ask() == "public"
        assert _ask() == workspace.schema_name
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            _ask()
            raise ZeroDivisionError
        assert _ask() == workspace.schema_name
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _ask()
        raise ZeroDivisionError
    assert _ask() == workspace.schema_name


@pytest.mark.real_commit
def test_statements_sent_together_run_in_their_workspace_and_fail_together(
    workspace: Any, other_workspace: Any
) -> None:
    asked = [("SELECT current_schema(), %s::int", [number]) for number in range(3)]
    for place in (workspace, other_workspace):
        with activate(place), transaction.atomic():
            assert connection.fetch_together(asked) == [[(place.schema_name, n)] for n in range(3)]
    with activate(workspace), transaction.atomic():
        with pytest.raises(ProgrammingError), transaction.atomic():
            connection.fetch_together([*asked, ("SELECT no_such_column", None), *asked])
        assert connection.fetch("SELECT 1") == [(1,)]  # the savepoint took everything back
        with pytest.raises(TransactionManagementError), transaction.atomic():
            transaction.set_rollback(True)
            connection.fetch_together(asked)
