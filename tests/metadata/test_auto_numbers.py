"""Automatic numbers (PLT-16): their format, every door they are given at, and uniqueness when many create at once."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from django.db import connection

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Invalid, ValidationFailed
from crm_core.metadata.models import NumberCounter
from crm_core.metadata.numbering import NumberFormat
from crm_core.records import jobs, service
from crm_core.records.models import Job, UniqueValue
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from tenants.context import activate
from tests.api_client import person
from tests.metadata.test_guards import _committed_boat

DAY = dt.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("numbering", "expected"),
    [
        (NumberFormat(), "00042"),
        (NumberFormat(prefix="INV-", digits=3), "INV-042"),
        (NumberFormat(prefix="INV-", date_part="year"), "INV-2026-00042"),
        (NumberFormat(date_part="year_month", digits=1), "202611-42"),
        (NumberFormat(prefix="#", date_part="year_month_day", digits=2), "#20261105-42"),
    ],
)
def test_a_number_has_prefix_date_and_digits(numbering: NumberFormat, expected: str) -> None:
    assert numbering.text(42, DAY) == expected


@pytest.mark.parametrize("length", [4, 6])
def test_the_random_end_differs_and_has_no_ambiguous_characters(length: int) -> None:
    made = {NumberFormat(suffix=length).text(7, DAY) for _ in range(50)}
    assert len(made) > 40
    assert all(re.fullmatch(rf"00007-[A-HJKMNP-Z2-9]{{{length}}}", text) for text in made)


def drafted(admin: Actor, object_name: str = "c_boat", **definition: Any) -> str:
    """The name of a number in the draft."""
    body = {"label": "Number", "type": "auto", **definition}
    return str(publishing.add_change("attribute", "create", object_name, None, body, admin.user_id).name)


def numbered(admin: Actor, object_name: str = "c_boat", **definition: Any) -> str:
    """The name of a published number."""
    name = drafted(admin, object_name, **definition)
    publishing.publish(admin.user_id, admin.name)
    return name


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("prefix", "É-", "auto.prefix"),
        ("prefix", "x" * 21, "auto.prefix"),
        ("prefix", ["A"], "auto.prefix"),
        ("date_part", "week", "auto.date_part"),
        ("date_part", {"year": 1}, "auto.date_part"),
        ("digits", 13, "metadata.number"),
        ("digits", True, "metadata.number"),
        ("suffix", 5, "auto.suffix"),
        ("suffix", "4", "auto.suffix"),
        ("next_number", 0, "metadata.number"),
        ("next_number", 10**16, "metadata.number"),
        ("default", "00001", "metadata.default"),
    ],
)
def test_what_no_format_can_be_is_refused(
    boat: Entity, admin: Actor, field: str, value: Any, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        drafted(admin, **{field: value})
    assert (refused.value.code, refused.value.field) == (code, field)


def test_every_new_record_gets_the_next_number(boat: Entity, admin: Actor) -> None:
    name = numbered(admin, prefix="B-", digits=4, next_number=7)
    entity = registry.get("c_boat")
    first = service.create(entity, {"name": "Ada"}, admin)
    many = service.create_many(
        entity, [{"name": "Bea"}, {"name": "Cid", "c_nothing": 1}, {"name": "Dee"}], admin
    )
    rows = Query(entity, admin).order([name]).page(["name", name]).rows
    assert [(r["name"], r[name]) for r in rows] == [("Ada", "B-0007"), ("Bea", "B-0008"), ("Dee", "B-0009")]
    assert many[1].error is not None and many[1].error.code == "attribute.unknown", "and took no number"
    found = Query(entity, admin).search("B-0008").page(["name"]).rows
    assert [r["name"] for r in found] == ["Bea"]
    with pytest.raises(ValidationFailed):
        service.update(entity, first.id, {name: "B-1"}, admin)
    with pytest.raises(ValidationFailed):
        service.create(entity, {"name": "Eve", name: "B-1"}, admin)


def test_a_refused_creation_takes_its_number_back(boat: Entity, admin: Actor) -> None:
    name = numbered(admin)
    entity = registry.get("c_boat")
    sign = next(a.name for a in entity.custom_attributes if str(a.label) == "Call sign")
    service.create(entity, {"name": "Ada", sign: "DA1"}, admin)
    with pytest.raises(Conflict):
        service.create(entity, {"name": "Bea", sign: "DA1"}, admin)
    tried = service.create_many(entity, [{"name": "Cid"}], admin, dry_run=True)
    assert tried[0].error is None
    assert Query(entity, admin).one(service.create(entity, {"name": "Dee"}, admin).id)[name] == "00002"


def test_standard_objects_are_numbered_by_actions_and_over_http(workspace: Any, admin: Actor) -> None:
    """Qualifying a lead makes an account, a contact and an opportunity: each gets its number."""
    names = {o: drafted(admin, o, prefix=o[0].upper()) for o in ("account", "contact", "opportunity")}
    publishing.publish(admin.user_id, admin.name)
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    _status, lead = api.post("/leads", {"last_name": "Ulm", "company_name": "Ulm AG", "topic": "Boat"})
    asked = {f"create_{name}": True for name in names}
    status, done = api.post(f"/leads/{lead['id']}/actions/qualify", asked)
    assert status == 200, done
    made = done["result"]
    for name, plural in (("account", "accounts"), ("contact", "contacts"), ("opportunity", "opportunities")):
        assert api.get(f"/{plural}/{made[f'{name}_id']}")[1][names[name]] == f"{name[0].upper()}00001"
    status, refused = api.post("/accounts", {"name": "Own", names["account"]: "A1"})
    assert (status, refused["code"]) == (422, "attribute.read_only")
    _status, document = api.get("/openapi.json")
    schemas = document["components"]["schemas"]
    assert schemas["account"]["properties"][names["account"]]["readOnly"] is True
    assert names["account"] not in schemas["account_create"]["properties"]


def test_the_next_number_can_be_raised_and_never_lowered(workspace: Any, boat: Entity, admin: Actor) -> None:
    name = numbered(admin)
    entity = registry.get("c_boat")
    for n in range(3):
        service.create(entity, {"name": f"Boat {n}"}, admin)
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    assert api.get("/customization")[1]["next_numbers"] == {f"c_boat.{name}": 4}
    change = {"kind": "attribute", "operation": "update", "object": "c_boat", "name": name}
    status, refused = api.post("/customization/changes", {**change, "definition": {"next_number": 3}})
    assert (status, refused["code"], refused["field"]) == (422, "auto.next_number", "next_number")
    assert refused["details"] == {"next_number": 4}
    assert api.post("/customization/changes", {**change, "definition": {"next_number": 500}})[0] == 201
    assert api.post("/customization/publish")[0] == 200
    entity = registry.get("c_boat")
    assert Query(entity, admin).one(service.create(entity, {"name": "Far"}, admin).id)[name] == "00500"
    publishing.roll_back(publishing.published()[0] - 1, admin.user_id, admin.name)
    entity = registry.get("c_boat")
    assert Query(entity, admin).one(service.create(entity, {"name": "On"}, admin).id)[name] == "00501"


def test_records_that_were_there_before_are_numbered_oldest_first(boat: Entity, admin: Actor) -> None:
    ids = [service.create(boat, {"name": f"Boat {n}"}, admin).id for n in range(4)]
    service.delete(boat, ids[1], admin)
    name = numbered(admin, digits=2)
    job = Job.objects.get(kind="number_existing")
    while jobs.run_next_step(job.pk):
        pass
    entity = registry.get("c_boat")
    rows = Query(entity, admin).order([name]).page(["name", name]).rows
    assert [(r["name"], r[name]) for r in rows] == [("Boat 0", "01"), ("Boat 2", "03"), ("Boat 3", "04")]
    assert UniqueValue.objects.filter(attribute=name).count() == 3
    service.restore(entity, ids[1], admin)
    assert Query(entity, admin).one(ids[1])[name] == "02"
    assert Query(entity, admin).search("02").page(["name"]).rows[0]["name"] == "Boat 1"
    assert {r.version for r in entity.model.objects.filter(pk__in=[ids[0], ids[2]])} == {1}, (
        "nobody decided anything"
    )


def test_a_number_in_use_is_passed_over(boat: Entity, admin: Actor) -> None:
    name = numbered(admin)
    UniqueValue.objects.create(object="c_boat", attribute=name, value="00001", record_id=admin.user_id)
    entity = registry.get("c_boat")
    made = service.create_many(entity, [{"name": "Ada"}, {"name": "Bea"}], admin)
    values = {Query(entity, admin).one(r.id)[name] for r in made if r.id}
    assert values == {"00002", "00003"}


@pytest.mark.real_commit
def test_no_number_is_given_twice_when_many_create_at_once(workspace: Any) -> None:
    admin, _boat = _committed_boat()
    name = numbered(admin, digits=3)
    failed: list[str] = []

    def create(worker: int) -> None:
        with activate(workspace):
            try:
                entity = registry.get("c_boat")
                for n in range(5):
                    service.create(entity, {"name": f"Boat {worker}.{n}"}, admin)
                service.create_many(entity, [{"name": f"Boat {worker}.m{n}"} for n in range(5)], admin)
            except Exception as error:  # noqa: BLE001 - whatever a thread meets fails the test
                failed.append(repr(error))
        connection.close()

    workers = [threading.Thread(target=create, args=(n,)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    values = sorted(c[name] for c in registry.get("c_boat").model.objects.values_list("custom", flat=True))
    assert values == [f"{n:03d}" for n in range(1, 41)], "each number once, no gaps"
    assert NumberCounter.objects.get(key=f"c_boat.{name}").next_number == 41
