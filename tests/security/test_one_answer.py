"""The same question has one answer: filter × actor × object, asked of every surface that counts, lists or adds up (PLT-45.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crm_core.metadata import registry, workspace
from crm_core.metadata.business_rules import OPERATORS, holds
from crm_core.metadata.collecting import collector
from crm_core.metadata.customization import publishing
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.models import Currency
from crm_core.records import jobs, roll_ups, service
from crm_core.records.models import Job
from crm_core.records.service import linking
from crm_core.security.depth import PRIVILEGES
from crm_core.security.models import Principal, Role
from tests.api_client import ApiClient
from tests.conformance.values import minimal, value_for
from tests.security.surfaces import Asked
from tests.security.world import World

pytestmark = pytest.mark.slow
OBJECTS = ("account", "contact", "opportunity", "task", "c_boat")
ROWS = 12
DEPTHS = {"own": 1, "team": 2, "unit and below": 4}


def _publish(kind: str, action: str, owner: str | None, definition: dict[str, Any]) -> str:
    name = publishing.add_change(kind, action, owner, None, definition, None).name
    publishing.publish(None, "Ada")
    return str(name)


@pytest.fixture
def asked(company: World) -> World:
    """Records of five objects owned all over the company, with values, gaps, two currencies and links between them."""
    Currency.objects.get_or_create(code="USD", defaults={"rate": Decimal("1.25"), "precision": 2})
    _publish("object", "create", None, {"label": "Boat"})
    fields = (
        {"label": "Berth", "type": "pick", "options": [{"label": "A"}, {"label": "B"}]},
        {"label": "Price", "type": "money"},
        {"label": "Length", "type": "dec"},
        {"label": "Launched", "type": "date"},
        {"label": "Company", "type": "lookup", "targets": ["account"]},
    )
    names = [_publish("attribute", "create", "c_boat", f) for f in fields]
    double = {"label": "Double", "type": "calculated", "expression": f"{names[2]} * 2"}
    names.append(_publish("attribute", "create", "c_boat", double))
    company.told["boat"] = names
    company.told["advises"] = _publish(
        "relationship",
        "create",
        "account",
        {"label": "Advisers", "target": "contact", "reverse_label": "Advises"},
    )
    for name in OBJECTS:
        _fill(company, registry.get(name))
    account, contacts = registry.get("account"), company.told["contact"]
    relation = next(r for r in account.relationships if r.name == company.told["advises"])
    for number, made in enumerate(company.told["account"][:4]):
        linking.link(account, made, relation, contacts[number : number + 3], company.admin)
    return company


def _fill(world: World, entity: Entity) -> None:
    """`ROWS` records whose values differ, every third of them empty; currencies alternate."""
    owners = list(world.people.values())
    made: list[Any] = []
    for number in range(ROWS):
        values = minimal(entity, world.admin, number)
        for index, attribute in enumerate(entity.attributes.values()):
            if (
                attribute.read_only
                or attribute.name in values
                or attribute.system
                or (number + index) % 3 == 0
            ):
                continue
            value = _reference(world, attribute, number, made) or value_for(
                attribute, world.admin, number + 1
            )
            if value is not None:
                values[attribute.name] = value
        if "currency" in entity.attributes:
            values["currency"] = ("EUR", "USD")[number % 2]
        values.pop("scheduled_end", None)
        values.pop("actual_end", None)
        made.append(service.create(entity, values, world.admin).id)
        owner = owners[number % len(owners)]
        unit = Principal.objects.get(pk=owner).business_unit_id
        entity.model.objects.filter(pk=made[-1]).update(owner_id=owner, owning_business_unit_id=unit)
    world.told[entity.name] = made


def _reference(world: World, attribute: Attribute, number: int, own: list[Any]) -> Any:
    if attribute.type.name not in ("lookup", "customer", "regarding") or attribute.targets == ("user",):
        return None
    target = attribute.targets[0] if attribute.targets else "account"
    known = world.told.get(target) or (own[: (number + 1) // 2] if attribute.hierarchy else [])
    return {"object": target, "id": str(known[number % len(known)])} if known else None


def trees(world: World, entity: Entity) -> dict[str, Any]:
    """Filters of every kind: by type and operator, over parents and children, trees, dates, people, states."""

    def one(attribute: str, operator: str, value: Any = None) -> dict[str, Any]:
        return {"attribute": attribute, "operator": operator, **({} if value is None else {"value": value})}

    found: dict[str, Any] = {
        "mine": one("owner", "me"), "my teams": one("owner", "my_teams"), "my unit": one("owner", "my_unit_and_below"),
        "my reports": one("owner", "my_reports"), "recent": one("created_at", "last_n_days", 3), "week": one("created_at", "this_week"),
        "fiscal": one("modified_at", "this_fiscal_year"), "old": one("created_at", "older_than_n_days", 1),
        "state": one("state", "eq", entity.states[0].value), "no state": one("state", "ne", entity.states[0].value),
        "none": {"or": []}, "all": {"and": []},
        "ids": one("id", "in", [str(i) for i in world.told[entity.name][:5]]),
    }  # fmt: skip
    for attribute in entity.attributes.values():
        kind = attribute.type.name
        if attribute.system or attribute.secured or not attribute.filterable or kind in ("parties", "file"):
            continue
        value = "2026-03-04" if kind == "datetime" else value_for(attribute, world.admin, 3)
        for operator in (
            "eq",
            "ne",
            "gt",
            "le",
            "contains",
            "not_contains",
            "begins",
            "empty",
            "on_or_after",
            "has_any",
        ):
            if operator not in attribute.type.operators_for(attribute):
                continue
            if operator == "empty":
                found[f"{kind} empty"] = one(attribute.name, operator)
            elif value is not None:
                operand = value if operator != "has_any" or isinstance(value, list) else [value]
                found[f"{kind} {operator}"] = one(attribute.name, operator, operand)
    parts = [
        t for name, t in found.items() if name in ("text contains", "pick eq", "money gt", "date le", "mine")
    ]
    found["mixed"] = {"or": [{"and": parts[:2]}, {"not": {"or": parts[1:]}}]}
    found |= _over_relations(world, entity, one)
    if collector(entity.name) is not None:
        found |= _lists(world, entity, one)
    return found


def _lists(world: World, entity: Entity, one: Any) -> dict[str, Any]:
    """Lists of chosen records and of what a filter finds, and what is in neither (MKT-1, MKT-70.3)."""
    sheet = registry.get("marketing_list")
    assert sheet.collects is not None
    of = next(value for value, name in sheet.collects.objects.items() if name == entity.name)
    values = {
        "name": "Fair",
        "member_type": of,
        "owner": str(world.viewer_id),
    }  # a list one may not read refuses
    chosen = str(service.create(sheet, values, world.admin).id)
    ids = {"ids": [str(i) for i in world.told[entity.name][::2]]}
    service.run_action(sheet, "add_members", chosen, ids, world.admin)
    tree = one(entity.primary, "contains", "1")
    found = str(service.create(sheet, {**values, "kind": 2, "filter": tree}, world.admin).id)
    return {
        "listed": one("member_of", "in", [chosen]), "not listed": one("member_of", "not_in", [chosen]),
        "segment": one("member_of", "eq", found), "not segment": {"not": one("member_of", "in", [found])},
        "in one of them": one("member_of", "in", [chosen, found]),
    }  # fmt: skip


def _over_relations(world: World, entity: Entity, one: Any) -> dict[str, Any]:
    some = str(world.told["account"][0])
    if entity.name == "account":
        return {
            "under": one("id", "under", some), "not under": one("parent_account", "not_under_or_equal", some),
            "with contacts": {"related": "contacts", "filter": one("last_name", "contains", "1")},
            "without": {"related": "contacts", "exists": False}, "two": {"related": "contacts", "count": {"operator": "ge", "value": 1}},
            "advised": {"related": world.told["advises"], "filter": one("owner", "me")},
            "tasks": {"related": "about.task"}, "boats": {"related": "c_boats", "filter": one("name", "not_empty")},
        }  # fmt: skip
    if entity.name in ("contact", "opportunity"):
        customer = "parent_customer" if entity.name == "contact" else "customer"
        return {
            "path": one(f"{customer}.name", "contains", "1"),
            "no path": one(f"{customer}.industry", "ne", 2),
        }
    if entity.name == "c_boat":
        company, double = world.told["boat"][4], world.told["boat"][5]
        return {"path": one(f"{company}.name", "contains", "1"), "calculated": one(double, "gt", "5")}
    return {"about": {"not": one("regarding", "empty")}}


def _person(world: World, depth: int) -> ApiClient:
    names = {"*", "c_boat"}
    Role.objects.filter(pk=world.role.pk).update(
        privileges={n: dict.fromkeys(PRIVILEGES, depth) for n in names},
        capabilities=["bulk", "export_sensitive"],
    )
    workspace.bump("security_version")
    return world.viewer_api


@pytest.mark.parametrize("object_name", OBJECTS)
def test_every_surface_gives_the_same_answer(asked: World, object_name: str) -> None:
    entity = registry.get(object_name)
    everything = trees(asked, entity)
    for number, (who, depth) in enumerate(({"administrator": 0} | DEPTHS).items()):
        api = asked.admin_api if not depth else _person(asked, depth)
        asking = Asked(asked, entity, api)
        assert asking.all, who
        for index, (name, tree) in enumerate(everything.items()):
            if index % 4 == number:
                asking.check(name, tree)
            if index % 16 == number * 4:
                asking.files(f"{who} {name}", tree)


def test_related_lists_hold_what_the_list_finds_by_the_reference(asked: World) -> None:
    """Contacts of an account: as its related list, its card, the filtered list, and the roll-up of the workspace."""
    tree = {"attribute": "last_name", "operator": "contains", "value": "1"}
    body = {
        "label": "Ones",
        "type": "roll_up",
        "function": "count",
        "relationship": "contacts",
        "filter": tree,
    }
    count = _publish("attribute", "create", "account", body)
    worth = {
        "label": "Worth",
        "type": "roll_up",
        "function": "sum",
        "relationship": "opportunities",
        "measure": "estimated_revenue",
    }
    total = _publish("attribute", "create", "account", worth)
    price = {
        "label": "Fleet",
        "type": "roll_up",
        "function": "sum",
        "relationship": "c_boats",
        "measure": asked.told["boat"][1],
    }
    fleet = _publish("attribute", "create", "account", price)
    job = roll_ups.start(roll_ups.every()) or Job.objects.get(kind="roll_up", state="queued")
    while jobs.run_next_step(job.pk):
        pass
    for depth in (0, *DEPTHS.values()):
        api = asked.admin_api if not depth else _person(asked, depth)
        seen = 0
        for made in asked.told["account"]:
            status, account = api.get(f"/accounts/{made}?include=related")
            if status == 404:
                continue
            customer = {"object": "account", "id": str(made)}
            for name, plural, reference in (
                ("contacts", "contacts", "parent_customer"), ("opportunities", "opportunities", "customer"),
                ("c_boats", "c_boats", asked.told["boat"][4]),
            ):  # fmt: skip
                value = customer if reference != asked.told["boat"][4] else str(made)
                wanted = {"filter": {"attribute": reference, "operator": "eq", "value": value}, "limit": 1000}
                money = {
                    "contacts": None,
                    "opportunities": "estimated_revenue",
                    "c_boats": asked.told["boat"][1],
                }[name]
                listed = api.post(f"/{plural}/query", {**wanted, "sums": [money] if money else []})[1]
                ids = {r["id"] for r in listed["rows"]}
                assert {r["id"] for r in api.get(f"/accounts/{made}/{name}?limit=1000")[1]["rows"]} == ids
                assert account["related"][name]["count"] == len(ids)
                seen += len(ids)
                if not depth and money:
                    rolled = account[total if name == "opportunities" else fleet]
                    assert Decimal(rolled or 0) == Decimal(listed["sums"][money] or 0), (name, made)
            if not depth:
                both = {"and": [tree, {"attribute": "parent_customer", "operator": "eq", "value": customer}]}
                assert account[count] == len(api.post("/contacts/query", {"filter": both})[1]["rows"])
        assert seen


def test_rules_and_lists_mean_the_same_by_a_condition(asked: World) -> None:
    """A business rule holds for exactly the records a list with its condition shows (PLT-10)."""
    compared = 0
    for object_name in OBJECTS:
        entity = registry.get(object_name)
        asked_of: dict[str, set[str]] = {}
        rows = asked.admin_api.post(
            f"/{entity.plural}/query", {"fields": list(entity.attributes)[:100], "limit": 1000}
        )[1]["rows"]
        for attribute in entity.attributes.values():
            if (
                attribute.name not in rows[0]
                or attribute.formula
                or attribute.roll_up
                or not attribute.filterable
            ):
                continue
            operators = set(OPERATORS.get(attribute.type.name, ())) & set(
                attribute.type.operators_for(attribute)
            )
            for operator in operators - asked_of.setdefault(attribute.type.name, set()):
                value = _operand(asked, attribute, operator, rows)
                if value is None and operator not in ("empty", "not_empty"):
                    continue
                asked_of[attribute.type.name].add(operator)
                tree = {"attribute": attribute.name, "operator": operator, "value": value}
                if operator in ("empty", "not_empty"):
                    del tree["value"]
                status, answer = asked.admin_api.post(
                    f"/{entity.plural}/query", {"filter": tree, "limit": 1000}
                )
                assert status == 200, (tree, answer)
                ruled = {r["id"] for r in rows if holds(entity.attributes, tree, r)}
                assert {r["id"] for r in answer["rows"]} == ruled, (object_name, tree)
                compared += 1
    assert compared > 150


def _operand(world: World, attribute: Attribute, operator: str, rows: list[dict[str, Any]]) -> Any:
    """A value some record has, as the operator takes it."""
    value = next((r[attribute.name] for r in rows if r[attribute.name] not in (None, "", [])), None)
    if isinstance(value, dict):
        value = {"object": value["object"], "id": value["id"]} if "object" in value else value.get("id")
    if isinstance(value, str) and operator in ("contains", "not_contains", "begins", "ends"):
        return value.split("\n")[-1][-4:] if operator in ("ends", "contains", "not_contains") else value[:3]
    if value is None:
        return None
    if operator in ("in", "not_in"):
        return [value]
    return [value, value] if operator == "between" else value
