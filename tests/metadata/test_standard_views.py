"""Standard views in the draft: change, add, hide, uses, and versions that roll back byte for byte (PLT-8, PLT-11, AC-26)."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError
from crm_core.metadata.models import DraftChange, Publication
from crm_core.security.actor import Actor
from tests.api_client import person
from tests.metadata.test_forms import drawn, names_of, publish


def view(label: str = "Big ones", **more: Any) -> dict[str, Any]:
    return {
        "label": label,
        "columns": [{"name": "name", "width": 300}, "created_at"],
        "order": ["name"],
        **more,
    }


def change(
    admin: Actor, operation: str, name: str | None, definition: dict[str, Any], object_name: str = "c_boat"
) -> str:
    return str(publishing.add_change("view", operation, object_name, name, definition, admin.user_id).name)


def test_a_view_for_everybody_is_made_changed_and_hidden(workspace: Any, boat: Entity, admin: Actor) -> None:
    named = names_of(boat)
    condition = {"attribute": named["Length"], "operator": "gt", "value": "7.00"}
    key = change(admin, "create", None, view(filter=condition, default=True, labels={"de": "Große"}))
    change(admin, "update", "active", view("Still here", columns=["name"]))
    publish(admin)
    entity = registry.get("c_boat")
    assert [(v.key, str(v.name), v.default) for v in entity.views] == [
        ("active", "Still here", False), ("all", "All", False), (key, "Big ones", True),
    ]  # fmt: skip
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    for name, length in (("Dinghy", "3"), ("Ketch", "12")):
        assert api.post("/c_boats", {"name": name, named["Length"]: length})[0] == 201
    _status, answer = api.post("/c_boats/query", {"view": f"standard:c_boat:{key}"})
    assert [row["name"] for row in answer["rows"]] == ["Ketch"]
    document = api.get("/metadata/objects/c_boat", **{"accept-language": "de"})[1]
    shown = next(v for v in document["views"] if v["id"] == f"standard:c_boat:{key}")
    assert shown["columns"] == [{"name": "name", "width": 300}, {"name": "created_at"}]

    change(admin, "delete", "active", {})
    change(admin, "delete", key, {})
    publish(admin)
    assert [v.key for v in registry.get("c_boat").views] == ["all"]
    with pytest.raises(Conflict) as refused:
        change(admin, "delete", "all", {})
    assert refused.value.code == "view.last"
    change(admin, "delete", "active", {"reset": True})
    publish(admin)
    assert [(v.key, str(v.name)) for v in registry.get("c_boat").views] == [
        ("active", "Active"),
        ("all", "All"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"columns": ["nothing"]},
        {"columns": []},
        {"columns": [{"name": "name", "width": 5}]},
        {"order": ["nothing"]},
        {"order": [1]},
        {"filter": {"attribute": "nothing", "operator": "eq", "value": 1}},
        {"filter": {"attribute": "name", "operator": "explodes"}},
        {"filter": [1]},
        {"layout": "spiral"},
        {"board_attribute": "nothing"},
        {"label": ""},
        {"secret": 1},
    ],
)
def test_a_view_that_cannot_be_opened_is_refused(boat: Entity, admin: Actor, more: dict[str, Any]) -> None:
    with pytest.raises(CrmError) as refused:
        change(admin, "create", None, view(**more))
    assert refused.value.status in (400, 422)
    assert not DraftChange.objects.exists()


def test_deleting_what_is_used_is_refused_with_every_use(workspace: Any, boat: Entity, admin: Actor) -> None:
    """AC-26: 409 while a view uses the field; the impact names views, forms and rules."""
    named = names_of(boat)
    change(admin, "create", None, view("One", columns=["name", named["Length"]]))
    change(admin, "create", None, view("Two", filter={"attribute": named["Length"], "operator": "not_empty"}))
    publishing.add_change("form", "update", "c_boat", "main", drawn("name", named["Length"]), admin.user_id)
    publishing.add_change("form", "update", "c_boat", "salesperson", drawn(named["Length"]), admin.user_id)
    publish(admin)
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    assert api.post("/views", {"object": "c_boat", "name": "Mine", "columns": [named["Length"]]})[0] == 201
    assert api.post("/customization/changes", {
        "kind": "attribute", "operation": "delete", "object": "c_boat", "name": named["Length"], "definition": {},
    })[0] == 201  # fmt: skip
    uses = api.get("/customization/impact")[1]["changes"][0]["used_in"]
    assert sorted((u["kind"], u.get("label") or u["name"]) for u in uses) == [
        ("form", "main"), ("form", "salesperson"), ("view", "Mine"), ("view", "One"), ("view", "Two"),
    ]  # fmt: skip
    status, answer = api.post("/customization/publish")
    assert (status, answer["code"]) == (409, "metadata.dependencies")
    assert named["Length"] in registry.get("c_boat").attributes
    # when the same draft changes the views, nothing is in the way any more
    for each in [v for v in registry.get("c_boat").views if v.custom]:
        change(admin, "delete", each.key, {})
    assert api.post("/customization/publish")[0] == 200
    registry.forget()
    assert named["Length"] not in registry.get("c_boat").attributes


def test_a_draft_that_breaks_a_published_view_is_a_problem(boat: Entity, admin: Actor) -> None:
    """Changes may be dropped from the draft one by one: what is left is checked again before publishing."""
    field = publishing.add_change(
        "attribute", "create", "c_boat", None, {"label": "Draught", "type": "dec"}, admin.user_id
    )
    change(admin, "create", None, view(columns=["name", str(field.name)]))
    field.delete()
    problems = publishing.impact()["problems"]
    assert [p["code"] for p in problems] == ["attribute.unknown"]
    with pytest.raises(Conflict):
        publish(admin)


def test_roll_back_is_byte_equal(boat: Entity, admin: Actor) -> None:
    change(admin, "create", None, view())
    publish(admin)
    kept = Publication.objects.order_by("-version").first()
    assert kept is not None
    before = orjson.dumps(kept.body)
    change(admin, "update", "all", view("Everything"))
    publishing.add_change("form", "update", "c_boat", "main", drawn("name"), admin.user_id)
    publish(admin)
    publishing.roll_back(kept.version, admin.user_id, admin.name)
    restored = Publication.objects.order_by("-version").first()
    assert restored is not None and restored.version == kept.version + 2
    assert orjson.dumps(restored.body) == before


def test_a_version_says_what_it_changed(workspace: Any, boat: Entity, admin: Actor) -> None:
    named = names_of(boat)
    change(admin, "update", "all", view("Everything"))
    publishing.add_change("attribute", "delete", "c_boat", named["Launched"], {}, admin.user_id)
    publishing.add_change("attribute", "update", "c_boat", named["Price"], {"help": "In euro"}, admin.user_id)
    publish(admin)
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    _user, seller = person(workspace, "sam@example.com", "salesperson")
    answer = api.get("/customization/versions/2")[1]
    assert [(d["kind"], d["operation"], d["label"], d["parts"]) for d in answer["differences"]] == [
        ("attribute", "delete", "Launched", []), ("attribute", "update", "Price", ["help"]), ("view", "create", "Everything", []),
    ]  # fmt: skip
    assert {d["operation"] for d in api.get("/customization/versions/1")[1]["differences"]} == {"create"}
    for wrong in ("0", "9", "x", "99999999999", "-1"):
        assert api.get(f"/customization/versions/{wrong}")[0] == 404
    assert seller.get("/customization/versions/1")[0] == 403
