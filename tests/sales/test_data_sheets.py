"""The data sheets of customers, activities and sales say only what is true: names, views, forms, boards, actions."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.declaration import COLORS
from crm_core.records.query import Query
from crm_core.records.query.board import board
from crm_core.security.actor import Actor
from tests.sales_people import make, refers

OBJECTS = (
    "account", "contact", "lead", "customer_address", "task", "phone_call", "appointment", "letter", "visit", "email",
    "note", "opportunity", "opportunity_close", "opportunity_product", "product", "competitor",
)  # fmt: skip
ACTIVITIES = ("task", "phone_call", "appointment", "letter", "visit", "email", "opportunity_close")
pytestmark = pytest.mark.usefixtures("seeded")


@pytest.mark.parametrize("name", OBJECTS)
def test_every_name_in_a_sheet_is_an_attribute(name: str) -> None:
    entity = registry.get(name)
    named = [*entity.quick_create, *entity.facts, *entity.form.header, *entity.closed_writable]
    named += [a for section in entity.form.sections for a in section.attributes]
    named += [a for view in entity.views for a in view.columns]
    named += [a for rule in entity.duplicates for a in rule]
    named += list(entity.calendar or ()) + [entity.form.path] * bool(entity.form.path)
    assert set(named) <= set(entity.attributes)
    assert set(entity.form.related) <= {r.name for r in entity.relationships}
    assert entity.color in COLORS and entity.icon and entity.description and len(entity.facts) == 2


@pytest.mark.parametrize("name", OBJECTS)
def test_forms_show_each_attribute_once_and_quick_create_asks_for_what_is_needed(name: str) -> None:
    entity = registry.get(name)
    shown = [a for section in entity.form.sections for a in section.attributes]
    assert len(shown) == len(set(shown))
    needed = {
        a.name for a in entity.attributes.values() if a.required and not a.read_only and a.default is None
    }
    assert not entity.creatable or needed <= set(entity.quick_create)


@pytest.mark.parametrize("name", OBJECTS)
def test_every_view_runs(name: str, rep: Actor) -> None:
    entity = registry.get(name)
    assert sum(view.default for view in entity.views) == 1
    assert len({view.key for view in entity.views}) == len(entity.views)
    for view in entity.views:
        query = Query(entity, rep).filter(view.filter).order(list(view.order))
        assert query.page(list(view.columns)).rows == []


@pytest.mark.parametrize("name", OBJECTS)
def test_options_states_and_parameters_are_complete(name: str) -> None:
    entity = registry.get(name)
    for attribute in entity.attributes.values():
        if attribute.type.name in ("pick", "multi", "status_reason"):
            values = [option.value for option in attribute.options]
            assert values and len(values) == len(set(values))
    reasons = [reason.value for state in entity.states for reason in state.reasons]
    assert len(reasons) == len(set(reasons))
    for action in entity.actions.values():
        assert set(action.states) <= {state.value for state in entity.states} and action.states
        for parameter in action.parameters:
            assert (
                parameter.type != "pick"
                or parameter.options
                or parameter.option_list in registry.current().option_lists
            )


@pytest.mark.parametrize("name", [n for n in OBJECTS if n in ("opportunity", "lead", "task")])
def test_every_board_has_a_column_per_option(name: str, admin: Actor) -> None:
    entity = registry.get(name)
    account = refers("account", make("account", admin, name="Nord AG"))
    values = {"opportunity": {"topic": "Ferry", "customer": account, "estimated_revenue": "100"},
              "lead": {"topic": "Ferry", "last_name": "Lind", "rating": 2}, "task": {"subject": "Call"}}  # fmt: skip
    make(name, admin, **values[name])
    sheet = entity.board
    sums = [s for s in (sheet.sum, sheet.weighted) if s]
    columns = board(Query(entity, admin).filter(sheet.filter), sheet.attribute, list(sheet.card), sums=sums)
    closed = {r.value for state in entity.states if state.closed for r in state.reasons}
    hidden = closed if sheet.attribute == "status_reason" else set()
    assert [c["value"] for c in columns] == [
        o.value for o in entity.attributes[sheet.attribute].options if o.value not in hidden
    ]
    assert sum(c["count"] for c in columns) == 1
    assert {action for action, _label in sheet.drop} <= set(entity.actions)


@pytest.mark.parametrize("name", ACTIVITIES)
def test_activity_types_share_one_base(name: str) -> None:
    entity = registry.get(name)
    base = {"subject", "regarding", "parties", "owner", "priority", "category", "sub_category", "scheduled_start", "scheduled_end",
            "actual_start", "actual_end", "scheduled_duration", "actual_duration", "is_billed", "description"}  # fmt: skip
    assert entity.is_activity and base <= set(entity.attributes)


@pytest.mark.parametrize("name", OBJECTS)
def test_rules_and_actions_stand_in_the_sheet_once(name: str) -> None:
    entity = registry.get(name)
    assert len(entity.rules) == len(set(entity.rules))
    assert all(rule.__doc__ for rule in entity.rules) and all(
        action.run.__doc__ for action in entity.actions.values()
    )


def test_every_exported_rule_is_declared_somewhere(seeded: Any) -> None:
    from crm_core.activities import rules as activities
    from crm_core.customers import rules as customers
    from crm_core.sales import rules as sales

    declared = {rule for entity in registry.all() for rule in entity.rules}
    for module in (customers, activities, sales):
        assert {getattr(module, name) for name in module.__all__} <= declared
