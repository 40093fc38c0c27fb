"""The roll-up of opportunities says exactly what counting the records says, whoever asks and whatever was written (SAL-3)."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.metadata import registry
from crm_core.records import service
from crm_core.records.query import Query, rollup
from crm_core.records.query.aggregate import aggregate
from crm_core.sales.models import Opportunity, OpportunityRollup
from crm_core.security import access
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import BusinessUnit, Principal, Share
from crm_core.security.services import create_system_user
from tests.conformance.values import minimal

COUNT_AND_SUMS = [{"fn": "count"}, {"fn": "sum", "attribute": "estimated_revenue"},
                  {"fn": "sum", "attribute": "weighted_revenue"}]  # fmt: skip
OPEN = {"attribute": "state", "operator": "eq", "value": "open"}
STAGES = {"attribute": "stage", "operator": "in", "value": [1, 3]}
FILTERS: list[Any] = [None, OPEN, {"and": [OPEN, STAGES]}, {"or": [{"not": OPEN}, STAGES]}, {"or": []}]
GROUPS: list[list[dict[str, str]]] = [
    [{"attribute": "stage"}], [{"attribute": "state"}], [{"attribute": "owner"}],
    [{"attribute": "stage"}, {"attribute": "estimated_close_date", "by": "month"}],
    [{"attribute": "estimated_close_date", "by": "quarter"}, {"attribute": "owner"}],
    [{"attribute": "estimated_close_date", "by": "year"}],
]  # fmt: skip

#: One write: which of ten records, and what becomes of it.
amounts = st.none() | st.decimals(0, 10**12, places=4)
write = st.tuples(st.integers(0, 9), st.one_of(
    st.fixed_dictionaries({}, optional={
        "stage": st.none() | st.integers(1, 4), "state": st.sampled_from(["open", "won", "lost"]),
        "estimated_revenue_base": amounts, "weighted_revenue_base": amounts,
        "estimated_close_date": st.none() | st.dates(dt.date(2025, 11, 1), dt.date(2027, 2, 1)),
        "deleted_at": st.sampled_from([None, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)]), "owner": st.integers(0, 2),
    }),
    st.sampled_from(["destroy", "copies", "draw together"]),
))  # fmt: skip


@pytest.fixture
def people(seeded: Any) -> list[Actor]:
    """Two salespeople of two units, and one who sees her own only; the first owns for the second's unit too."""
    root = BusinessUnit.objects.get(parent=None)
    south = BusinessUnit.objects.create(name="South", parent=root)
    made = [
        create_system_user("North", None, roles=["salesperson"], business_unit_id=root.pk),
        create_system_user("South", None, roles=["salesperson"], business_unit_id=south.pk),
        create_system_user("Partner", None, roles=["partner"], business_unit_id=south.pk),
    ]
    found = [actor_for(person.pk) for person in made]
    return [actor for actor in found if actor is not None]


def agree(actors: list[Actor], trees: list[Any] = FILTERS[1:2], groups: list[Any] = GROUPS) -> None:
    """Every actor, filter and group: the roll-up's answer is the one counted record by record."""
    entity = registry.get("opportunity")
    for actor, tree, group in itertools.product(actors, trees, groups):
        query = Query(entity, actor).filter(tree)
        answer = aggregate(query, group, COUNT_AND_SUMS)
        query = Query(entity, actor).filter(tree)
        query.trees, query.signature = None, None
        assert answer == aggregate(query, group, COUNT_AND_SUMS), (actor.name, tree, group)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writes=st.lists(write, max_size=12),
    tree=st.sampled_from(FILTERS),
    groups=st.lists(st.sampled_from(GROUPS), min_size=2, max_size=2),
)
def test_rollup_is_the_recount_whatever_is_written(
    people: list[Actor], admin: Actor, writes: list[tuple[int, Any]], tree: Any, groups: list[Any]
) -> None:
    try:
        with transaction.atomic():
            _write_all(people, admin, writes)
            agree([admin, *people], [tree], groups)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass  # the next example begins where this one did


def _write_all(people: list[Actor], admin: Actor, writes: list[tuple[int, Any]]) -> None:
    customer = service.create(registry.get("account"), minimal(registry.get("account"), admin, 1), admin).id
    ids: list[Any] = []
    for number in range(10):
        owner = people[number % 3]
        ids.append(Opportunity.objects.create(
            topic=f"Deal {number}", customer_account_id=customer, owner_id=owner.user_id, state="open",
            owning_business_unit_id=owner.unit_id, stage=1 + number % 4, estimated_revenue_base=Decimal(number),
            estimated_close_date=dt.date(2026, 1 + number, 28)).pk)  # fmt: skip
    for number, change in writes:
        rows = Opportunity.objects.filter(pk=ids[number])
        if change == "draw together":
            with connection.cursor() as cursor:
                cursor.execute(rollup._drawing(registry.get("opportunity").rollup))
        elif change == "destroy":
            rows.delete()
        elif change == "copies":
            copies = list(Opportunity.objects.filter(pk__in=ids[:number]))
            for copy in copies:
                copy.pk = copy._state.db = None
                copy.id = type(copy)._meta.pk.default()
            Opportunity.objects.bulk_create(copies)
        else:
            values = dict(change)
            if (place := values.pop("owner", None)) is not None:
                values |= {
                    "owner_id": people[place].user_id,
                    "owning_business_unit_id": people[place].unit_id,
                }
            if values:
                rows.update(**values)


