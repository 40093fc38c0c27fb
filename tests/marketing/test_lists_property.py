"""Lists agree with plain sets: what filters find, what is made of two lists, what an undo leaves (MKT-1, MKT-70.3)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.records import jobs
from crm_core.security.actor import Actor
from tests.marketing.test_marketing_lists import act, add, in_list, new_list, of, segment
from tests.sales_people import make

PEOPLE = {"Ada": 1, "Bo": 5, "Cy": None, "Dan": 40, "Eve": 5, "Adam": 300}
NAMES = sorted(PEOPLE)

leaves = st.one_of(
    st.tuples(st.just("name"), st.sampled_from(["a", "d", "e", "zz"])),
    st.tuples(st.just("size"), st.sampled_from([1, 5, 40])),
    st.tuples(st.just("list"), st.just(0)),
)
asked = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.just("and"), st.lists(inner, max_size=3)),
        st.tuples(st.just("or"), st.lists(inner, max_size=3)),
    ),
    max_leaves=6,
)
some = st.sets(st.sampled_from(NAMES))


def tree_of(node: Any, list_id: uuid.UUID) -> dict[str, Any]:
    """The filter of the language that means `node`."""
    kind, value = node
    if kind == "not":
        return {"not": tree_of(value, list_id)}
    if kind in ("and", "or"):
        return {kind: [tree_of(part, list_id) for part in value]}
    if kind == "list":
        return in_list(list_id)
    if kind == "name":
        return {"attribute": "name", "operator": "contains", "value": value}
    return {"attribute": "number_of_employees", "operator": "ge", "value": value}


def holds(node: Any, name: str, listed: set[str]) -> bool:
    """What `node` says of one account, without any database."""
    kind, value = node
    if kind == "not":
        return not holds(value, name, listed)
    if kind in ("and", "or"):
        return (all if kind == "and" else any)(holds(part, name, listed) for part in value)
    if kind == "list":
        return name in listed
    if kind == "name":
        return value in name.lower()
    size = PEOPLE[name]
    return size is not None and size >= value


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    node=asked, listed=some, before=some, operation=st.sampled_from(["union", "intersection", "difference"])
)
def test_lists_are_sets(admin: Actor, node: Any, listed: set[str], before: set[str], operation: str) -> None:
    with taken_back():
        ids = {n: make("account", admin, name=n, number_of_employees=PEOPLE[n]) for n in NAMES}
        names = {pk: n for n, pk in ids.items()}

        def on(list_id: uuid.UUID) -> set[str]:
            return {names[pk] for pk in of(list_id, admin) if pk in names}

        first, target = new_list(admin), new_list(admin)
        for list_id, members in ((first, listed), (target, before)):
            if members:
                add(list_id, [ids[n] for n in members], admin)
        tree = tree_of(node, first)
        found = {n for n in NAMES if holds(node, n, listed)}
        dynamic = segment(admin, tree)
        assert on(dynamic) == found
        _w, made = act("marketing_list", operation, target, admin, other=str(dynamic), name="Made")
        combined = {"union": before | found, "intersection": before & found, "difference": before - found}
        assert on(uuid.UUID(made["marketing_list_id"])) == combined[operation]
        for name, after in (
            ("add_by_query", before | found), ("remove_by_query", before - found), ("evaluate", before & found),
        ):  # fmt: skip
            _w, done = act("marketing_list", name, target, admin, filter=tree)
            assert on(target) == after
            assert done.get("added", done.get("removed")) == len(after ^ before)
            jobs.run_inline(jobs.control(uuid.UUID(done["job_id"]), "undo", admin), admin)
            assert on(target) == before
