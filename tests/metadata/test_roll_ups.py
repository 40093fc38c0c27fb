"""Roll-ups (PLT-3): what they are made of, when they are renewed, and what their definition refuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Invalid
from crm_core.records import jobs, roll_ups, service
from crm_core.records.models import AuditEntry, Job, RollUpState
from crm_core.records.query import Query
from crm_core.security.actor import Actor
from crm_core.security.models import Role
from tests.api_client import person
from tests.metadata.test_calculated_fields import _secure, named


def drafted(admin: Actor, function: str, relationship: str, object_name: str = "account", **more: Any) -> str:
    """The name of a roll-up in the draft."""
    measure = more.get("measure")
    body = {"label": f"{function} {relationship} {measure}"[:60], "type": "roll_up", "function": function, "relationship": relationship}  # fmt: skip
    change = publishing.add_change("attribute", "create", object_name, None, {**body, **more}, admin.user_id)
    return str(change.name)


def publish(admin: Actor) -> None:
    publishing.publish(admin.user_id, admin.name)


def run_all() -> None:
    """What the hourly sweep and the worker do."""
    job = roll_ups.start(roll_ups.every()) or Job.objects.get(kind="roll_up", state="queued")
    while jobs.run_next_step(job.pk):
        pass
    job.refresh_from_db()
    assert job.state == "succeeded", job.error


@pytest.fixture
def fleet(boat: Entity, admin: Actor) -> dict[str, Any]:
    """A flag ship with three boats, one of them in the recycle bin, and a boat without any."""
    mother, length, price, launched = (named(boat, n) for n in ("Mother ship", "Length", "Price", "Launched"))
    flag = service.create(boat, {"name": "Flag"}, admin).id
    ids = [
        service.create(boat, {"name": f"Boat {n}", mother: str(flag), length: metres, price: "10.5", launched: day}, admin).id
        for n, (metres, day) in enumerate((("4", "2024-01-05"), ("8.5", "2024-03-01"), ("100", "2020-01-01")))
    ]  # fmt: skip
    service.delete(boat, ids[2], admin)
    return {
        "flag": flag,
        "boats": ids,
        "mother": mother,
        "length": length,
        "price": price,
        "launched": launched,
    }


def test_children_are_counted_added_and_compared(boat: Entity, admin: Actor, fleet: dict[str, Any]) -> None:
    names = {
        "count": drafted(admin, "count", "c_boats", "c_boat"),
        "sum": drafted(admin, "sum", "c_boats", "c_boat", measure=fleet["length"]),
        "avg": drafted(admin, "avg", "c_boats", "c_boat", measure=fleet["length"]),
        "min": drafted(admin, "min", "c_boats", "c_boat", measure=fleet["launched"]),
        "max": drafted(admin, "max", "c_boats", "c_boat", measure=fleet["length"]),
        "money": drafted(admin, "sum", "c_boats", "c_boat", measure=fleet["price"]),
        "long": drafted(admin, "count", "c_boats", "c_boat", label="Long ones",
                        filter={"attribute": fleet["length"], "operator": "gt", "value": "5"}),
    }  # fmt: skip
    publish(admin)
    before = AuditEntry.objects.count()
    run_all()
    entity = registry.get("c_boat")
    row = Query(entity, admin).one(fleet["flag"])
    assert {n: row[name] for n, name in names.items()} == {
        "count": 2, "sum": "12.50", "avg": "6.25", "min": "2024-01-05", "max": "8.50", "money": "21.00", "long": 1,
    }  # fmt: skip
    alone = Query(entity, admin).one(fleet["boats"][0])
    assert (alone[names["count"]], alone[names["sum"]], alone[names["avg"]]) == (0, "0.00", None)
    assert entity.attributes[names["money"]].format == "base"
    assert row["version"] == 1 and AuditEntry.objects.count() == before, "nobody decided anything"
    found = (
        Query(entity, admin)
        .filter({"attribute": names["count"], "operator": "ge", "value": 1})
        .page(["name"])
        .rows
    )
    assert [r["name"] for r in found] == ["Flag"]
    assert Query(entity, admin).order([f"-{names['sum']}"]).page(["name"]).rows[0]["name"] == "Flag"


def test_deleted_and_restored_children_are_reflected(
    boat: Entity, admin: Actor, fleet: dict[str, Any]
) -> None:
    name = drafted(admin, "count", "c_boats", "c_boat")
    publish(admin)
    entity = registry.get("c_boat")
    for change, expected in ((service.delete, 1), (service.restore, 2)):
        change(entity, fleet["boats"][0], admin)
        run_all()
        assert Query(entity, admin).one(fleet["flag"])[name] == expected


def test_a_record_that_is_made_has_counted_nothing_already(
    boat: Entity, admin: Actor, fleet: dict[str, Any]
) -> None:
    """Whoever filters for none finds it at once, and is told of no moment before the record was there."""
    count = drafted(admin, "count", "c_boats", "c_boat")
    largest = drafted(admin, "max", "c_boats", "c_boat", measure=fleet["length"])
    publish(admin)
    RollUpState.objects.create(key=f"c_boat.{count}", renewed_at=timezone.now() - dt.timedelta(minutes=50))
    before = timezone.now()
    entity = registry.get("c_boat")
    one = service.create(entity, {"name": "New"}, admin).id
    many = service.create_many(entity, [{"name": "Newer"}], admin)[0].id
    assert many is not None
    for pk in (one, many):
        row = Query(entity, admin).one(pk, [count, largest, f"{count}_at"])
        assert (row[count], row[largest]) == (0, None)
        assert dt.datetime.fromisoformat(row[f"{count}_at"]) >= before - dt.timedelta(seconds=1)
    assert not AuditEntry.objects.filter(record_id=one, changes__has_key=count).exists()


def test_children_that_change_parents_are_counted_where_they_are(seeded: Any, admin: Actor) -> None:
    count = drafted(admin, "count", "child_accounts")
    publish(admin)
    entity = registry.get("account")
    one, other = (service.create(entity, {"name": name}, admin).id for name in ("Alpha", "Beta"))
    children = [
        service.create(entity, {"name": f"Child {n}", "parent_account": str(one)}, admin).id for n in (1, 2)
    ]

    def counted() -> tuple[Any, Any]:
        found = roll_ups.values_of(entity, entity.attributes[count], [one, other])
        return found[one], found[other]

    assert counted() == (2, 0)
    service.update(entity, children[0], {"parent_account": str(other)}, admin)
    assert counted() == (1, 1)
    service.merge(entity, one, other, admin)
    assert counted()[0] == 2
    run_all()
    assert Query(entity, admin).one(one, [count])[count] == 2


def test_standard_relationships_sum_in_the_base_currency(workspace: Any, admin: Actor) -> None:
    name = drafted(admin, "sum", "opportunities", measure="estimated_revenue")
    newest = drafted(admin, "max", "child_accounts", measure="created_at")
    publish(admin)
    account, opportunity = registry.get("account"), registry.get("opportunity")
    parent = service.create(account, {"name": "Acme"}, admin).id
    service.create(account, {"name": "Child", "parent_account": str(parent)}, admin)
    for amount in ("100", "250.50"):
        values = {
            "topic": "Deal",
            "customer": {"object": "account", "id": str(parent)},
            "estimated_revenue": amount,
        }
        service.create(opportunity, values, admin)
    run_all()
    row = Query(account, admin).one(parent)
    assert registry.get("account").attributes[name].type.name == "money"
    assert (row[name], row[newest] is not None) == ("350.50", True)


def test_one_record_is_renewed_on_demand(
    workspace: Any, boat: Entity, admin: Actor, fleet: dict[str, Any]
) -> None:
    name = drafted(admin, "count", "c_boats", "c_boat")
    publish(admin)
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    path = f"/c_boats/{fleet['flag']}/roll_ups/{name}"
    status, first = api.post(path)
    assert (status, first["value"], first["version"]) == (200, 2, 1)
    shown = api.get(f"/c_boats/{fleet['flag']}")[1]
    assert (shown[name], shown[f"{name}_at"]) == (2, first["as_of"])
    other = api.get(f"/c_boats/{fleet['boats'][0]}")[1]
    assert (other[name], other[f"{name}_at"]) == (None, None), "only the one"
    RollUpState.objects.create(key=f"c_boat.{name}", renewed_at=timezone.now() + dt.timedelta(hours=1))
    assert api.get(f"/c_boats/{fleet['flag']}")[1][f"{name}_at"] > first["as_of"], (
        "a later run over all counts"
    )
    assert api.post(f"/c_boats/{fleet['flag']}/roll_ups/{fleet['length']}")[0] == 404
    assert api.patch(f"/c_boats/{fleet['flag']}", {name: 9})[1]["code"] == "attribute.read_only"
    document = api.get("/openapi.json")[1]
    assert "post" in document["paths"]["/c_boats/{id}/roll_ups/{name}"]
    assert document["components"]["schemas"]["c_boat"]["properties"][name]["readOnly"] is True


def test_a_run_that_was_lost_goes_on_where_it_was(
    boat: Entity, admin: Actor, fleet: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = drafted(admin, "count", "c_boats", "c_boat")
    publish(admin)
    monkeypatch.setattr(roll_ups, "STEP", 1)
    job = Job.objects.get(kind="roll_up")
    assert jobs.run_next_step(job.pk) and jobs.run_next_step(job.pk)
    monkeypatch.setattr(roll_ups, "renew", _broken)
    assert not jobs.run_next_step(job.pk), "the worker died in its step"
    monkeypatch.undo()
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - dt.timedelta(hours=1))
    assert jobs.resume_stale() == 1
    while jobs.run_next_step(job.pk):
        pass
    job.refresh_from_db()
    assert (job.state, job.done) == ("succeeded", 4)
    assert Query(registry.get("c_boat"), admin).one(fleet["flag"])[name] == 2
    assert roll_ups.start(roll_ups.every()) is not None
    assert roll_ups.start(roll_ups.every()) is None, "one run at a time"
    assert Job.objects.filter(kind="roll_up").count() == 1, "runs of former hours do not pile up"


def _broken(*_given: Any) -> int:
    raise RuntimeError("killed")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"function": "median"}, "roll_up.function", "function"),
        ({"function": ["sum"]}, "roll_up.function", "function"),
        ({"relationship": "nothing"}, "relationship.unknown", "relationship"),
        ({"relationship": 7}, "roll_up.unknown", "relationship"),
        ({"function": "sum"}, "roll_up.measure", "measure"),
        ({"function": "sum", "measure": "full_name"}, "roll_up.measure", "measure"),
        ({"function": "sum", "measure": "created_at"}, "roll_up.measure", "measure"),
        ({"filter": []}, None, None),
        ({"filter": {"attribute": "nothing"}}, "attribute.unknown", "filter"),
        ({"filter": {"attribute": "owner", "operator": "me"}}, "roll_up.personal_filter", "filter"),
        ({"default": 1}, "metadata.default", "default"),
        ({"expression": "1"}, None, None),
    ],
)
def test_definitions_that_cannot_work_are_refused(
    admin: Actor, change: dict[str, Any], code: str | None, field: str | None
) -> None:
    body = {"label": "R", "type": "roll_up", "function": "count", "relationship": "contacts", **change}
    if code is None:
        assert publishing.add_change("attribute", "create", "account", None, body, admin.user_id).name
        return
    with pytest.raises(Invalid) as refused:
        publishing.add_change("attribute", "create", "account", None, body, admin.user_id)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_what_a_roll_up_reads_stays_and_no_loop_is_made(
    boat: Entity, admin: Actor, fleet: dict[str, Any]
) -> None:
    name = drafted(admin, "sum", "c_boats", "c_boat", measure=fleet["length"])
    body = {"label": "Loop", "type": "calculated", "expression": f"{name} + 1"}
    loop = publishing.add_change("attribute", "create", "c_boat", None, body, admin.user_id).name
    with pytest.raises(Invalid) as refused:
        publishing.add_change("attribute", "update", "c_boat", name, {"measure": loop}, admin.user_id)
    assert refused.value.code == "formula.cycle"
    publish(admin)
    with pytest.raises(Conflict) as other:
        publishing.add_change("attribute", "update", "c_boat", name, {"measure": fleet["launched"], "function": "min"}, admin.user_id)  # fmt: skip
    assert other.value.code == "roll_up.result_changed"
    for used in (fleet["length"], fleet["mother"]):
        change = publishing.add_change("attribute", "delete", "c_boat", used, {}, admin.user_id)
        assert "metadata.dependencies" in {p["code"] for p in publishing.impact()["problems"]}
        with pytest.raises(Conflict):
            publish(admin)
        change.delete()


def test_a_roll_up_of_secured_amounts_is_masked(workspace: Any, admin: Actor) -> None:
    name = drafted(admin, "sum", "child_accounts", measure="annual_revenue")
    publish(admin)
    _secure("account.annual_revenue")
    role = Role.objects.create(name="Reader", privileges={"account": {"read": 5, "create": 5}})
    _user, api = person(workspace, "sam@example.com", str(role.pk))
    record = service.create(registry.get("account"), {"name": "Acme"}, admin).id
    kept = registry.get("account").model.objects.get(pk=record).custom
    shown = api.get(f"/accounts/{record}")[1]
    assert shown[name] is None and name in shown["masked"]
    assert api.post(f"/accounts/{record}/roll_ups/{name}")[1]["code"] == "field.secured"
    assert registry.get("account").model.objects.get(pk=record).custom == kept, "and nothing was written"
    hidden = Role.objects.create(name="Own", privileges={"account": {"read": 1}})
    _user, stranger = person(workspace, "sid@example.com", str(hidden.pk))
    assert stranger.post(f"/accounts/{record}/roll_ups/{name}")[0] == 404
