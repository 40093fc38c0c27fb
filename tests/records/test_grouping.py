"""Counts and sums by group: every reference says a name, every group opens exactly its records (PLT-30, issue item 4)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest

from crm_core.metadata import registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.types.temporal import period_start
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.records.query.aggregate import aggregate
from crm_core.security.actor import Actor
from tests.records.test_kernel import key
from tests.sales_people import make, refers

COUNT = {"fn": "count"}


def grouped(entity: Entity, actor: Actor, group: dict[str, Any], *measures: dict[str, Any]) -> list[Any]:
    """(label, values) of each group, after proving that its filter selects as many records as it counts."""
    answer = aggregate(Query(entity, actor), [group], [COUNT, *measures])
    for found in answer["groups"]:
        assert Query(entity, actor).filter(found["filter"]).count()["value"] == found["values"][0]
    return [(found["labels"][0], *found["values"]) for found in answer["groups"]]


def test_opportunities_group_by_every_kind_of_attribute(admin: Actor, rep: Actor) -> None:
    deals = registry.get("opportunity")
    zoo = refers("account", make("account", admin, name="Zoo AG"))
    anna = refers("contact", make("contact", admin, first_name="Anna", last_name="Berg"))
    for customer, owner, revenue, close in (
        (zoo, admin, "100", "2026-01-31"),
        (zoo, rep, "50", "2026-02-01"),
        (anna, rep, "7", "2026-02-28"),
    ):
        make(
            "opportunity",
            owner,
            topic="Ferry",
            customer=customer,
            estimated_revenue=revenue,
            estimated_close_date=close,
        )
    money = {"fn": "sum", "attribute": "estimated_revenue"}
    # by name, not by id; the sums are those of the group
    assert grouped(deals, admin, {"attribute": "customer"}, money) == [
        ("Anna Berg", 1, "7.00"),
        ("Zoo AG", 2, "150.00"),
    ]
    assert grouped(deals, admin, {"attribute": "owner"}, money) == [
        ("Ada Admin", 1, "100.00"),
        ("Rita Rep", 2, "57.00"),
    ]
    assert grouped(deals, admin, {"attribute": "estimated_close_date"}, money) == [
        ("2026-01", 1, "100.00"),
        ("2026-02", 2, "57.00"),
    ]
    assert grouped(deals, admin, {"attribute": "state"}) == [("Open", 3)]
    assert [row[1] for row in grouped(deals, admin, {"attribute": "stage"})] == [3]
    # two levels, a reference and a period
    both = aggregate(
        Query(deals, admin),
        [{"attribute": "customer"}, {"attribute": "estimated_close_date", "by": "quarter"}],
        [COUNT, money],
    )
    assert [(*g["labels"], *g["values"]) for g in both["groups"]] == [
        ("Anna Berg", "2026 Q1", 1, "7.00"),
        ("Zoo AG", "2026 Q1", 2, "150.00"),
    ]
    assert both["totals"][0] == 3 and Decimal(both["totals"][1]) == 157


def test_standard_and_custom_lookups_and_empty_ones(boat: Entity, admin: Actor, rep: Actor) -> None:
    contacts = registry.get("contact")
    zoo = make("account", admin, name="Zoo AG")
    make("contact", admin, last_name="Berg", parent_customer=refers("account", zoo))
    make("contact", admin, last_name="Tal")
    assert grouped(contacts, admin, {"attribute": "parent_customer"}) == [("Zoo AG", 1), ("", 1)]
    leader = make("contact", admin, last_name="Kurz")
    make("contact", admin, last_name="Lang", manager=refers("contact", leader))
    assert grouped(contacts, admin, {"attribute": "manager"}) == [("Kurz", 1), ("", 3)]

    skipper, mother = key(boat, "Skipper"), key(boat, "Mother ship")
    tender = service.create(boat, {"name": "Tender"}, admin).id
    for name in ("One", "Two"):
        service.create(boat, {"name": name, skipper: str(rep.user_id), mother: str(tender)}, admin)
    assert grouped(boat, admin, {"attribute": skipper}) == [("Rita Rep", 2), ("", 1)]
    assert grouped(boat, admin, {"attribute": mother}) == [("Tender", 2), ("", 1)]


def test_texts_that_differ_in_case_are_one_group_and_one_answer(admin: Actor) -> None:
    contact = registry.get("contact")
    for city in ("Husum", "HUSUM", "husum", "Straße", "STRASSE", None):
        make("contact", admin, last_name="Text group", address1_city=city)
    asked = {"attribute": "last_name", "operator": "eq", "value": "text GROUP"}
    answer = aggregate(Query(contact, admin).filter(asked), [{"attribute": "address1_city"}], [COUNT])
    found = {group["labels"][0]: group["values"][0] for group in answer["groups"]}
    assert sum(found.values()) == 6 and sorted(found.values()) == [1, 1, 1, 3]
    for group in answer["groups"]:
        rows = Query(contact, admin).filter({"and": [asked, group["filter"]]})
        assert rows.count()["value"] == group["values"][0]

    def number(operator: str, value: Any) -> int:
        tree = {"attribute": "address1_city", "operator": operator, "value": value}
        return Query(contact, admin).filter({"and": [asked, tree]}).count()["value"]

    assert number("eq", "hUSUM") == number("in", ["hUSUM"]) == 3
    assert number("ne", "hUSUM") == number("not_in", ["hUSUM"]) == 3


@pytest.mark.parametrize("first", [1, 6, 7])
def test_weeks_are_those_of_the_person_who_asks(first: int, boat: Entity, admin: Actor) -> None:
    """Groups by week begin on the day relative filters count from, for days and instants, around a change of the clocks too."""
    actor = replace(admin, week_starts=first)
    launched = key(boat, "Launched")
    days = [dt.date(2026, 3, 25) + dt.timedelta(days=n) for n in range(14)]
    for day in days:
        made = service.create(boat, {"name": str(day), launched: day.isoformat()}, admin).id
        # half an hour after midnight in Berlin, before and after the clocks were put forward
        at = dt.datetime.combine(day, dt.time(0, 30), actor.time_zone)
        boat.model.objects.filter(pk=made).update(created_at=at)
    expected = Counter(period_start(day, "week", week_start=first).isoformat() for day in days)
    for attribute in (launched, "created_at"):
        asked = {"attribute": attribute, "by": "week"}
        assert grouped(boat, actor, asked) == sorted(expected.items())
        # summed up from days, or from the records when an average is asked for too
        averages = aggregate(
            Query(boat, actor), [asked], [COUNT, {"fn": "avg", "attribute": key(boat, "Length")}]
        )
        assert [(g["labels"][0], g["values"][0]) for g in averages["groups"]] == sorted(expected.items())
    now = dt.datetime(2026, 3, 31, 22, 30, tzinfo=dt.UTC)
    with mock.patch("django.utils.timezone.now", return_value=now):
        for attribute in (launched, "created_at"):
            this_week = Query(boat, actor).filter({"attribute": attribute, "operator": "this_week"})
            found = aggregate(this_week, [{"attribute": attribute, "by": "week"}], [COUNT])["groups"]
            start = period_start(dt.date(2026, 4, 1), "week", week_start=first).isoformat()
            assert [(g["keys"][0], g["values"][0]) for g in found] == [(start, expected[start])]


def test_weeks_at_the_ends_of_the_calendar_open(boat: Entity, admin: Actor) -> None:
    """The first and the last day a field takes lie in weeks that begin or end where no filter may point."""
    launched = key(boat, "Launched")
    for day in ("1753-01-01", "9998-12-31"):
        service.create(boat, {"name": day, launched: day}, admin)
    for first in range(1, 8):
        rows = grouped(boat, replace(admin, week_starts=first), {"attribute": launched, "by": "week"})
        assert [count for _label, count in rows] == [1, 1]
