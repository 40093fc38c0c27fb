"""Where a body names single options of a list: filters, business rules, roll-ups, calculated fields, initial values (PLT-4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.formulas import FormulaError, parse
from crm_core.metadata.formulas.checking import branches, nodes
from crm_core.metadata.relations import compared_in

Fields = Collection[tuple[str, str]]
Use = dict[str, Any]


def option_uses(
    body: dict[str, Any], entities: dict[str, Entity], fields: Fields, values: Collection[int]
) -> list[Use]:
    """Uses of options `values` of the `fields` (object, attribute), like those of attributes; all of them forbid deleting."""
    found = [
        _use("view", entity.name, view.key, str(view.name))
        for entity in entities.values()
        for view in entity.views
        if names_option(entity, view.filter, entities, fields, values)
    ]
    for owner, documents in body.get("rules", {}).items():
        if owner in entities:
            found += [
                _use("rule", owner, key, document["label"])
                for key, document in documents.items()
                if _in_rule(document, entities[owner], entities, fields, values)
            ]
    for entity in entities.values():
        for attribute in entity.custom_attributes:
            if _in_attribute(attribute, entity, entities, fields, values):
                found.append(_use("attribute", entity.name, attribute.name, str(attribute.label)))
    return found


def names_option(
    entity: Entity, tree: Any, entities: dict[str, Entity], fields: Fields, values: Collection[int]
) -> bool:
    """Whether a filter compares one of the fields with one of the options."""
    return any(
        pair in fields and _among(operand, values) for pair, operand in compared_in(entity, tree, entities)
    )


def _among(operand: Any, values: Collection[int]) -> bool:
    operands = operand if isinstance(operand, list) else [operand]
    return any(isinstance(o, int) and not isinstance(o, bool) and o in values for o in operands)


def _in_rule(
    document: dict[str, Any], entity: Entity, entities: dict[str, Entity], fields: Fields, values: Collection[int]
) -> bool:  # fmt: skip
    sets = (
        (entity.name, a.get("attribute")) in fields and _among(a.get("value"), values)
        for a in document["then"]
    )
    return any(sets) or names_option(entity, document.get("when"), entities, fields, values)


def _in_attribute(
    attribute: Attribute, entity: Entity, entities: dict[str, Entity], fields: Fields, values: Collection[int]
) -> bool:  # fmt: skip
    if (entity.name, attribute.name) in fields and _among(attribute.default, values):
        return True
    if attribute.roll_up is not None and attribute.roll_up.object in entities:
        child = entities[attribute.roll_up.object]
        return names_option(child, attribute.roll_up.filter, entities, fields, values)
    return attribute.formula is not None and any(
        pair in fields and number in values
        for pair, number in _compared(attribute.formula.expression, entity, entities)
    )


def _compared(
    expression: str, entity: Entity, entities: dict[str, Entity]
) -> Iterator[tuple[tuple[str, str], int]]:
    """Fields and the numbers they stand beside in an expression."""
    try:
        tree = parse(expression)
    except FormulaError:
        return
    for node in nodes(tree):
        numbers = [int(p.value) for p in node.parts if p.kind == "number" and p.value == int(p.value)]
        for part in node.parts if numbers else ():
            for pair in _ends(part.value, entity, entities) if part.kind == "name" else ():
                yield from ((pair, number) for number in numbers)


def _ends(path: str, entity: Entity, entities: dict[str, Entity]) -> list[tuple[str, str]]:
    try:
        return [(e.name, a.name) for _links, e, a in branches(path, entity, entities)]
    except FormulaError:
        return []


def _use(kind: str, object_name: str, name: str, label: str) -> Use:
    return {"kind": kind, "object": object_name, "name": name, "label": label, "blocking": True}
