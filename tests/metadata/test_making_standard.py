"""Views made standard from the list, and what fields that are gone were called (PLT-8, PLT-3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.customization.history import former_labels
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError
from crm_core.records import audit, service
from crm_core.search import standardizing, views
from crm_core.security.actor import Actor
from tests.api_client import person

OPEN = {"attribute": "state", "operator": "eq", "value": "open"}


def firsts(name: str) -> list[str]:
    return [v.key for v in registry.get(name).views if v.default]


def test_a_standard_view_opens_first_for_everybody_and_rolls_back(seeded: Any, admin: Actor) -> None:
    lead = registry.get("lead")
    was = firsts("lead")
    keys = [v.key for v in lead.views if v.key not in was]
    for expected, key in enumerate(keys[:2], 1):
        answer = standardizing.make_standard(f"standard:lead:{key}", {"object": "lead"}, admin)
        assert answer == {"view": f"standard:lead:{key}", "published": expected, "drafted": 0}
        assert firsts("lead") == [key], "the one that opened first before does not any more"
    board = standardizing.make_standard("standard:task:board", {"object": "task"}, admin)
    shown = next(v for v in registry.get("task").views if v.key == "board")
    assert board["published"] == 3 and (shown.layout, shown.board_attribute) == ("board", "status_reason")
    publishing.roll_back(0, admin.user_id, admin.name)
    assert firsts("lead") == was and publishing.published()[1] == {}


def test_an_own_view_becomes_a_standard_one_beside_itself(seeded: Any, admin: Actor) -> None:
    mine = views.create({"object": "lead", "name": "Hot ones " * 9, "columns": ["topic"], "filter": OPEN, "group_by": "rating"}, admin)  # fmt: skip
    asked = {"object": "lead", "label": "Hot ones", "default": False}
    was = firsts("lead")
    with pytest.raises(CrmError) as refused:
        standardizing.make_standard(mine["id"], {"object": "lead"}, admin)
    assert (refused.value.code, refused.value.field) == ("metadata.label", "label")
    answer = standardizing.make_standard(mine["id"], asked, admin)
    made = next(v for v in registry.get("lead").views if f"standard:lead:{v.key}" == answer["view"])
    assert (str(made.name), made.filter, made.columns) == ("Hot ones", OPEN, ("topic",)) and firsts(
        "lead"
    ) == was
    assert views.find(registry.get("lead"), mine["id"], admin)["name"] == mine["name"]
    # with something else in the draft it waits there with it
    publishing.add_change("object", "create", None, None, {"label": "Boat"}, admin.user_id)
    version = publishing.published()[0]
    answer = standardizing.make_standard(answer["view"], {"object": "lead"}, admin)
    assert answer["published"] is None and answer["drafted"] == 2
    assert publishing.published()[0] == version and firsts("lead") == was


def test_only_customizers_and_only_views_one_sees(seeded: Any, workspace: Any, admin: Actor) -> None:
    mine = views.create({"object": "lead", "name": "Mine", "columns": ["topic"], "filter": OPEN}, admin)
    _user, seller = person(workspace, "sam@example.com", "salesperson")
    before = json.dumps(publishing.published()[1])
    status, refused = seller.post(f"/views/standard:lead:{firsts('lead')[0]}/actions/make_standard", {"object": "lead"})  # fmt: skip
    assert (status, refused["code"]) == (403, "privilege.missing")
    _user, chief = person(workspace, "carla@example.com", "system_administrator")
    for view, body, code in (
        (mine["id"], {"object": "lead"}, "view.unknown"),
        ("standard:lead:nothing", {"object": "lead"}, "view.unknown"),
        (mine["id"], {"object": "boats"}, "object.unknown"),
        (mine["id"], {}, "request.malformed"),
        (mine["id"], {"object": "lead", "default": "yes"}, "request.malformed"),
    ):
        status, refused = chief.post(f"/views/{view}/actions/make_standard", body)
        assert refused["code"] == code and status in (400, 404), (view, body)
    assert json.dumps(publishing.published()[1]) == before and publishing.draft_body() == json.loads(before)


def test_a_field_that_is_gone_is_told_by_its_last_label(boat: Entity, admin: Actor) -> None:
    name = next(a.name for a in boat.custom_attributes if str(a.label) == "Launched")
    record = service.create(boat, {"name": "Aurora", name: "2020-05-01"}, admin).id
    service.update(boat, record, {name: "2021-05-01"}, admin)
    publishing.add_change("attribute", "update", "c_boat", name, {"label": "Maiden voyage"}, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    assert former_labels("c_boat") == {} and former_labels("lead") == {} and former_labels("nothing") == {}
    publishing.add_change("attribute", "delete", "c_boat", name, {}, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    assert {k: str(v) for k, v in former_labels("c_boat").items()} == {name: "Maiden voyage"}
    page = audit.page(admin, {"record": str(record)})
    told = [c["label"] for row in page["rows"] for c in row["changes"] if c["attribute"] == name]
    assert told and set(told) == {"Maiden voyage"}
    publishing.roll_back(1, admin.user_id, admin.name)
    assert former_labels("c_boat") == {}
