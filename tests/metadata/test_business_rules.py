"""Business rules without code: the table both evaluators answer, and their force on every channel (PLT-10, C11)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from crm_core.metadata import registry, types
from crm_core.metadata.business_rules import evaluate, holds
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Attribute, BusinessRule, Entity
from crm_core.metadata.errors import CrmError, Invalid
from crm_core.metadata.models import Currency, DraftChange
from crm_core.records import service
from crm_core.security.actor import Actor
from tests.api_client import person
from tests.metadata.test_forms import names_of, publish

CASES = json.loads((Path(__file__).parents[2] / "frontend/src/metadata/businessRules.cases.json").read_text())
ATTRIBUTES = {name: Attribute(name, name, types.get(kind)) for name, kind in CASES["types"].items()}
NOTHING: dict[str, Any] = {
    "required": [], "recommended": [], "hidden": [], "locked": [], "values": {}, "holding": [], "violations": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("tree", "values", "expected"),
    [c[1:] for c in CASES["conditions"]],
    ids=[c[0] for c in CASES["conditions"]],
)
def test_conditions(tree: Any, values: dict[str, Any], expected: bool) -> None:
    assert holds(ATTRIBUTES, tree, values) is expected


@pytest.mark.parametrize("case", CASES["rules"], ids=[c["name"] for c in CASES["rules"]])
def test_effects(case: dict[str, Any]) -> None:
    rules = [BusinessRule(r["key"], r["key"], r["when"], tuple(r["then"])) for r in case["rules"]]
    effects = evaluate(ATTRIBUTES, rules, case["values"], before=case["before"], changed=case["changed"])
    assert asdict(effects) == {**NOTHING, **case["effects"]}


def add_rule(admin: Actor, label: str, when: Any, *then: dict[str, Any]) -> str:
    body = {"label": label, "when": when, "then": list(then)}
    return str(publishing.add_change("rule", "create", "c_boat", None, body, admin.user_id).name)


def condition(attribute: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"attribute": attribute, "operator": operator, **({} if value is None else {"value": value})}


@pytest.fixture
def ruled(boat: Entity, admin: Actor) -> dict[str, str]:
    """Long boats need a call sign and get berth C; launched boats keep their price; nobody has a boat over 100 m."""
    named = names_of(boat)
    long = condition(named["Length"], "gt", "20")
    add_rule(admin, "Long boats", long, {"action": "require", "attribute": named["Call sign"]},
             {"action": "set", "attribute": named["Berth"], "value": 3})  # fmt: skip
    add_rule(
        admin,
        "Launched",
        condition(named["Launched"], "not_empty"),
        {"action": "lock", "attribute": named["Price"]},
    )
    add_rule(admin, "Too long", condition(named["Length"], "gt", "100"),
             {"action": "error", "attribute": named["Length"], "message": "No harbour takes it", "messages": {"de": "Kein Hafen"}})  # fmt: skip
    publish(admin)
    return named


def test_rules_hold_for_the_api(workspace: Any, ruled: dict[str, str]) -> None:
    _user, api = person(workspace, "bea@example.com", "system_administrator")
    status, answer = api.post("/c_boats", {"name": "Ketch", ruled["Length"]: "21"})
    assert (status, answer["code"], answer["field"]) == (422, "value.required", ruled["Call sign"])
    status, boat = api.post("/c_boats", {"name": "Ketch", ruled["Length"]: "21", ruled["Call sign"]: "DA1"})
    assert status == 201 and boat[ruled["Berth"]] == 3
    status, answer = api.patch(f"/c_boats/{boat['id']}", {ruled["Length"]: "101"})
    assert (status, answer["code"], answer["message"]) == (422, "rule.refused", "No harbour takes it")
    assert (
        api.patch(f"/c_boats/{boat['id']}", {ruled["Price"]: "10", ruled["Launched"]: "2026-01-01"})[0] == 200
    )
    status, answer = api.patch(f"/c_boats/{boat['id']}", {ruled["Price"]: "20"})
    assert (status, answer["code"], answer["field"]) == (422, "rule.locked", ruled["Price"])
    assert api.get(f"/c_boats/{boat['id']}")[1][ruled["Price"]] == "10.00", "nothing was written"
    shown = api.get("/metadata/objects/c_boat")[1]["rules"]
    assert [r["label"] for r in shown] == ["Long boats", "Launched", "Too long"]


def test_rules_hold_for_imports_and_bulk(ruled: dict[str, str], admin: Actor) -> None:
    entity = registry.get("c_boat")
    rows = [
        {"name": "Short", ruled["Length"]: "5"},
        {"name": "Silent", ruled["Length"]: "30"},
        {"name": "Long", ruled["Length"]: "30", ruled["Call sign"]: "DA2"},
    ]
    results = service.create_many(entity, rows, admin.acting("import"))
    assert [getattr(r.error, "code", None) for r in results] == [None, "value.required", None]
    assert entity.model.objects.get(pk=results[2].id).custom[ruled["Berth"]] == 3
    ids = [r.id for r in results if r.id]
    changed = service.update_many(entity, [(i, {ruled["Length"]: "40"}) for i in ids], admin)
    assert [getattr(r.error, "code", None) for r in changed] == ["value.required", None]


def test_a_rule_of_a_standard_object(workspace: Any, admin: Actor) -> None:
    body = {
        "label": "Phones",
        "when": condition("name", "begins", "Big"),
        "then": [{"action": "require", "attribute": "phone"}],
    }
    publishing.add_change("rule", "create", "account", None, body, admin.user_id)
    publish(admin)
    _user, seller = person(workspace, "sam@example.com", "salesperson")
    assert seller.post("/accounts", {"name": "Big Co"})[1]["code"] == "value.required"
    assert seller.post("/accounts", {"name": "Small Co"})[0] == 201


def test_a_default_does_not_fill_what_was_left_empty_on_purpose(boat: Entity, admin: Actor) -> None:
    named = names_of(boat)
    add_rule(
        admin,
        "Berth C has a price",
        condition(named["Berth"], "eq", 3),
        {"action": "default", "attribute": named["Price"], "value": "9"},
    )
    publish(admin)
    entity = registry.get("c_boat")
    left_out = service.create(entity, {"name": "A", named["Berth"]: 3}, admin)
    emptied = service.create(entity, {"name": "B", named["Berth"]: 3, named["Price"]: None}, admin)
    held = [entity.model.objects.get(pk=one.id).custom.get(named["Price"]) for one in (left_out, emptied)]
    assert held == ["9.00", None]


def test_rules_see_amounts_and_currency_as_they_are_stored(boat: Entity, admin: Actor) -> None:
    Currency.objects.get_or_create(code="JPY", defaults={"rate": "160", "precision": 0})
    named = names_of(boat)
    add_rule(
        admin,
        "From 100 on",
        {"and": [condition(named["Price"], "ge", "100"), condition("currency", "eq", "jpy")]},
        {"action": "set", "attribute": named["Berth"], "value": 3},
    )
    base = {"and": [condition("currency", "not_empty"), condition(named["Price"], "eq", "7")]}
    add_rule(admin, "In the base", base, {"action": "set", "attribute": named["Call sign"], "value": "Base"})
    publish(admin)
    entity = registry.get("c_boat")
    made = service.create(entity, {"name": "A", "currency": "JPY", named["Price"]: "99.6"}, admin)
    custom = entity.model.objects.get(pk=made.id).custom
    assert (custom[named["Price"]], custom[named["Berth"]]) == ("100.00", 3)
    made = service.create(entity, {"name": "B", named["Price"]: "7"}, admin)
    assert entity.model.objects.get(pk=made.id).custom[named["Call sign"]] == "Base"


def test_rules_that_set_each_other_going_are_refused(boat: Entity, admin: Actor) -> None:
    named = names_of(boat)
    price, length = named["Price"], named["Length"]
    with pytest.raises(Invalid) as itself:
        add_rule(
            admin, "Grow", condition(price, "gt", "1"), {"action": "set", "attribute": price, "value": "2"}
        )
    assert itself.value.code == "rule.loop"
    add_rule(
        admin, "Fill", condition(price, "empty"), {"action": "default", "attribute": price, "value": "1"}
    )
    add_rule(admin, "A", condition(price, "gt", "1"), {"action": "set", "attribute": length, "value": "3"})
    with pytest.raises(Invalid) as pair:
        add_rule(
            admin, "B", condition(length, "gt", "1"), {"action": "set", "attribute": price, "value": "5"}
        )
    assert pair.value.code == "rule.loop" and "A" in pair.value.message and "B" in pair.value.message
    assert DraftChange.objects.count() == 2


def test_a_rule_sees_what_another_sets_whatever_their_order(boat: Entity, admin: Actor) -> None:
    named = names_of(boat)
    add_rule(
        admin,
        "Second",
        condition(named["Berth"], "eq", 2),
        {"action": "set", "attribute": named["Price"], "value": "9"},
    )
    add_rule(
        admin,
        "First",
        condition(named["Length"], "gt", "1"),
        {"action": "set", "attribute": named["Berth"], "value": 2},
    )
    publish(admin)
    entity = registry.get("c_boat")
    assert [str(r.label) for r in entity.business_rules] == ["First", "Second"]
    made = service.create(entity, {"name": "Ketch", named["Length"]: "2"}, admin)
    assert entity.model.objects.get(pk=made.id).custom[named["Price"]] == "9.00"


@pytest.mark.parametrize(
    ("when", "then", "code"),
    [
        (None, [], "rule.actions"),
        (None, [{"action": "explode", "attribute": "name"}], "rule.action"),
        (None, [{"action": "require", "attribute": "gone"}], "attribute.unknown"),
        (None, [{"action": "lock", "attribute": "created_at"}], "attribute.read_only"),
        (None, [{"action": "hide", "attribute": "name"}], "rule.hides_required"),
        (None, [{"action": "set", "attribute": "owner", "value": "x"}], "rule.not_settable"),
        (None, [{"action": "set", "attribute": "{length}", "value": "long"}], "value.wrong_type"),
        (None, [{"action": "error", "attribute": None, "message": ""}], "metadata.label"),
        ({"attribute": "gone", "operator": "eq", "value": 1}, None, "attribute.unknown"),
        ({"attribute": "{length}", "operator": "contains", "value": "1"}, None, "rule.operator"),
        ({"attribute": "created_at", "operator": "today"}, None, "rule.operator"),
        ({"attribute": "{length}", "operator": "gt", "value": "long"}, None, "filter.invalid_value"),
        ({"attribute": "{length}", "operator": "between", "value": ["1"]}, None, "filter.invalid_value"),
        ({"attribute": "{length}", "operator": "eq", "value": "NaN"}, None, "filter.invalid_value"),
        ({"related": "boats", "exists": True}, None, "rule.condition"),
        ({"and": {"attribute": "name"}}, None, "filter.malformed"),
        ("always", None, "filter.malformed"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(
    boat: Entity, admin: Actor, when: Any, then: Any, code: str
) -> None:
    length = names_of(boat)["Length"]
    fill = json.loads(json.dumps([when, then]).replace("{length}", length))
    actions = fill[1] if fill[1] is not None else [{"action": "recommend", "attribute": length}]
    with pytest.raises(CrmError) as refused:
        add_rule(admin, "Wrong", fill[0], *actions)
    assert refused.value.code == code
    assert not DraftChange.objects.exists()


def test_a_field_a_rule_uses_is_not_deleted(ruled: dict[str, str], admin: Actor) -> None:
    publishing.add_change("attribute", "delete", "c_boat", ruled["Call sign"], {}, admin.user_id)
    uses = publishing.impact()["changes"][0]["used_in"]
    assert [(u["kind"], u["label"], u["blocking"]) for u in uses] == [("rule", "Long boats", True)]
    with pytest.raises(CrmError) as refused:
        publish(admin)
    assert refused.value.code == "metadata.dependencies"
