"""Option lists a workspace makes itself and several fields share (PLT-4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils.translation import override

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing, shared_lists
from crm_core.metadata.customization.components import changed_body, components
from crm_core.metadata.customization.differences import differences
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError
from crm_core.records import service
from crm_core.security.actor import Actor
from tests.api_client import person

BERTHS = [
    {"label": "North", "labels": {"de": "Nord"}, "color": "blue"},
    {"label": "South", "labels": {"de": "Süd"}, "color": "green"},
]


def draft(
    admin: Actor, kind: str, operation: str, owner: str | None, name: str | None, definition: Any
) -> str:
    return str(publishing.add_change(kind, operation, owner, name, definition, admin.user_id).name)


def harbours(admin: Actor, **more: Any) -> str:
    definition = {"label": "Harbours", "labels": {"de": "Häfen"}, "options": BERTHS, **more}
    return draft(admin, "option_list", "create", None, None, definition)


def field(admin: Actor, owner: str, label: str, shared: str, **more: Any) -> str:
    definition = {"label": label, "type": "pick", "option_list": shared, **more}
    return draft(admin, "attribute", "create", owner, None, definition)


def held(boat_id: Any, name: str) -> Any:
    return registry.get("c_boat").model._default_manager.get(pk=boat_id).custom.get(name)


def listed(name: str) -> dict[str, Any]:
    return next(row for row in shared_lists.described() if row["name"] == name)


def test_one_list_serves_fields_of_two_objects_in_every_language(boat: Entity, admin: Actor) -> None:
    shared = harbours(admin)
    home = field(admin, "c_boat", "Home harbour", shared, default=2)
    favourite = field(admin, "account", "Favourite harbour", shared)
    assert {u["object"] for u in listed(shared)["used_by"]} == {"c_boat", "account"}
    publishing.publish(admin.user_id, admin.name)

    entity = registry.get("c_boat")
    record = service.create(entity, {"name": "Aurora"}, admin)
    assert held(record.id, home) == 2, "the initial value is one of the shared options"
    with pytest.raises(CrmError) as refused:
        service.create(entity, {"name": "Borealis", home: 3}, admin)
    assert refused.value.code == "option.unknown"

    # one more option in the list is offered by both fields, and named in the reader's language
    rows: list[dict[str, Any]] = [
        {"value": 1, "label": "North"},
        {"value": 2, "label": "South"},
        {"label": "West"},
    ]
    draft(admin, "option_list", "update", None, shared, {"options": rows})
    assert [u["name"] for u in publishing.impact()["changes"][0]["used_in"]] == [favourite, home]
    publishing.publish(admin.user_id, admin.name)
    for owner, name in (("c_boat", home), ("account", favourite)):
        assert [o.value for o in registry.get(owner).attributes[name].options] == [1, 2, 3]
    assert held(service.create(registry.get("c_boat"), {"name": "Cirrus", home: 3}, admin).id, home) == 3
    rows[0]["labels"], rows[2]["value"] = {"de": "Nord"}, 3
    draft(admin, "option_list", "update", None, shared, {"options": rows})
    publishing.publish(admin.user_id, admin.name)
    with override("de"):
        attribute = registry.get("c_boat").attributes[home]
        assert attribute.type.to_text(attribute, 1) == "Nord"
        assert listed(shared)["label"] == "Häfen"


def test_renaming_keeps_the_options_and_a_list_in_use_is_not_deleted(boat: Entity, admin: Actor) -> None:
    shared = harbours(admin)
    home = field(admin, "c_boat", "Home harbour", shared)
    publishing.publish(admin.user_id, admin.name)
    before = publishing.published()[1]
    draft(admin, "option_list", "update", None, shared, {"label": "Ports"})
    publishing.publish(admin.user_id, admin.name)
    body = publishing.published()[1]
    assert body["option_lists"][shared] == before["option_lists"][shared]
    told = [r for r in differences(before, body) if r["kind"] == "option_list"]
    assert [(r["operation"], r["label"], r["details"]) for r in told] == [
        ("update", "Ports", [{"part": "label", "old": "Harbours", "new": "Ports"}])
    ]

    draft(admin, "option_list", "delete", None, shared, {})
    impact = publishing.impact()
    assert [u["label"] for u in impact["changes"][0]["used_in"]] == ["Home harbour"]
    assert [p["code"] for p in impact["problems"]] == ["metadata.dependencies"]
    with pytest.raises(CrmError) as refused:
        publishing.publish(admin.user_id, admin.name)
    assert refused.value.code == "metadata.dependencies" and publishing.published()[1] == body

    draft(admin, "attribute", "delete", "c_boat", home, {})
    publishing.publish(admin.user_id, admin.name)
    after = publishing.published()[1]
    assert shared not in after["option_lists"] and shared not in after["option_list_labels"]
    assert home not in registry.get("c_boat").attributes
    publishing.roll_back(2, admin.user_id, admin.name)
    assert json.dumps(publishing.published()[1]) == json.dumps(before)
    assert len(registry.get("c_boat").attributes[home].options) == 2


@pytest.mark.parametrize(
    ("definition", "code", "path"),
    [
        ({"label": "", "options": BERTHS}, "metadata.label", "label"),
        ({"label": "Harbours", "options": BERTHS}, "option_list.label_taken", "label"),
        ({"label": "x" * 61, "options": BERTHS}, "metadata.label", "label"),
        ({"label": "Empty", "options": []}, "metadata.options", "options"),
        ({"label": "Twice", "options": [BERTHS[0], {"label": "north"}]}, "metadata.option_twice", "options.1.label"),
        ({"label": "More", "options": BERTHS, "object": "account"}, "metadata.unknown_key", "object"),
        ({"label": "Labels", "labels": [], "options": "none"}, "metadata.options", "options"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_work_never_enters_the_draft(
    boat: Entity, admin: Actor, definition: dict[str, Any], code: str, path: str
) -> None:
    harbours(admin)
    before = publishing.draft_body()
    with pytest.raises(CrmError) as refused:
        draft(admin, "option_list", "create", None, None, definition)
    assert (refused.value.code, refused.value.field) == (code, path)
    assert publishing.draft_body() == before


def test_what_came_with_the_product_is_neither_renamed_nor_deleted(seeded: Any, admin: Actor) -> None:
    for operation, definition, code in (
        ("delete", {}, "option_list.delivered"),
        ("update", {"label": "Branches"}, "metadata.unknown_key"),
    ):
        with pytest.raises(CrmError) as refused:
            draft(admin, "option_list", operation, None, "industry", definition)
        assert refused.value.code == code
    with pytest.raises(CrmError) as refused:
        draft(admin, "option_list", "delete", None, "c_nothing", {})
    assert refused.value.code == "option_list.unknown"
    assert publishing.impact()["changes"] == []


def test_a_list_taken_out_of_the_draft_forbids_publishing_its_field(boat: Entity, admin: Actor) -> None:
    version = publishing.published()[0]
    made = publishing.add_change(
        "option_list", "create", None, None, {"label": "Harbours", "options": BERTHS}, admin.user_id
    )
    home = field(admin, "c_boat", "Home harbour", str(made.name))
    made.delete()
    problems = publishing.impact()["problems"]
    assert [(p["code"], p["details"]["name"]) for p in problems] == [("metadata.option_list", home)]
    with pytest.raises(CrmError):
        publishing.publish(admin.user_id, admin.name)
    assert publishing.published()[0] == version


def test_a_field_takes_another_list_only_while_it_was_never_published(boat: Entity, admin: Actor) -> None:
    shared = harbours(admin)
    definition = {"label": "Home harbour", "type": "pick", "options": BERTHS}
    home = draft(admin, "attribute", "create", "c_boat", None, definition)
    of_a_list = {"label": "Home harbour", "type": "pick", "option_list": shared}
    draft(admin, "attribute", "update", "c_boat", home, of_a_list)
    publishing.publish(admin.user_id, admin.name)
    assert registry.get("c_boat").attributes[home].option_list == shared
    for change in ({"option_list": "industry"}, {"option_list": None, "options": BERTHS[:1]}):
        with pytest.raises(CrmError) as refused:
            draft(admin, "attribute", "update", "c_boat", home, change)
        assert (refused.value.code, refused.value.field) == ("field.data_loss", "option_list")
    assert publishing.impact()["changes"] == []


def test_a_list_goes_with_the_field_that_needs_it(boat: Entity, admin: Actor) -> None:
    """As a component: it is found, needed, carried and taken out whole."""
    shared = harbours(admin)
    home = field(admin, "c_boat", "Home harbour", shared)
    publishing.publish(admin.user_id, admin.name)
    body = publishing.published()[1]
    found = components(body)
    key = next(k for k in found if k.kind == "option_list")
    assert found[key]["label"] == "Harbours" and key.name == shared
    without = {k: None for k in found if k.name in (shared, home)}
    assert changed_body(changed_body(body, without), {k: found[k] for k in without}) == body
    assert "option_list_labels" not in changed_body(body, without)


def test_only_customizers_see_the_lists_with_their_uses(seeded: Any, admin: Actor) -> None:
    shared = harbours(admin)
    _user, customizer = person(seeded, "cora@example.com", "system_administrator")
    status, answer = customizer.get("/customization/option_lists")
    rows = {row["name"]: row for row in answer["lists"]}
    assert status == 200 and answer["lists"][0] == rows[shared], "own lists come first"
    assert (rows[shared]["draft"], rows[shared]["custom"], rows[shared]["used_by"]) == ("new", True, [])
    assert (rows["industry"]["label"], rows["industry"]["custom"]) == ("Industry", False)
    assert {u["object"] for u in rows["industry"]["used_by"]} == {"account", "lead"}
    _user, seller = person(seeded, "sam@example.com", "salesperson")
    assert seller.get("/customization/option_lists")[0] == 403


def test_the_options_of_a_published_field_become_a_shared_list_and_go_back(
    boat: Entity, admin: Actor
) -> None:
    options = [{"label": "Oak"}, {"label": "Elm"}, {"label": "Ash"}]
    wood = draft(admin, "attribute", "create", "c_boat", None, {"label": "Wood", "type": "pick", "options": options, "default": 3})  # fmt: skip
    publishing.publish(admin.user_id, admin.name)
    kept = [{"value": 1, "label": "Oak"}, {"value": 3, "label": "Ash"}]
    draft(admin, "attribute", "update", "c_boat", wood, {"options": kept})
    publishing.publish(admin.user_id, admin.name)
    before = json.dumps(publishing.published()[1])
    record = service.create(registry.get("c_boat"), {"name": "Aurora", wood: 1}, admin).id

    other = harbours(
        admin, options=[*BERTHS, {"label": "West"}]
    )  # other options under the same numbers would make oak a harbour
    with pytest.raises(CrmError) as refused:
        draft(admin, "attribute", "update", "c_boat", wood, {"option_list": other})
    assert (refused.value.code, refused.value.field) == ("field.data_loss", "option_list")
    for nothing in (
        {"object": "c_boat", "name": "c_none"},
        {"object": "account", "name": wood},
        "c_boat",
        None,
    ):
        with pytest.raises(CrmError) as refused:
            draft(admin, "option_list", "create", None, None, {"label": "Woods", "of": nothing})
        assert (refused.value.code, refused.value.field) == ("attribute.unknown", "of")
    shared = draft(admin, "option_list", "create", None, None, {"label": "Woods", "of": {"object": "c_boat", "name": wood}})  # fmt: skip
    draft(admin, "attribute", "update", "c_boat", wood, {"option_list": shared})
    draft(
        admin,
        "attribute",
        "create",
        "account",
        None,
        {"label": "Likes", "type": "pick", "option_list": shared},
    )
    assert publishing.impact()["problems"] == []
    publishing.publish(admin.user_id, admin.name)
    attribute = registry.get("c_boat").attributes[wood]
    assert attribute.option_list == shared and [o.value for o in attribute.options] == [1, 3]
    assert held(record, wood) == 1 and attribute.default == 3
    rows = [{"value": 1, "label": "Oak"}, {"value": 3, "label": "Ash"}, {"label": "Teak"}]
    changed = draft(admin, "option_list", "update", None, shared, {"options": rows})
    assert changed == shared
    publishing.publish(admin.user_id, admin.name)
    assert [o.value for o in registry.get("c_boat").attributes[wood].options] == [1, 3, 4], (
        "2 is not given again"
    )
    service.update(registry.get("c_boat"), record, {wood: 4}, admin)
    with pytest.raises(CrmError) as refused:
        publishing.roll_back(3, admin.user_id, admin.name)
    assert refused.value.code == "option.in_use"
    publishing.roll_back(3, admin.user_id, admin.name, {f"c_boat.{wood}": {"4": 1}})
    assert json.dumps(publishing.published()[1]) == before and held(record, wood) == 1
