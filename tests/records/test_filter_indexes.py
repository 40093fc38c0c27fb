"""What views filter by gets an index the filter really uses, and loses it again; nobody notices but the clock."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from crm_core.metadata import registry
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.search import indexing
from crm_core.search.models import SavedView
from crm_core.security.actor import Actor


def _indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE 'hot%'"
        )
        return {row[0] for row in cursor.fetchall()}


def _many(entity: Any, made: Any) -> None:
    """A thousand copies without the values that are filtered by, so that an index is worth its while."""
    table = entity.model._meta.db_table
    names = [
        f.column
        for f in entity.model._meta.concrete_fields
        if f.column not in ("id", "custom", "address1_city")
    ]
    listed = ", ".join(f'"{n}"' for n in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, custom, {listed}) SELECT gen_random_uuid(), '{{}}', {listed} FROM {table},"
            " generate_series(1, 1000) WHERE id = %s",
            [made],
        )


def _plan(query: Query) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, parameters = query.rows_.values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.real_commit
def test_an_index_comes_and_goes_with_the_views_that_need_it(
    admin: Actor, boat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "FROM_ROWS", -1)  # a table nobody analysed says -1
    berth = next(a.name for a in boat.attributes.values() if str(a.label) == "Berth")
    contact = registry.get("contact")
    text = {"attribute": "address1_city", "operator": "eq", "value": "hamburg"}
    pick = {"and": [{"attribute": berth, "operator": "eq", "value": 2}]}
    made = service.create(contact, {"last_name": "Nor", "address1_city": "HAMBURG"}, admin).id
    _many(contact, made)
    _many(boat, service.create(boat, {boat.primary: "Nor", berth: 2}, admin).id)
    views = [
        SavedView.objects.create(object=e.name, name="V", owner_id=admin.user_id, filter=tree)
        for e, tree in ((contact, text), (boat, pick))
    ]

    indexing.index_filters()
    names = _indexes()
    assert len(names) == 2
    assert any(n in _plan(Query(contact, admin).filter(text)) for n in names)
    assert any(n in _plan(Query(boat, admin).filter(pick)) for n in names)
    assert Query(contact, admin).filter(text).ids() == [made]
    indexing.index_filters()
    assert _indexes() == names

    views[0].delete()
    indexing.index_filters()
    assert len(_indexes()) == 1
    views[1].delete()
    indexing.index_filters()
    assert _indexes() == set()


def test_what_cannot_serve_a_filter_is_left_alone() -> None:
    tree = {
        "or": [
            {"attribute": "a", "operator": "eq", "value": 1},
            {"not": {"attribute": "b", "operator": "eq", "value": 1}},
            {"related": "orders", "filter": {"attribute": "c", "operator": "eq", "value": 1}},
            {"attribute": "d", "operator": "contains", "value": "x"},
            {"attribute": "e", "operator": "in", "value": [1]},
        ]
    }
    assert list(indexing._compared(tree)) == ["a", "e"]
