"""The kernel on a custom object: create, read, filter, sort, page, update, delete, restore (ARCHITECTURE 4)."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Malformed, NotFound, ValidationFailed, VersionMismatch
from crm_core.records import jobs, service
from crm_core.records.models import AuditEntry, OutboxEvent
from crm_core.records.query import Query
from crm_core.records.query.aggregate import aggregate
from crm_core.records.query.board import board
from crm_core.security.actor import Actor


def key(entity: Entity, label: str) -> str:
    return next(a.name for a in entity.attributes.values() if str(a.label) == label)


def make(entity: Entity, actor: Actor, name: str, **values: Any) -> uuid.UUID:
    return service.create(entity, {"name": name, **{key(entity, k): v for k, v in values.items()}}, actor).id


def test_create_and_read_back_exactly(boat: Entity, admin: Actor) -> None:
    made = make(
        boat,
        admin,
        "Möwe",
        Length="7.25",
        Berth=2,
        Price="12000.5",
        Launched="2026-01-31",
        Skipper=str(admin.user_id),
    )
    row = Query(boat, admin).one(made)
    assert row["name"] == "Möwe"
    assert row[key(boat, "Length")] == "7.25"
    assert row[key(boat, "Berth")] == 2
    assert row[key(boat, "Price")] == "12000.50"
    assert row[key(boat, "Launched")] == "2026-01-31"
    assert row[key(boat, "Skipper")] == {"object": "user", "id": str(admin.user_id), "name": "Ada Admin"}
    assert row["owner"] == {"object": "user", "id": str(admin.user_id), "name": "Ada Admin"}
    assert row["version"] == 1 and row["state"] == "active" and row["currency"] == "EUR"
    entry = AuditEntry.objects.get(record_id=made)
    assert (
        entry.operation == "create" and entry.changes["name"] == [None, "Möwe"] and entry.source == "screen"
    )
    assert OutboxEvent.objects.filter(record_id=made, topic="c_boat.created").count() == 1


def test_wrong_values_are_all_named_and_nothing_is_written(boat: Entity, admin: Actor) -> None:
    with pytest.raises(ValidationFailed) as refused:
        service.create(
            boat,
            {key(boat, "Length"): "long", key(boat, "Berth"): 9, key(boat, "Launched"): "31.1.2026"},
            admin,
        )
    codes = {e.field: e.code for e in refused.value.errors}
    assert codes == {key(boat, "Length"): "value.wrong_type", key(boat, "Berth"): "option.unknown",
                     key(boat, "Launched"): "value.not_a_date", "name": "value.required"}  # fmt: skip
    with pytest.raises(Malformed) as unknown:
        service.create(boat, {"name": "x", "nonsense": 1}, admin)
    assert unknown.value.code == "attribute.unknown"
    assert Query(boat, admin).count()["value"] == 0


def test_update_checks_version_and_writes_audit(boat: Entity, admin: Actor) -> None:
    made = make(boat, admin, "Anna", Berth=1)
    written = service.update(boat, made, {key(boat, "Berth"): 3}, admin, version=1)
    assert written.version == 2
    with pytest.raises(VersionMismatch):
        service.update(boat, made, {"name": "Berta"}, admin, version=1)
    assert Query(boat, admin).one(made)["name"] == "Anna"
    assert AuditEntry.objects.get(record_id=made, operation="update").changes == {key(boat, "Berth"): [1, 3]}


def test_filter_sort_and_pages_reach_every_row_once(boat: Entity, admin: Actor) -> None:
    for number in range(25):
        make(boat, admin, f"Boat {number % 7}", Length=str(number), Berth=number % 3 + 1)
    query = Query(boat, admin).filter({"attribute": key(boat, "Length"), "operator": "lt", "value": 20})
    query = query.order([key(boat, "Berth"), "-name"])
    seen: list[dict] = []
    cursor = None
    while True:
        page = query.page(["name", key(boat, "Length"), key(boat, "Berth")], limit=7, cursor=cursor)
        seen += page.rows
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == 20 and len({r["id"] for r in seen}) == 20
    order = [(r[key(boat, "Berth")], [-ord(c) for c in r["name"].lower()]) for r in seen]
    assert order == sorted(order)
    assert query.sums([key(boat, "Length")]) == {key(boat, "Length"): "190.00"}


def test_unknown_filters_are_refused(boat: Entity, admin: Actor) -> None:
    for tree, code in (
        ({"attribute": "owner__password", "operator": "eq", "value": 1}, "attribute.unknown"),
        ({"attribute": "name", "operator": "regex", "value": "x"}, "filter.unknown_operator"),
        ({"and": [{"attribute": "name", "operator": "eq", "value": "a\x00"}]}, "filter.invalid_value"),
        ({"xor": []}, "filter.unknown_key"),
        ("name = 1", "filter.malformed"),
    ):
        with pytest.raises(Malformed) as refused:
            Query(boat, admin).filter(tree)
        assert refused.value.code == code


def test_search_finds_without_accents_and_case(boat: Entity, admin: Actor) -> None:
    made = make(boat, admin, "Große Möwe", **{"Call sign": "DK-1234"})
    for text in ("mowe", "GROSSE", "dk-12", "möwe dk"):
        assert [r["id"] for r in Query(boat, admin).search(text).page(["name"]).rows] == [str(made)], text


def test_periods_add_up_days_exactly(boat: Entity, admin: Actor) -> None:
    """Groups by month, quarter … are added up from days; they are what the rows themselves give, empty dates included."""
    days = ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-28", "2026-02-28", "2024-02-29", None]
    for n, day in enumerate(days):
        values = {boat.primary: f"B{n}", key(boat, "Launched"): day, key(boat, "Length"): f"{n}.25"}
        service.create(boat, values, admin)
    length = key(boat, "Length")
    measures = [
        {"fn": "count"},
        *[{"fn": fn, "attribute": length} for fn in ("sum", "min", "max")],
    ]
    for by, width in (("day", 10), ("month", 7), ("year", 4)):
        expected: dict[str | None, list[Decimal]] = {}
        for n, day in enumerate(days):
            expected.setdefault(day[:width] if day else None, []).append(Decimal(f"{n}.25"))
        for asked in (measures, [*measures, {"fn": "avg", "attribute": length}]):
            groups = aggregate(Query(boat, admin), [{"attribute": key(boat, "Launched"), "by": by}], asked)[
                "groups"
            ]
            found = {g["keys"][0][:width] if g["keys"][0] else None: g["values"] for g in groups}
            assert [g["keys"][0] for g in groups][-1] is None
            assert {k: [v[0], *map(Decimal, v[1:4])] for k, v in found.items()} == {
                k: [len(v), sum(v), min(v), max(v)] for k, v in expected.items()
            }


def test_board_and_aggregate_agree(boat: Entity, admin: Actor) -> None:
    for number in range(9):
        make(boat, admin, f"B{number}", Berth=number % 2 + 1, Price="10")
    columns = board(Query(boat, admin), key(boat, "Berth"), ["name"], sums=[key(boat, "Price")], limit=3)
    assert [(c["label"], c["count"], c["sums"], len(c["rows"]), c["next"] is not None) for c in columns] == [
        ("A", 5, ["50.00"], 3, True), ("B", 4, ["40.00"], 3, True), ("C", 0, [None], 0, False),
    ]  # fmt: skip
    groups = aggregate(Query(boat, admin), [{"attribute": key(boat, "Berth")}], [{"fn": "count"}])["groups"]
    for group in groups:
        assert Query(boat, admin).filter(group["filter"]).count()["value"] == group["values"][0]


def test_unique_value_is_refused(boat: Entity, admin: Actor) -> None:
    make(boat, admin, "One", **{"Call sign": "X1"})
    with pytest.raises(Conflict) as refused:
        make(boat, admin, "Two", **{"Call sign": "x1"})
    assert refused.value.code == "value.not_unique" and refused.value.field == key(boat, "Call sign")
    assert Query(boat, admin).count()["value"] == 1


def test_delete_restores_with_links(boat: Entity, admin: Actor) -> None:
    mother = make(boat, admin, "Mother")
    child = make(boat, admin, "Child", **{"Mother ship": str(mother)})
    with pytest.raises(Conflict) as refused:
        service.delete(boat, mother, admin)
    assert refused.value.code == "record.restrict_delete" and refused.value.details == {"c_boats": 1}
    service.delete(boat, child, admin)
    with pytest.raises(NotFound):
        Query(boat, admin).one(child)
    service.restore(boat, child, admin)
    assert Query(boat, admin).one(child)[key(boat, "Mother ship")]["id"] == str(mother)
    related = Query(boat, admin).filter(
        {"related": "c_boats", "exists": True, "filter": {"attribute": "name", "value": "Child"}}
    )
    assert related.ids() == [mother]


def test_bulk_edit_and_undo_give_the_former_state(boat: Entity, admin: Actor) -> None:
    from crm_core.records import bulk

    ids = [make(boat, admin, f"B{n}", Berth=1) for n in range(5)]
    before = [Query(boat, admin).one(i, ["name", key(boat, "Berth")]) for i in ids]
    job = bulk.start(
        boat, {"operation": "edit", "ids": [str(i) for i in ids], "values": {key(boat, "Berth"): 2}}, admin
    )
    assert job.state == "succeeded" and job.done == 5
    service.update(boat, ids[4], {"name": "Edited"}, admin)
    service.update(boat, ids[4], {key(boat, "Berth"): 3}, admin)
    job = jobs.control(job.pk, "undo", admin)
    while jobs.run_next_step(job.pk):
        pass
    after = [Query(boat, admin).one(i, ["name", key(boat, "Berth")]) for i in ids]
    assert [{**r, "version": 0} for r in after[:4]] == [{**r, "version": 0} for r in before[:4]]
    assert after[4][key(boat, "Berth")] == 3 and after[4]["name"] == "Edited"
    job.refresh_from_db()
    assert job.state == "undone" and job.result["undo_conflicts"] == 1