def test_through_the_kernel_too(people: list[Actor], admin: Actor) -> None:
    entity = registry.get("opportunity")
    made = [service.create(entity, minimal(entity, admin, n), admin).id for n in range(4)]
    service.update(entity, made[0], {"stage": 3, "estimated_revenue": "70.00"}, admin)
    service.assign(entity, made[1], str(people[1].user_id), admin)
    service.run_action(entity, "lose", made[2], {}, admin)
    service.delete(entity, made[3], admin)
    agree([admin, *people])
    service.restore(entity, made[3], admin)
    agree([admin, *people])


def asked(actor: Actor, tree: Any, group: list[Any], measures: list[Any]) -> str:
    """The SQL that answers."""
    from crm_core.records.query import prepared

    prepared._kept.clear()
    with CaptureQueriesContext(connection) as captured:
        aggregate(Query(registry.get("opportunity"), actor).filter(tree), group, measures)
    return captured.captured_queries[-1]["sql"]


def test_only_what_it_can_tell_is_asked_of_the_rollup(people: list[Actor], admin: Actor) -> None:
    own, month = people[2], [{"attribute": "estimated_close_date", "by": "month"}]
    for tree, group, measures in (
        (OPEN, month, COUNT_AND_SUMS), (None, [{"attribute": "owner"}], COUNT_AND_SUMS[:1]),
    ):  # fmt: skip
        assert "sales_opportunityrollup" in asked(own, tree, group, measures)
    for tree, group, measures in (
        ({"attribute": "topic", "operator": "contains", "value": "a"}, month, COUNT_AND_SUMS),
        (OPEN, [{"attribute": "estimated_close_date", "by": "week"}], COUNT_AND_SUMS),
        (OPEN, [{"attribute": "rating"}], COUNT_AND_SUMS),
        (OPEN, month, [{"fn": "avg", "attribute": "estimated_revenue"}]),
        (OPEN, month, [{"fn": "sum", "attribute": "actual_revenue"}]),
    ):
        assert "sales_opportunityrollup" not in asked(own, tree, group, measures)


def test_who_has_a_share_is_counted_record_by_record(people: list[Actor], admin: Actor) -> None:
    """The roll-up knows owners and units, no single records."""
    entity, partner = registry.get("opportunity"), people[2]
    shared = service.create(entity, minimal(entity, admin, 1), admin).id
    before = aggregate(Query(entity, partner), [{"attribute": "stage"}], COUNT_AND_SUMS)
    assert before["totals"][0] == 0
    service.share(entity, shared, partner.user_id, ["read"], admin)
    again = actor_for(partner.user_id)
    assert again is not None and Share.objects.count() == 1
    assert "sales_opportunityrollup" not in asked(again, None, [{"attribute": "stage"}], COUNT_AND_SUMS)
    assert aggregate(Query(entity, again), [{"attribute": "stage"}], COUNT_AND_SUMS)["totals"][0] == 1
    assert access.visible(entity, again) is not None


@pytest.mark.real_commit
def test_writers_and_the_sweep_at_once_lose_nothing(workspace: Any) -> None:
    """Six threads write, one draws together, one reads: no one waits for a row of the roll-up, every sum is whole."""
    from tenants.context import activate

    with transaction.atomic():
        owner = Principal.objects.filter(kind="user").first()
        entity = registry.get("opportunity")
        assert owner is not None
        system = actor_for(owner.pk)
        assert system is not None
        customer = service.create(
            registry.get("account"), minimal(registry.get("account"), system, 1), system
        ).id
    barrier, failures, totals = threading.Barrier(8, timeout=60), [], []

    def guarded(work: Any) -> None:
        try:
            with activate(workspace):
                connection.ensure_connection()
                barrier.wait()
                work()
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(repr(error))
        finally:
            connection.close()

    def writing(number: int) -> None:
        for n in range(12):
            with transaction.atomic():
                made = Opportunity.objects.create(
                    topic="Race", customer_account_id=customer, owner_id=owner.pk, state="open", stage=1,
                    owning_business_unit_id=owner.business_unit_id, estimated_revenue_base=Decimal(100))  # fmt: skip
                Opportunity.objects.filter(pk=made.pk).update(stage=1 + (n + number) % 4)
            if n % 3 == 0:
                made.delete()

    def drawing() -> None:
        for _n in range(40):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(rollup._drawing(entity.rollup))

    def reading() -> None:
        for _n in range(40):
            found = aggregate(Query(entity, system), [{"attribute": "stage"}], COUNT_AND_SUMS)["groups"]
            totals.extend(Decimal(g["values"][1]) - 100 * g["values"][0] for g in found)

    works = [lambda n=n: writing(n) for n in range(6)] + [drawing, reading]
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert set(totals) <= {Decimal(0)}, "a sum and its count were of different moments"
    assert Opportunity.objects.count() == 48
    agree([system])
    with connection.cursor() as cursor:
        cursor.execute(rollup._drawing(entity.rollup))
    assert sum(OpportunityRollup.objects.values_list("records", flat=True)) == 48
    assert OpportunityRollup.objects.count() <= 4


def test_the_sweep_leaves_alone_what_is_together(people: list[Actor], admin: Actor) -> None:
    _write_all(people, admin, [])
    before = set(OpportunityRollup.objects.values_list("pk", flat=True))
    rollup.draw_together()
    assert set(OpportunityRollup.objects.values_list("pk", flat=True)) == before
    for stage in (2, 3) * 60:
        Opportunity.objects.filter(topic="Deal 1").update(stage=stage)
    rollup.draw_together()
    assert OpportunityRollup.objects.count() == 10
    agree([admin, *people])
