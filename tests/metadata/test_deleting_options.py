"""Deleting options of a field or a shared list (PLT-4): a replacement is chosen, records are rewritten, nothing points at it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from crm_core.exchange.models import ImportMap
from crm_core.metadata import registry
from crm_core.metadata import workspace as unit_of_work
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError
from crm_core.records import jobs, service
from crm_core.records.models import AuditEntry, Job
from crm_core.records.options import replacing
from crm_core.records.options.holding import rows_holding
from crm_core.search import views
from crm_core.security.actor import Actor
from tests.api_client import person


def publish(admin: Actor) -> None:
    publishing.publish(admin.user_id, admin.name)


def berth(boat: Entity | None = None) -> str:
    boat = boat or registry.get("c_boat")
    return next(a.name for a in boat.custom_attributes if str(a.label) == "Berth")


def without(values: set[int], name: str, object_name: str = "c_boat") -> list[dict[str, Any]]:
    options = registry.get(object_name).attributes[name].options
    return [{"value": o.value, "label": str(o.label)} for o in options if o.value not in values]


def delete_berth(value: int, admin: Actor, **replacements: Any) -> Any:
    name = berth()
    definition = {"options": without({value}, name), **replacements}
    return publishing.add_change("attribute", "update", "c_boat", name, definition, admin.user_id)


@pytest.fixture
def fleet(boat: Entity, admin: Actor) -> list[Any]:
    """Boats at A, B, B and one at B in the recycle bin."""
    name = berth(boat)
    ids = [
        service.create(boat, {"name": f"Boat {n}", name: value}, admin).id
        for n, value in enumerate((1, 2, 2, 2))
    ]
    service.delete(boat, ids[3], admin)
    return ids


def held(boat_id: Any) -> Any:
    return registry.get("c_boat").model._default_manager.get(pk=boat_id).custom.get(berth())


def test_an_option_records_have_is_not_deleted_without_a_replacement(fleet: list[Any], admin: Actor) -> None:
    with pytest.raises(CrmError) as refused:
        delete_berth(2, admin)
    assert (refused.value.code, refused.value.field) == ("option.in_use", "replacements")
    asked = refused.value.details["lists"][0]
    assert asked["options"] == [{"value": 2, "label": "B", "records": 3}], "the one in the bin counts too"
    assert [o["label"] for o in asked["staying"]] == ["A", "C"]
    assert publishing.impact()["changes"] == []


@pytest.mark.parametrize(
    "said", [{"2": 9}, {"2": "C"}, {"2": True}, {"2": [3]}, {"1": 3}, {"x": 3}, [], {"2": 2}]
)
def test_a_replacement_that_is_none_is_refused(fleet: list[Any], admin: Actor, said: Any) -> None:
    with pytest.raises(CrmError) as refused:
        delete_berth(2, admin, replacements=said or [3])
    assert refused.value.code == "option.replacement" and str(refused.value.field).startswith("replacements")
    assert publishing.impact()["changes"] == []


def test_records_get_the_replacement_with_audit_and_give_it_back(fleet: list[Any], admin: Actor) -> None:
    change = delete_berth(2, admin, replacements={"2": 3})
    row = publishing.impact()["changes"][0]
    assert row["removed"]["options"] == [{"value": 2, "label": "B", "records": 3, "replacement": 3}]
    assert change.definition["options"][-1] | {"color": ""} == {
        "value": 2, "label": "B", "labels": {}, "color": "", "active": False, "removed": True, "replacement": 3,
    }  # fmt: skip
    assert [held(i) for i in fleet] == [1, 2, 2, 2], "a draft changes nothing"
    publish(admin)
    assert [held(i) for i in fleet] == [1, 3, 3, 3]
    attribute = registry.get("c_boat").attributes[berth()]
    assert set(attribute.option_by_value) == {1, 3}
    assert attribute.type.to_text(attribute, 2) == "B", "old entries still have its name"
    job = Job.objects.get(kind="replace_options")
    assert (job.state, job.done, job.created_by) == ("succeeded", 3, admin.user_id)
    entries = AuditEntry.objects.filter(job_id=job.pk)
    assert {e.record_id for e in entries} == set(fleet[1:])
    assert all(e.changes == {berth(): [2, 3]} and e.actor_name == admin.name for e in entries)

    # given back only when the option is there again
    with pytest.raises(CrmError) as refused:
        jobs.control(job.pk, "undo", admin)
    assert refused.value.code == "option.gone" and "B" in refused.value.message
    publishing.roll_back(1, admin.user_id, admin.name)
    assert [held(i) for i in fleet] == [1, 3, 3, 3]
    service.update(registry.get("c_boat"), fleet[1], {berth(): 1}, admin)
    jobs.run_inline(jobs.control(job.pk, "undo", admin), admin)
    assert [held(i) for i in fleet] == [1, 1, 2, 3], "changed since, and deleted: both stay as they are"
    assert Job.objects.get(pk=job.pk).result["undo_conflicts"] == 2


def test_left_empty_where_the_field_is_not_required(fleet: list[Any], admin: Actor) -> None:
    delete_berth(2, admin, replacements={"2": None})
    publish(admin)
    assert [held(i) for i in fleet] == [1, None, None, None]


def test_a_required_field_is_not_left_empty(fleet: list[Any], admin: Actor) -> None:
    publishing.add_change("attribute", "update", "c_boat", berth(), {"required": True}, admin.user_id)
    with pytest.raises(CrmError) as refused:
        delete_berth(2, admin, replacements={"2": None})
    assert (refused.value.code, refused.value.field) == ("option.needed", "replacements.2")
    delete_berth(2, admin, replacements={"2": 1})
    publish(admin)
    assert [held(i) for i in fleet] == [1, 1, 1, 1]


def test_numbers_are_never_given_again(boat: Entity, admin: Actor) -> None:
    delete_berth(3, admin)
    publish(admin)
    rows = [*without(set(), berth()), {"label": "D"}]
    publishing.add_change("attribute", "update", "c_boat", berth(), {"options": rows}, admin.user_id)
    publish(admin)
    assert [(o.value, str(o.label)) for o in registry.get("c_boat").attributes[berth()].options] == [
        (1, "A"), (2, "B"), (4, "D"),
    ]  # fmt: skip
    # one that was only in the draft just goes
    publishing.add_change(
        "attribute", "update", "c_boat", berth(), {"options": [*rows, {"label": "E"}]}, admin.user_id
    )
    publishing.add_change("attribute", "update", "c_boat", berth(), {"options": rows}, admin.user_id)
    assert all(
        o["label"] != "E" for o in publishing.draft_body()["attributes"]["c_boat"][1].get("options", ())
    )


def test_deleted_in_two_steps_leads_to_what_stays(fleet: list[Any], admin: Actor) -> None:
    delete_berth(2, admin, replacements={"2": 3})
    definition = {"options": without({2, 3}, berth()), "replacements": {"3": 1}}
    publishing.add_change("attribute", "update", "c_boat", berth(), definition, admin.user_id)
    publish(admin)
    assert [held(i) for i in fleet] == [1, 1, 1, 1]


def test_what_names_the_option_is_listed_and_forbids_it(fleet: list[Any], admin: Actor) -> None:
    name = berth()
    at_b = {"attribute": name, "operator": "in", "value": [1, 2]}
    for kind, definition in (
        ("view", {"label": "At B", "columns": ["name"], "filter": {"and": [{"not": at_b}]}}),
        ("rule", {"label": "B is far", "when": {"attribute": name, "operator": "eq", "value": 2},
                  "then": [{"action": "error", "message": "Too far"}]}),
        ("rule", {"label": "Sets B", "then": [{"action": "default", "attribute": name, "value": 2}]}),
        ("attribute", {"label": "Is B", "type": "calculated", "expression": f"if({name} = 2, 1, 0)"}),
        ("attribute", {"label": "Ships at B", "type": "roll_up", "function": "count", "relationship": "c_boats",
                       "filter": at_b}),
    ):  # fmt: skip
        publishing.add_change(kind, "create", "c_boat", None, definition, admin.user_id)
    publish(admin)
    mine = {"object": "c_boat", "name": "Mine", "columns": [{"name": "name"}], "filter": at_b}
    views.create(mine, admin)
    views.create({**mine, "name": "Everybody's", "shared_with": "everyone"}, admin)
    ImportMap.objects.create(
        name="Harbour file", object="c_boat", created_by=admin.user_id,
        mapping={"columns": {"0": {"attribute": name, "values": {"Bee": 2}}}},
    )  # fmt: skip
    delete_berth(2, admin, replacements={"2": 1})
    found = publishing.impact()
    uses = {(u["kind"], u.get("label") or u["name"]): u["blocking"] for u in found["changes"][0]["used_in"]}
    assert uses == {
        ("view", "At B"): True, ("rule", "B is far"): True, ("rule", "Sets B"): True, ("attribute", "Is B"): True,
        ("attribute", "Ships at B"): True, ("view", "Mine"): False, ("view", "Everybody's"): True,
        ("import_map", "Harbour file"): False,
    }  # fmt: skip
    assert "metadata.dependencies" in {p["code"] for p in found["problems"]}
    with pytest.raises(CrmError):
        publish(admin)
    assert [held(i) for i in fleet] == [1, 2, 2, 2]
    broken = {
        v["name"]: v["broken"]
        for v in views.of_entity(registry.get("c_boat"), admin)
        if v["kind"] != "standard"
    }
    assert broken == {"Mine": [], "Everybody's": []}


def test_a_shared_list_of_the_product(admin: Actor) -> None:
    account, lead = registry.get("account"), registry.get("lead")
    ids = [(account, service.create(account, {"name": "Acme", "industry": 11}, admin).id),
           (lead, service.create(lead, {"topic": "Boats", "last_name": "Sea", "industry": 11}, admin).id)]  # fmt: skip
    rows = without({11}, "industry", "account")
    change = {"options": rows, "replacements": {"11": 12}}
    publishing.add_change("option_list", "update", None, "industry", change, admin.user_id)
    impact = publishing.impact()["changes"][0]["removed"]
    assert impact["options"][0]["records"] == 2 and impact["list"] == "industry"
    publish(admin)
    assert [e.model.objects.get(pk=i).industry for e, i in ids] == [12, 12]
    with pytest.raises(CrmError) as refused:
        service.update(registry.get("account"), ids[0][1], {"industry": 11}, admin)
    assert refused.value.code == "option.unknown"


def test_options_the_product_works_with_stay(admin: Actor) -> None:
    for name, object_name, attribute, value in (
        ("revenue_mode", "opportunity", "revenue_mode", 1), ("opportunity_stage", "opportunity", "stage", 1),
        ("rating", "lead", "rating", 1),
    ):  # fmt: skip
        change = {"options": without({value}, attribute, object_name), "replacements": {str(value): 2}}
        with pytest.raises(CrmError) as refused:
            publishing.add_change("option_list", "update", None, name, change, admin.user_id)
        assert refused.value.code == "option.fixed"
    stages = {"options": without({2}, "stage", "opportunity"), "replacements": {"2": 1}}
    publishing.add_change("option_list", "update", None, "opportunity_stage", stages, admin.user_id)
    publish(admin)
    assert set(registry.get("opportunity").attributes["stage"].option_by_value) == {1, 3, 4}


def test_several_choices_keep_the_others(boat: Entity, admin: Actor) -> None:
    options = [{"label": label} for label in ("Sail", "Motor", "Oars")]
    definition = {"label": "Drives", "type": "multi", "options": options}
    name = str(publishing.add_change("attribute", "create", "c_boat", None, definition, admin.user_id).name)
    publish(admin)
    ids = [
        service.create(registry.get("c_boat"), {"name": str(v), name: v}, admin).id
        for v in ([1, 2], [2], [2, 3], [3])
    ]
    change = {"options": without({2}, name), "replacements": {"2": 3}}
    publishing.add_change("attribute", "update", "c_boat", name, change, admin.user_id)
    publish(admin)
    rows = registry.get("c_boat").model.objects.in_bulk(ids)
    assert [rows[i].custom.get(name) for i in ids] == [[1, 3], [3], [3], [3]]


def test_going_back_past_an_option_asks_for_its_replacement(fleet: list[Any], admin: Actor) -> None:
    publishing.add_change(
        "attribute",
        "update",
        "c_boat",
        berth(),
        {"options": [*without(set(), berth()), {"label": "D"}]},
        admin.user_id,
    )
    publish(admin)
    service.update(registry.get("c_boat"), fleet[0], {berth(): 4}, admin)
    with pytest.raises(CrmError) as refused:
        publishing.roll_back(1, admin.user_id, admin.name)
    asked = refused.value.details["lists"][0]
    assert refused.value.code == "option.in_use" and asked["options"][0]["label"] == "D"
    assert publishing.published()[0] == 2 and held(fleet[0]) == 4
    publishing.roll_back(1, admin.user_id, admin.name, {asked["list"]: {"4": 2}})
    assert held(fleet[0]) == 2
    assert publishing.published()[1] == publishing.body_of(1), "byte for byte what it was"
    # the field itself comes back with fewer options than records have
    publishing.roll_back(2, admin.user_id, admin.name)
    service.update(registry.get("c_boat"), fleet[0], {berth(): 4}, admin)
    publishing.add_change("attribute", "delete", "c_boat", berth(), {}, admin.user_id)
    publish(admin)
    with pytest.raises(CrmError) as again:
        publishing.roll_back(1, admin.user_id, admin.name)
    assert again.value.code == "option.in_use"


def test_undoing_something_older_gives_what_took_the_place(fleet: list[Any], admin: Actor) -> None:
    from crm_core.records import bulk

    boat = registry.get("c_boat")
    request = {"operation": "edit", "ids": [str(fleet[1])], "values": {berth(): 1}}
    job = bulk.start(boat, request, admin)
    delete_berth(2, admin, replacements={"2": 3})
    publish(admin)
    jobs.run_inline(jobs.control(job.pk, "undo", admin), admin)
    assert held(fleet[1]) == 3


def test_what_was_saved_meanwhile_is_rewritten_afterwards(fleet: list[Any], admin: Actor) -> None:
    delete_berth(2, admin, replacements={"2": 3})
    publish(admin)
    boat = registry.get("c_boat")
    boat.model.objects.filter(pk=fleet[0]).update(
        custom={berth(): 2}
    )  # as a request that read the older version does
    replacing.look_again()
    assert held(fleet[0]) == 3
    assert not rows_holding(boat, boat.attributes[berth()], [2]).exists()
    assert Job.objects.get(kind="replace_options").done == 4


def test_the_api_says_who_has_which_option(workspace: Any, fleet: list[Any], admin: Actor) -> None:
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    status, found = api.get(f"/customization/options?object=c_boat&name={berth()}")
    assert status == 200
    assert [(o["label"], o["records"], o["fixed"]) for o in found["options"]] == [
        ("A", 1, False),
        ("B", 3, False),
        ("C", 0, False),
    ]
    status, found = api.get("/customization/options?name=rating")
    assert status == 200 and all(o["fixed"] for o in found["options"])
    assert "Hot leads" in {u["label"] for u in found["options"][0]["used_in"]}
    assert api.get("/customization/options?name=nothing")[0] == 404
    assert api.get("/customization/options")[0] == 400
    assert api.get("/customization/options?object=c_boat&name=name")[0] == 404
    change = {"kind": "attribute", "operation": "update", "object": "c_boat", "name": berth(),
              "definition": {"options": without({2}, berth()), "replacements": {"2": 3}}}  # fmt: skip
    assert api.post("/customization/changes", change)[0] == 201
    assert api.post("/customization/publish")[0] == 200
    document = api.get("/metadata/objects/c_boat")[1]
    shown = next(a for a in document["attributes"] if a["name"] == berth())
    assert [o["label"] for o in shown["former_options"]] == ["B"]
    status, refused = api.post("/customization/rollback", {"version": 1, "replacements": {"c_boat.x": {}}})
    assert (status, refused["code"]) == (422, "option.replacement")
    _rep, plain = person(workspace, "cy@example.com", "salesperson")
    assert plain.get("/customization/options?name=rating")[0] == 403


def test_a_version_that_was_lost_is_never_served(boat: Entity, admin: Actor) -> None:
    """A number given in a transaction that broke off belongs to another body afterwards."""
    publishing.add_change(
        "attribute", "create", "c_boat", None, {"label": "Lost", "type": "text"}, admin.user_id
    )
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        publish(admin)
        assert "Lost" in {str(a.label) for a in registry.get("c_boat").custom_attributes}
        raise ZeroDivisionError
    unit_of_work.begin()
    assert "Lost" not in {str(a.label) for a in registry.get("c_boat").custom_attributes}
    publishing.add_change(
        "attribute", "create", "c_boat", None, {"label": "Kept", "type": "text"}, admin.user_id
    )
    from crm_core.metadata.models import DraftChange

    DraftChange.objects.filter(definition__label="Lost").delete()
    publish(admin)
    labels = {str(a.label) for a in registry.get("c_boat").custom_attributes}
    assert "Kept" in labels and "Lost" not in labels
