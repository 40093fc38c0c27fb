"""Designed forms: draft, publish, who gets which, and fields made later (PLT-7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.document import entity_json, form_json
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Invalid
from crm_core.metadata.models import DraftChange
from crm_core.security.actor import Actor
from tests.api_client import person


def drawn(*names: str, **more: Any) -> dict[str, Any]:
    """A form of one tab with one section."""
    return {
        "tabs": [{"label": "All", "sections": [{"label": "", "columns": 3, "attributes": list(names)}]}],
        **more,
    }


def design(admin: Actor, object_name: str, definition: dict[str, Any], role: str = "main") -> None:
    publishing.add_change("form", "update", object_name, role, definition, admin.user_id)


def publish(admin: Actor) -> None:
    publishing.publish(admin.user_id, admin.name)


def names_of(entity: Entity) -> dict[str, str]:
    return {str(a.label): a.name for a in entity.custom_attributes}


def test_a_designed_form_is_what_people_get(boat: Entity, admin: Actor) -> None:
    named = names_of(boat)
    draft = drawn("name", named["Length"], header=[named["Berth"]], quick_create=["name", named["Price"]])
    draft["tabs"].append(
        {
            "label": "Papers",
            "labels": {"de": "Papiere"},
            "sections": [{"label": "Ids", "attributes": [named["Call sign"]]}],
        }
    )
    design(admin, "c_boat", draft)
    assert registry.get("c_boat").form.tabs == (), "a draft changes nothing"
    publish(admin)
    forms = entity_json(registry.get("c_boat"), [])["forms"]
    assert [t["label"] for t in forms["main"]["tabs"]] == ["All", "Papers"]
    assert forms["main"]["tabs"][0]["sections"][0] == {
        "label": "",
        "columns": 3,
        "attributes": ["name", named["Length"]],
    }
    assert forms["main"]["header"] == [named["Berth"]]
    assert forms["quick_create"] == ["name", named["Price"]]


def test_standard_objects_are_designed_alike(admin: Actor) -> None:
    design(admin, "account", drawn("name", "industry", related=["contacts"]))
    publish(admin)
    main = form_json(registry.get("account"), registry.get("account").form)
    assert main["tabs"][0]["sections"][0]["attributes"] == ["name", "industry"]
    assert main["related"] == ["contacts"]


def test_a_field_made_later_shows_up_and_a_removed_one_leaves(boat: Entity, admin: Actor) -> None:
    named = names_of(boat)
    design(admin, "c_boat", drawn("name", named["Length"], named["Price"]))
    publish(admin)
    publishing.add_change(
        "attribute", "create", "c_boat", None, {"label": "Draught", "type": "dec"}, admin.user_id
    )
    publishing.add_change("attribute", "delete", "c_boat", named["Price"], {}, admin.user_id)
    publish(admin)
    entity = registry.get("c_boat")
    placed = [n for s in entity.form.sections for n in s.attributes]
    assert placed == ["name", named["Length"], names_of(entity)["Draught"]]
    assert named["Berth"] not in placed, "what the designer left out stays out"


def test_each_role_gets_its_form(workspace: Any, boat: Entity, admin: Actor) -> None:
    named = names_of(boat)
    design(admin, "account", drawn("name", "industry"))
    design(admin, "account", drawn("name", "phone"), role="salesperson")
    publish(admin)
    design(admin, "c_boat", drawn("name", named["Berth"]))
    publish(admin)
    _user, seller = person(workspace, "sam@example.com", "salesperson")
    _user, boss = person(workspace, "bea@example.com", "system_administrator")
    path = "/metadata/objects/account"

    def attributes(answer: Any) -> list[str]:
        return answer["forms"]["main"]["tabs"][0]["sections"][0]["attributes"]

    assert attributes(seller.get(path)[1]) == ["name", "phone"]
    assert attributes(boss.get(path)[1]) == ["name", "industry"]
    assert attributes(boss.get(f"{path}?form=salesperson")[1]) == ["name", "phone"], "preview as a role"
    assert seller.get(f"{path}?form=main")[0] == 403


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        ({}, "tabs"),
        ({"tabs": []}, "tabs"),
        ({"tabs": "all"}, "tabs"),
        ({"tabs": [{"label": "", "sections": []}]}, "tabs.0.label"),
        (
            {"tabs": [{"label": "A", "sections": [{"attributes": ["nothing"]}]}]},
            "tabs.0.sections.0.attributes.0",
        ),
        (drawn("name", "name"), "tabs.0.sections.0.attributes.1"),
        (
            {"tabs": [{"label": "A", "sections": [{"columns": 5, "attributes": []}]}]},
            "tabs.0.sections.0.columns",
        ),
        (
            {"tabs": [{"label": "A", "sections": [{"columns": True, "attributes": []}]}]},
            "tabs.0.sections.0.columns",
        ),
        (drawn("name", header=["nothing"]), "header.0"),
        (drawn("name", related=[7]), "related.0"),
        ({**drawn("name"), "script": "x"}, "script"),
    ],
)
def test_a_form_that_cannot_work_is_refused(admin: Actor, definition: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        design(admin, "account", definition)
    assert refused.value.field == field
    assert not DraftChange.objects.exists()


def test_saving_a_form_twice_is_one_change_and_deleting_gives_the_delivered_one_back(admin: Actor) -> None:
    delivered = form_json(registry.get("account"), registry.get("account").form)
    design(admin, "account", drawn("name"))
    design(admin, "account", drawn("name", "phone"))
    assert DraftChange.objects.count() == 1
    publish(admin)
    publishing.add_change("form", "delete", "account", "main", {}, admin.user_id)
    publish(admin)
    assert form_json(registry.get("account"), registry.get("account").form) == delivered


def test_headings_kept_as_delivered_stay_translated(admin: Actor) -> None:
    """Whoever edits a form in one language must not take the headings from the others."""
    with override("en"):
        sections = registry.get("account").form.sections
        tabs = [
            {
                "label": "Account",
                "sections": [{"label": str(s.label), "attributes": list(s.attributes)} for s in sections],
            }
        ]
        tabs[0]["sections"][0]["label"] = "Who it is"
        design(admin, "account", {"tabs": tabs})
        view = registry.get("account").views[0]
        document = {"label": str(view.name), "columns": ["name"]}
        publishing.add_change("view", "update", "account", view.key, document, admin.user_id)
        publish(admin)
    with override("de"):
        account = registry.get("account")
        shown = entity_json(account, [])
        headings = [s["label"] for s in shown["forms"]["main"]["tabs"][0]["sections"]]
        assert shown["forms"]["main"]["tabs"][0]["label"] == "Firma"
        assert headings[0] == "Who it is" and headings[1] == "Adresse"
        assert shown["views"][0]["name"] == "Aktive Firmen"


def test_a_field_newer_than_the_form_stands_where_people_look_first(boat: Entity, admin: Actor) -> None:
    tabs = [{"label": label, "sections": [{"label": "", "columns": 2, "attributes": names}]}
            for label, names in (("First", ["name"]), ("Second", ["owner"]))]  # fmt: skip
    publishing.add_change("form", "update", "c_boat", "main", {"tabs": tabs}, admin.user_id)
    publishing.publish(admin.user_id, admin.name)
    change = publishing.add_change(
        "attribute", "create", "c_boat", None, {"label": "Mast", "type": "text"}, admin.user_id
    )
    publishing.publish(admin.user_id, admin.name)
    first, second = registry.get("c_boat").form.tabs
    assert first.sections[-1].attributes == (change.name,) and len(second.sections) == 1
