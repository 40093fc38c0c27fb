"""Attribute × channel: whatever a secured value is, a person without the right gets the same answers (PLT-41, AC-05, SAAS Z)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from crm_core.metadata import field_security, registry
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.records.query.aggregate import aggregate
from crm_core.records.query.board import board
from tests.conformance.values import full
from tests.security import hidden
from tests.security.world import World

pytestmark = pytest.mark.slow

#: activities that share everything with tasks and e-mails but a few fields
ALIKE = ("appointment", "fax", "letter", "phone_call", "visit")


def _written(world: World, entity: Entity, number: int) -> dict[str, Any]:
    """Values for everything of the object that people fill in and administrators can hide."""
    names = [a for a in hidden.hideable(entity) if not a.read_only and not a.create_only and not a.required]
    found = {a.name: hidden.typed(world, a, number) for a in names}
    return {n: v for n, v in found.items() if v is not None}


def _writable(entity: Entity) -> bool:
    return entity.creatable and entity.group != "administration"


@pytest.mark.about.with_args(lambda entity: _writable(entity) and entity.name not in ALIKE)
def test_no_answer_depends_on_a_hidden_value(company: World, entity: Entity) -> None:
    world = company
    record = str(service.create(entity, full(entity, world.admin, 1), world.admin).id)
    service.create(entity, full(entity, world.admin, 2), world.admin)
    guesses = [_written(world, entity, 3), _written(world, entity, 4)]
    secret = [a for a in hidden.hideable(entity) if not a.required]
    hidden.secure(world, *[f"{entity.name}.{a.name}" for a in secret])
    entity = registry.get(entity.name)

    def ask() -> hidden.Answers:
        return dict(hidden.questions(world, entity, record, secret, guesses))

    # the second time every other value is missing, so that emptiness tells nothing either
    needed = ("quantity",)  # a line without one is refused
    gaps = {
        n: None
        for n in list(guesses[1])[1::2]
        if entity.attributes[n].type.name != "bool" and n not in needed
    }
    first = hidden.with_values(world, entity, record, guesses[0], ask)
    second = hidden.with_values(world, entity, record, {**guesses[1], **gaps}, ask)
    assert first.keys() == second.keys()
    told = list(hidden.differences(first, second))
    assert not told, "\n".join(told[:20])


@pytest.mark.about.with_args(_writable)
def test_a_condition_on_a_hidden_value_is_refused_alike_whatever_it_says(
    company: World, entity: Entity
) -> None:
    secret = hidden.hideable(entity)
    hidden.secure(company, *[f"{entity.name}.{a.name}" for a in secret])
    entity, viewer = registry.get(entity.name), company.viewer()
    asked = 0
    for attribute in (a for a in entity.attributes.values() if a.secured):
        for operator in (*attribute.type.operators_for(attribute), "surely_unknown"):
            for value in (
                None,
                1,
                "x",
                [1, 2],
                {"object": "account", "id": "x"},
                hidden.typed(company, attribute, 3),
            ):
                condition = {"attribute": attribute.name, "operator": operator, "value": value}
                for tree in (condition, {"not": condition}, {"or": [{"and": []}, condition]}):
                    with pytest.raises(CrmError) as refused:
                        Query(entity, viewer).filter(tree)
                    assert (refused.value.code, refused.value.field) == ("field.secured", attribute.name)
                    asked += 1
        name = attribute.name
        for question in (
            lambda name=name: Query(entity, viewer).order([name]).page([entity.primary]),
            lambda name=name: Query(entity, viewer).order([f"-{name}"]).page([entity.primary]),
            lambda name=name: Query(entity, viewer).sums([name]),
            lambda name=name: aggregate(Query(entity, viewer), [{"attribute": name}], [{"fn": "count"}]),
            lambda name=name: aggregate(Query(entity, viewer), [], [{"fn": "max", "attribute": name}]),
            lambda name=name: board(Query(entity, viewer), "status_reason", [entity.primary], sums=[name]),
        ):
            with pytest.raises(CrmError) as refused:
                question()
            assert (refused.value.code, refused.value.field) == ("field.secured", name)
    assert asked or not secret


@pytest.mark.about.with_args(_writable)
def test_what_rules_make_of_a_value_is_known_to_be_made_of_it(company: World, entity: Entity) -> None:
    """A change of one attribute shows in no other that does not say so: there it could be read by everybody."""
    world = company
    base = full(entity, world.admin, 1)
    record = service.create(entity, base, world.admin).id
    entities = registry.current().entities
    for attribute in (a for a in hidden.hideable(entity) if not a.read_only):
        name = attribute.name
        told = {name, f"{name}_base", "version", "modified_at", "exchange_rate", "created_at", "id"}
        for other in entity.attributes.values():
            origins = set(field_security.origins(entities, entity.name, other))
            if (entity.name, name) in origins or (entity.name, name) in other.sources:
                told |= {other.name, f"{other.name}_base"}
        rows = []
        for number in (3, 4):
            value = hidden.typed(world, attribute, number)
            for creating in (True, False):
                row = _row_with(
                    world,
                    entity,
                    {**base, name: value} if creating else {name: value},
                    None if creating else record,
                )
                if row is not None:
                    rows.append((creating, row))
        for creating in (True, False):
            same = [row for made, row in rows if made is creating]
            for row in same[1:]:
                differing = {
                    n for n in entity.attributes if _told(entity, row, n) != _told(entity, same[0], n)
                }
                assert differing <= told, (entity.name, name, sorted(differing - told))


def _told(entity: Entity, row: dict[str, Any], name: str) -> Any:
    """A value as it is compared: what the server notes the time in is the same on the same day."""
    noted = entity.attributes[name].read_only and entity.attributes[name].type.name == "datetime"
    return str(row[name])[:10] if noted else row[name]


def _row_with(world: World, entity: Entity, values: dict[str, Any], record: Any) -> dict[str, Any] | None:
    """The whole row after writing `values`, taken back; None when they are refused."""
    found: dict[str, Any] | None = None
    try:
        with transaction.atomic():
            if record is None:
                made = service.create(entity, values, world.admin).id
            else:
                service.update(entity, record, values, world.admin)
                made = record
            found = Query(entity, world.admin).one(made)
            raise hidden.Undone
    except (hidden.Undone, CrmError):
        return found
