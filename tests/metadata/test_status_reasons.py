"""Status reasons a workspace makes its own; the states they stand under are fixed (PLT-5)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils.translation import override

from crm_core.activities.option_lists import FREE, OUT_OF_OFFICE, TENTATIVE
from crm_core.exchange.analysis.targets import stage_options
from crm_core.exchange.exporting.cells import writer_for
from crm_core.metadata import registry
from crm_core.metadata.customization import publishing, status_reasons
from crm_core.metadata.customization.differences import differences
from crm_core.metadata.declaration import declared
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError
from crm_core.records import jobs, service
from crm_core.records.models import AuditEntry, Job
from crm_core.records.query.aggregate import aggregate
from crm_core.records.query.board import board
from crm_core.records.query.query import Query
from crm_core.records.service.actions import actions_of
from crm_core.search import views
from crm_core.security.actor import Actor

Rows = list[dict[str, Any]]


def rows_of(name: str, *without: int) -> Rows:
    entity = registry.get(name)
    return [
        {"value": r.value, "label": str(r.label), "default": r.value == s.default_reason}
        for s in entity.states
        for r in s.reasons
        if r.value not in without
    ]


def draft(name: str, rows: Rows, admin: Actor, **more: Any) -> dict[str, Any]:
    change = publishing.add_change("reasons", "update", name, "status_reason", {"options": rows, **more}, admin.user_id)  # fmt: skip
    return dict(change.definition)


def publish(admin: Actor) -> None:
    publishing.publish(admin.user_id, admin.name)


def reasons(name: str, state: str) -> dict[int, str]:
    return {r.value: str(r.label) for r in registry.get(name).state(state).reasons}


def offered(name: str, action: str) -> list[int]:
    parameters = {p.name: p for p in actions_of(registry.get(name))[action].parameters}
    return [o.value for o in parameters["status_reason"].options] if "status_reason" in parameters else []


def stored(name: str, record_id: Any) -> tuple[str, int]:
    return registry.get(name).model._default_manager.values_list("state", "status_reason").get(pk=record_id)


def lead(admin: Actor, **values: Any) -> Any:
    given = {"topic": "Sails", "last_name": "Berg", "company_name": "Berg", **values}
    return service.create(registry.get("lead"), given, admin).id


def test_a_reason_of_the_workspace_is_known_everywhere_and_rolled_back_byte_for_byte(
    seeded: Any, admin: Actor
) -> None:
    budget = {
        "label": "No budget",
        "labels": {"de": "Kein Budget"},
        "state": "disqualified",
        "color": "orange",
    }
    draft("lead", [*rows_of("lead"), budget, {"label": "Nurturing", "state": "open"}], admin)
    assert 101 not in reasons("lead", "disqualified"), "a draft changes nothing"
    publish(admin)
    first = json.dumps(publishing.published()[1])
    assert reasons("lead", "disqualified")[101] == "No budget" and reasons("lead", "open")[102] == "Nurturing"
    assert offered("lead", "disqualify") == [4, 5, 6, 7, 101]
    entity = registry.get("lead")
    with override("de"):
        assert (
            str(registry.get("lead").attributes["status_reason"].option_by_value[101].label) == "Kein Budget"
        )
        assert reasons("lead", "disqualified")[4] == "Verloren", "a label nobody touched stays translated"

    lost = lead(admin)
    service.run_action(entity, "disqualify", lost, {"status_reason": 101}, admin)
    assert stored("lead", lost) == ("disqualified", 101)
    nursed = lead(admin, status_reason=102)
    assert stored("lead", nursed) == ("open", 102)
    # filter, board, report, export and the columns of an import say the same
    found = Query(entity, admin).filter({"attribute": "status_reason", "operator": "in", "value": [101, 102]})
    assert {row["id"] for row in found.page(["topic"]).rows} == {str(lost), str(nursed)}
    columns = {c["value"]: c for c in board(Query(entity, admin), "status_reason", ["topic"])}
    assert columns[102]["label"] == "Nurturing" and columns[102]["count"] == 1
    assert columns[101]["color"] == "orange"
    groups = aggregate(Query(entity, admin), [{"attribute": "status_reason"}], [{"fn": "count"}])["groups"]
    assert {"101", "102"} <= {g["keys"][0] for g in groups}
    assert writer_for(entity, entity.attributes["status_reason"], admin.time_zone)(101) == "No budget"
    value = {"state": "disqualified", "status_reason": 101}
    assert [o["label"] for o in stage_options(entity) if o["value"] == value] == ["Disqualified: No budget"]
    # one that stands under another state is refused and nothing changes
    with pytest.raises(CrmError) as refused:
        service.update(entity, nursed, {"status_reason": 101}, admin)
    assert refused.value.code == "status_reason.wrong_state" and stored("lead", nursed) == ("open", 102)

    # renaming, another default and order, retired
    rows: Rows = [{**r, "default": r["value"] in (2, 3, 101)} for r in rows_of("lead")]
    rows = [
        {**r, **({"label": "Too expensive", "labels": {}} if r["value"] == 101 else {})}
        for r in reversed(rows)
    ]
    rows = [{**r, "active": r["value"] != 5} for r in rows]
    draft("lead", rows, admin)
    publish(admin)
    told = differences({}, json.loads(first))[0]["details"][0]
    assert (told["part"], told["added"], told["removed"]) == ("options", ["No budget", "Nurturing"], [])
    told = differences(json.loads(first), publishing.published()[1])
    assert [(r["kind"], r["object"], r["name"]) for r in told] == [("reasons", "lead", "status_reason")]
    assert stored("lead", lead(admin)) == ("open", 2), "new leads start with the default the workspace chose"
    assert offered("lead", "disqualify")[0] == 101
    parameter = actions_of(registry.get("lead"))["disqualify"].parameters[0]
    assert parameter.default == 101 and not {o.value: o for o in parameter.options}[5].active
    publishing.roll_back(1, admin.user_id, admin.name)
    assert json.dumps(publishing.published()[1]) == first
    assert reasons("lead", "disqualified")[101] == "No budget"


def test_a_reason_records_have_is_deleted_only_for_another_of_its_state(seeded: Any, admin: Actor) -> None:
    entity = registry.get("lead")
    ids = [lead(admin), lead(admin)]
    for each in ids:
        service.run_action(entity, "disqualify", each, {"status_reason": 5}, admin)
    service.delete(entity, ids[1], admin)
    with pytest.raises(CrmError) as refused:
        draft("lead", rows_of("lead", 5), admin)
    assert refused.value.code == "option.in_use"
    asked = refused.value.details["lists"][0]
    assert asked["list"] == "lead.status_reason" and asked["required"]
    assert asked["options"] == [
        {"value": 5, "label": "Cannot contact", "records": 2, "group": "disqualified"}
    ]
    for wrong, code in (({"5": 1}, "option.replacement"), ({"5": 99}, "option.replacement"), ({"5": None}, "option.needed")):  # fmt: skip
        with pytest.raises(CrmError) as refused:
            draft("lead", rows_of("lead", 5), admin, replacements=wrong)
        assert (
            refused.value.code == code and refused.value.field == "replacements.5"
        ) or code == "option.replacement"
    assert publishing.impact()["changes"] == []

    draft("lead", rows_of("lead", 5), admin, replacements={"5": 6})
    shown = publishing.impact()["changes"][0]["removed"]["options"]
    assert [(o["value"], o["records"], o["replacement"]) for o in shown] == [(5, 2, 6)]
    publish(admin)
    assert [stored("lead", i) for i in ids] == [("disqualified", 6)] * 2
    job = Job.objects.get(kind="replace_options")
    entries = AuditEntry.objects.filter(job_id=job.pk)
    assert [e.changes for e in entries] == [{"status_reason": [5, 6]}] * 2
    attribute = registry.get("lead").attributes["status_reason"]
    assert attribute.type.to_text(attribute, 5) == "Cannot contact", "old entries still have its name"
    # its number is not given again
    assert draft("lead", [*rows_of("lead"), {"label": "New one", "state": "open"}], admin)["options"][-2]["value"] == 101  # fmt: skip
    with pytest.raises(CrmError) as refused:
        jobs.control(job.pk, "undo", admin)
    assert refused.value.code == "option.gone"
    publishing.roll_back(0, admin.user_id, admin.name)
    jobs.run_inline(jobs.control(job.pk, "undo", admin), admin)
    assert [stored("lead", i)[1] for i in ids] == [5, 6], "the one in the bin stays as it is"


def test_rolling_back_asks_what_becomes_of_reasons_that_were_added_since(boat: Entity, admin: Actor) -> None:
    draft("c_boat", [*rows_of("c_boat"), {"label": "Laid up", "state": "inactive"}], admin)
    publish(admin)
    aurora = service.create(registry.get("c_boat"), {"name": "Aurora"}, admin).id
    assert offered("c_boat", "deactivate") == [2, 101] and offered("c_boat", "activate") == []
    service.run_action(registry.get("c_boat"), "deactivate", aurora, {"status_reason": 101}, admin)
    assert stored("c_boat", aurora) == ("inactive", 101)
    with pytest.raises(CrmError) as refused:
        publishing.roll_back(1, admin.user_id, admin.name)
    assert refused.value.code == "option.in_use"
    asked = refused.value.details["lists"][0]
    assert {s["value"]: s["group"] for s in asked["staying"]} == {1: "active", 2: "inactive"}
    with pytest.raises(CrmError) as refused:
        publishing.roll_back(1, admin.user_id, admin.name, {"c_boat.status_reason": {"101": 1}})
    assert (refused.value.code, refused.value.field) == (
        "option.replacement",
        "replacements.c_boat.status_reason",
    )
    publishing.roll_back(1, admin.user_id, admin.name, {"c_boat.status_reason": {"101": 2}})
    assert stored("c_boat", aurora) == ("inactive", 2)
    assert offered("c_boat", "deactivate") == []


def test_what_names_a_reason_forbids_deleting_it(seeded: Any, admin: Actor) -> None:
    view = {
        "label": "Unreachable", "columns": [{"name": "topic"}], "order": [],
        "filter": {"attribute": "status_reason", "operator": "eq", "value": 5},
    }  # fmt: skip
    publishing.add_change("view", "create", "lead", None, view, admin.user_id)
    publish(admin)
    mine = {"object": "lead", "name": "Mine", "columns": [{"name": "topic"}],
            "filter": {"attribute": "status_reason", "operator": "in", "value": [6]}}  # fmt: skip
    views.create(mine, admin)
    found = publishing.options_in_use("lead", "status_reason")["options"]
    assert {o["label"]: [u["kind"] for u in o["used_in"]] for o in found if o["used_in"]} == {
        "Cannot contact": ["view"], "No longer interested": ["view"],
    }  # fmt: skip
    draft("lead", rows_of("lead", 5), admin)
    problems = publishing.impact()["problems"]
    assert problems[0]["code"] == "metadata.dependencies" and "Unreachable" in problems[0]["message"]
    with pytest.raises(CrmError):
        publish(admin)
    assert 5 in reasons("lead", "disqualified")


@pytest.mark.parametrize(
    ("name", "rows", "code", "path"),
    [
        ("phone_call", ((1, {}), (2, {}), (4, {})), "status_reason.fixed", "options"),
        ("appointment", ((1, {}), (3, {}), (4, {}), (5, {}), (6, {})), "status_reason.fixed", "options"),
        ("lead", ((1, {}), (2, {}), (4, {})), "status_reason.needed", "options"),
        ("task", ((1, {"active": False}), (2, {"active": False}), (3, {"active": False}), (4, {"active": False}), (5, {}), (6, {})),
         "status_reason.needed", "options"),
        ("task", ((1, {"default": True}), (2, {"default": True}), (3, {}), (4, {}), (5, {}), (6, {})), "status_reason.default", "options"),
        ("task", ((1, {"default": True, "active": False}), (2, {}), (3, {}), (4, {}), (5, {}), (6, {})), "status_reason.default", "options"),
        ("task", ((1, {"state": "completed"}), (2, {}), (3, {}), (4, {}), (5, {}), (6, {})), "status_reason.state", "options.0.state"),
        ("task", ((1, {}), (2, {}), (3, {}), (4, {}), (5, {}), (6, {}), (None, {"state": "asleep"})), "status_reason.state", "options.6.state"),
        ("task", ((1, {}), (2, {}), (3, {}), (4, {}), (5, {}), (6, {}), (None, {})), "status_reason.state", "options.6.state"),
        ("task", ((1, {}), (2, {"label": "Deferred"}), (3, {}), (4, {}), (5, {}), (6, {})), "metadata.option_twice", "options.3.label"),
        ("task", "none", "metadata.options", "options"),
        ("task", (), "metadata.options", "options"),
        ("user", ((1, {}), (2, {})), "status_reason.object_fixed", None),
    ],
)  # fmt: skip
def test_reasons_that_cannot_work_never_enter_the_draft(
    seeded: Any, admin: Actor, name: str, rows: Any, code: str, path: str | None
) -> None:
    labels = {r["value"]: r["label"] for r in rows_of(name)}
    given: Any = rows if isinstance(rows, str) else [
        {"label": labels.get(value, "Fresh"), **({"value": value} if value else {}), **more} for value, more in rows
    ]  # fmt: skip
    with pytest.raises(CrmError) as refused:
        draft(name, given, admin)
    assert (refused.value.code, refused.value.field) == (code, path)
    assert publishing.impact()["changes"] == [] and publishing.draft_body() == {}


def test_every_delivered_object_can_be_edited_as_it_is_in_every_language(seeded: Any, admin: Actor) -> None:
    """The labels of its reasons are told apart, or nobody could save the screen without renaming some first."""
    for language in ("en", "de"):
        with override(language):
            for name, entity in declared().items():
                if entity.internal or name in ("user", "team", "business_unit", "role") or not entity.states:
                    continue
                document = status_reasons.changed_reasons({}, registry.get(name), {"options": rows_of(name)})
                changed = status_reasons.with_reasons(entity, document)
                assert [[r.value for r in s.reasons] for s in changed.states] == [
                    [r.value for r in s.reasons] for s in entity.states
                ]
                assert [s.default_reason for s in changed.states] == [s.default_reason for s in entity.states]


def test_an_appointments_own_reason_agrees_with_how_its_time_is_shown(seeded: Any, admin: Actor) -> None:
    draft("appointment", [*rows_of("appointment"), {"label": "Room wanted", "state": "open"}], admin)
    publish(admin)
    entity = registry.get("appointment")
    times = {"scheduled_start": "2026-03-02T09:00:00Z", "scheduled_end": "2026-03-02T10:00:00Z"}
    visit = service.create(entity, {"subject": "Visit", "show_as": TENTATIVE, **times}, admin).id

    def shown() -> tuple[str, int, int]:
        return entity.model._default_manager.values_list("state", "status_reason", "show_as").get(pk=visit)

    service.update(entity, visit, {"status_reason": 101}, admin)
    assert shown() == ("open", 101, TENTATIVE), "an own reason of the same state leaves how the time is shown"
    service.update(entity, visit, {"subject": "Visit us"}, admin)
    assert shown() == ("open", 101, TENTATIVE)
    service.update(entity, visit, {"show_as": OUT_OF_OFFICE}, admin)
    assert shown() == ("scheduled", 6, OUT_OF_OFFICE)
    service.update(entity, visit, {"show_as": FREE}, admin)
    assert shown() == ("open", 1, FREE)
