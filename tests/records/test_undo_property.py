"""State before equals state after undo, over random sequences of mass operations on several objects (PEERS 3.7, SAAS C12)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.metadata import registry
from crm_core.metadata.errors import CrmError
from crm_core.records import bulk, jobs, service
from crm_core.records.models import Job
from crm_core.security.actor import Actor
from tests.records.workspace_state import differences, state
from tests.sales_people import change, make, refers

pytestmark = pytest.mark.slow

OBJECTS = ("account", "contact", "lead", "c_boat")
EDITS: dict[str, list[dict[str, Any]]] = {
    "account": [{"phone": "+49 431 5550199"}, {"industry": 1, "annual_revenue": "12.50"}, {"website": None}, {"do_not_email": True}],
    "contact": [{"job_title": "Captain"}, {"email": None}, {"birth_date": "1980-02-29"}],
    "lead": [{"rating": 2}, {"company_name": "Nord AG", "estimated_value": "3.10"}],
    "c_boat": [{}],
}  # fmt: skip

indices = st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(OBJECTS[:3]), indices, st.integers(0, 3)),
        st.tuples(st.just("assign"), st.sampled_from(OBJECTS), indices, st.integers(0, 1)),
        st.tuples(st.just("delete"), st.sampled_from(OBJECTS), indices, st.just(0)),
        st.tuples(st.just("merge"), st.sampled_from(OBJECTS[:3]), st.permutations(range(5)), st.booleans()),
        st.tuples(st.just("import"), st.sampled_from(OBJECTS), indices, st.integers(1, 9)),
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture
def filled(admin: Actor, rep: Actor, boat: Any) -> dict[str, list[Any]]:
    """Five records of each object that hang together, with activities, notes, custom references and unique values."""
    accounts = [
        make("account", admin, name=f"Nord {n}", website=f"nord{n}.example", annual_revenue=f"{n}.10")
        for n in range(5)
    ]
    ids = {
        "account": accounts,
        "contact": [make("contact", admin, last_name=f"Lind {n}", email=f"p{n}@nord.example", parent_customer=refers("account", accounts[n % 2])) for n in range(5)],
        "lead": [make("lead", admin, topic=f"Ferry {n}", last_name="Berg", estimated_value="1.25") for n in range(5)],
        "c_boat": [],
    }  # fmt: skip
    sign, mother = (
        next(a.name for a in boat.custom_attributes if str(a.label) == label)
        for label in ("Call sign", "Mother ship")
    )
    for n in range(5):
        values = {"name": f"Möwe {n}", sign: f"DK{n}"}
        if n:
            values[mother] = str(ids["c_boat"][0]) if n < 3 else None
        ids["c_boat"].append(make("c_boat", admin, **values))
    for n in range(5):
        make(
            "task",
            admin,
            subject=f"Call {n}",
            regarding=refers("account", accounts[n]),
            scheduled_end=f"2026-12-0{n + 1}T09:00:00Z",
        )
        make("note", admin, title=f"Note {n}", regarding=refers("contact", ids["contact"][n]))
        make("opportunity", admin, topic=f"Deal {n}", customer=refers("account", accounts[(n + 1) % 5]))
    return ids


def carry_out(step: tuple, ids: dict[str, list[Any]], admin: Actor, rep: Actor) -> Job | None:
    """Run one operation as its job; None when it was refused as a whole."""
    kind, name, chosen, extra = step
    entity = registry.get(name)
    chosen_ids = [str(ids[name][i]) for i in chosen]
    if kind == "merge":
        try:
            written, _moved = service.merge(
                entity,
                ids[name][chosen[0]],
                ids[name][chosen[1]],
                admin,
                fill_empty=extra,
                ignore_parent=True,
            )
        except CrmError:
            return None
        return Job.objects.get(pk=written.job_id)
    if kind == "import":
        job = jobs.create_job("bulk", "import", admin, object_name=name, params={})
        acting = admin.acting("import", job.pk)
        rows = [
            {entity.primary: f"New {n}"} if entity.primary in ("name", "topic") else {} for n in range(extra)
        ]
        extras = {"contact": {"last_name": "New"}, "lead": {"last_name": "New"}}.get(name, {})
        service.create_many(entity, [{**row, **extras} for row in rows], acting)
        if name != "c_boat":
            changes = [(ids[name][i], EDITS[name][0]) for i in chosen]
            service.update_many(entity, changes, acting)
        Job.objects.filter(pk=job.pk).update(state="succeeded")
        return Job.objects.get(pk=job.pk)
    request: dict[str, Any] = {"operation": kind, "ids": chosen_ids}
    if kind == "edit":
        request["values"] = EDITS[name][extra % len(EDITS[name])]
    if kind == "assign":
        request["owner"] = str((rep if extra else admin).user_id)
    return bulk.start(entity, request, admin)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=operations)
def test_undoing_newest_first_gives_the_former_state(
    filled: dict[str, list[Any]],
    admin: Actor,
    rep: Actor,
    steps: list[tuple],
) -> None:
    from django.db import transaction

    with transaction.atomic():
        states, done = [], []
        for step in steps:
            before = state()
            job = carry_out(step, filled, admin, rep)
            if job is not None:
                states.append(before)
                done.append(job)
        for before, job in zip(reversed(states), reversed(done), strict=True):
            undone = jobs.control(job.pk, "undo", admin)
            already = undone.failed
            undone = jobs.run_inline(undone, jobs.actor_of(undone))
            assert undone.state == "undone"
            conflicts = list(undone.failures.values_list("code", "name", "message"))
            assert undone.failed == already, (steps, conflicts)
            assert differences(before, state()) == [], (steps, job.label)
        transaction.set_rollback(True)


def test_edits_between_are_kept_and_reported(admin: Actor, rep: Actor, filled: dict) -> None:
    """SAAS C12: undo interleaved with edits."""
    ids = filled["account"]
    job = bulk.start(
        registry.get("account"),
        {"operation": "edit", "ids": [str(i) for i in ids], "values": {"phone": "+49 431 5550199"}},
        admin,
    )
    change("account", ids[1], admin, phone="+49 40 1234567")
    change("account", ids[2], admin, ticker="ABC")
    service.delete(registry.get("account"), ids[4], admin)
    undone = jobs.run_inline(jobs.control(job.pk, "undo", admin), admin.acting("screen", job.pk))
    codes = dict(undone.failures.values_list("record_id", "code"))
    assert codes == {ids[1]: "undo.changed_since", ids[4]: "undo.deleted_since"}
    phones = {r["id"]: r["phone"] for r in state()["account"].values()}
    assert [phones[i] for i in ids[:4]] == [None, "+49 40 1234567", None, None]
    assert state()["account"][ids[2]]["ticker"] == "ABC"


def test_a_unique_value_taken_meanwhile_keeps_a_record_in_the_bin(
    admin: Actor, filled: dict, boat: Any
) -> None:
    sign = next(a.name for a in boat.custom_attributes if str(a.label) == "Call sign")
    job = bulk.start(boat, {"operation": "delete", "ids": [str(filled["c_boat"][4])]}, admin)
    make("c_boat", admin, name="Other", **{sign: "DK4"})
    undone = jobs.run_inline(jobs.control(job.pk, "undo", admin), admin.acting("screen", job.pk))
    assert undone.failures.get().code == "value.not_unique"
    assert state()["c_boat"][filled["c_boat"][4]]["deleted_at"] is not None
