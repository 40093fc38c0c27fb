"""Calculated fields among the definitions (PLT-3): checked against the draft, resolved when a body is compiled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import types
from crm_core.metadata.customization import roll_up_definitions as roll_ups
from crm_core.metadata.entity import Attribute, Entity, Formula
from crm_core.metadata.errors import Conflict, Invalid
from crm_core.metadata.formulas import FormulaError, checked, parse
from crm_core.metadata.formulas.checking import BASE, branches, fields_read, nodes

CALCULATED = "calculated"
KINDS = (CALCULATED, roll_ups.ROLL_UP)
KEYS = {"expression", *roll_ups.KEYS}
#: nodes and levels of an expression with all calculated fields in it written out: they become one SQL expression
MAX_WEIGHT, MAX_LEVELS = 1000, 80
_TYPES = {"text": "text", "date": "date", "bool": "bool"}
#: what the server adds to a definition, and the values it can have
DERIVED = {"result", "currency", "object", "link"}
_RESULTS = {
    CALCULATED: ("number", "text", "date", "bool"),
    roll_ups.ROLL_UP: ("int", "dec", "money", "duration", "date", "datetime"),
}
Field = tuple[str, str]


def carried(definition: dict[str, Any]) -> dict[str, Any]:
    """What a definition from elsewhere says it gives, until that is found out here."""
    if not isinstance(definition.get("type"), str) or definition["type"] not in KINDS:
        return {}
    result, currency = definition.get("result"), definition.get("currency")
    found = {k: v for k in ("object", "link") if isinstance(v := definition.get(k), str)}
    if isinstance(result, str) and result in _RESULTS[definition["type"]]:
        found["result"] = result
    if isinstance(currency, str) and currency in ("own", BASE):
        found["currency"] = currency
    return found


def cleaned_part(definition: dict[str, Any]) -> dict[str, Any]:
    """The part of a definition that needs no other one, cleaned. Raises Invalid with the field."""
    if definition["type"] == roll_ups.ROLL_UP:
        return roll_ups.checked_roll_up(definition)
    expression = definition.get("expression")
    if not isinstance(expression, str):
        raise Invalid("formula.empty", "An expression is needed.", field="expression")
    try:
        parse(expression)
    except FormulaError as error:
        raise refused(error) from None
    if definition.get("default") is not None:
        raise Invalid("metadata.default", "A calculated field has no default.", field="default")
    precision = definition.get("precision")
    if precision is not None and (
        isinstance(precision, bool) or not isinstance(precision, int) or not 0 <= precision <= 10
    ):
        raise Invalid("metadata.number", "A whole number from 0 to 10 is needed.", field="precision")
    return {"expression": expression.strip(), "precision": 2 if precision is None else precision}


def refused(error: FormulaError) -> Invalid:
    """The refusal of an expression: where in it, and why."""
    return Invalid(
        error.code, error.message, field="expression", details={"position": error.position, **error.details}
    )


def resolved(
    entities: dict[str, Entity], object_name: str, name: str, cleaned: dict[str, Any]
) -> dict[str, Any]:
    """The definition with what its expression gives, `entities` being those of the draft with it.

    Raises Invalid `formula.…` with the position, `formula.cycle` with the way round.
    """
    entity = entities[object_name]
    if cleaned["type"] == roll_ups.ROLL_UP:
        return roll_ups.resolved(entity, entities, cleaned)
    tree = parse(cleaned["expression"])
    refuse_cycle(entities, (object_name, name))
    try:
        kind = checked(tree, entity, entities)
    except FormulaError as error:
        raise refused(error) from None
    if too_large(entities, entity, cleaned["expression"]):
        raise Invalid(
            "formula.too_large",
            f"With the calculated fields in it the expression has more than {MAX_WEIGHT} parts or {MAX_LEVELS} levels.",
            field="expression",
        )
    return {**cleaned, "result": kind.name, "currency": kind.currency}


def refuse_cycle(entities: dict[str, Entity], start: Field) -> None:
    """Raises Invalid `formula.cycle` with the way round when a field would be made of itself."""
    path = "measure" if entities[start[0]].attributes[start[1]].roll_up else "expression"
    if way := cycle(entities, start):
        labels = " → ".join(str(entities[o].attributes[a].label) for o, a in way)
        raise Invalid(
            "formula.cycle",
            f"The field would be calculated from itself: {labels}.",
            field=path,
            details={"path": [f"{o}.{a}" for o, a in way]},
        )


def refuse_other_result(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Views and filters rely on what a field gives: it stays. Raises Conflict `formula.result_changed`, `roll_up.…`."""
    if after["type"] == roll_ups.ROLL_UP:
        roll_ups.refuse_other_result(before, after)
        return
    given = [(d.get("result"), d.get("currency"), d.get("precision") == 0) for d in (before, after)]
    if given[0] != given[1]:
        raise Conflict(
            "formula.result_changed",
            f"The field gives a {before.get('result')}; make a new field for something else.",
            field="expression",
            details={"result": before.get("result"), "currency": before.get("currency")},
        )


def with_moments(attributes: list[Attribute]) -> list[Attribute]:
    """`attributes` with one after each roll-up that says of when its value is."""
    found: list[Attribute] = []
    for attribute in attributes:
        found.append(attribute)
        if attribute.roll_up is not None:
            found.append(
                Attribute(
                    f"{attribute.name}_at", format_lazy("{} ({})", attribute.label, _("as of")), types.get("datetime"),
                    custom=True, read_only=True, importable=False, moment_of=attribute.name,
                )
            )  # fmt: skip
    return found


def facts(definition: dict[str, Any]) -> dict[str, Any]:
    """What the attribute of a calculated definition differs in from one people fill in."""
    if definition["type"] == roll_ups.ROLL_UP:
        return roll_ups.facts(definition)
    kind, currency = definition.get("result") or "text", definition.get("currency")
    places = definition.get("precision")
    type_name = _TYPES.get(kind) or ("money" if currency else "dec" if places else "int")
    return {
        "type": types.get(type_name),
        "precision": places if kind == "number" else None,
        "format": BASE if currency == BASE else None,
        "formula": Formula(definition.get("expression") or "", kind),
        "read_only": True,
        "importable": False,
        "max_length": None,
    }


def with_reads(entities: dict[str, Entity]) -> dict[str, Entity]:
    """`entities` with what each calculated field reads, directly and in the end; one that cannot work is empty."""
    computed = [(e, a) for e in entities.values() for a in e.custom_attributes if a.formula or a.roll_up]
    if not computed:
        return entities
    direct = {(e.name, a.name): _direct(e, a, entities) for e, a in computed}
    found = dict(entities)
    for entity, attribute in computed:
        key = (entity.name, attribute.name)
        changed = replace(
            attribute,
            reads=direct[key],
            sources=tuple(sorted(_closure(direct, key))),
            formula=_working(entity, attribute, entities),
        )
        current = found[entity.name]
        found[entity.name] = replace(current, attributes={**current.attributes, attribute.name: changed})
    return found


def _direct(entity: Entity, attribute: Attribute, entities: dict[str, Entity]) -> frozenset[Field]:
    if attribute.roll_up is not None:
        return roll_ups.fields_read(attribute.roll_up, entities)
    try:
        return (
            fields_read(parse(attribute.formula.expression), entity, entities)
            if attribute.formula
            else frozenset()
        )
    except FormulaError:
        return frozenset()


def _working(entity: Entity, attribute: Attribute, entities: dict[str, Entity]) -> Formula | None:
    formula = attribute.formula
    if formula is None:
        return None
    try:
        kind = checked(parse(formula.expression), entity, entities)
    except FormulaError:
        return replace(formula, broken=True)
    endless = bool(cycle(entities, (entity.name, attribute.name)))
    return replace(formula, broken=endless or kind.name != formula.kind)


def _closure(direct: dict[Field, frozenset[Field]], start: Field) -> set[Field]:
    found: set[Field] = set()
    waiting = [start]
    while waiting:
        for each in direct.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


def cycle(entities: dict[str, Entity], start: Field) -> list[Field]:
    """The way from a calculated field back to itself; empty when there is none."""
    came: dict[Field, Field] = {}
    waiting = [start]
    while waiting:
        at = waiting.pop(0)
        entity = entities.get(at[0])
        attribute = entity.attributes.get(at[1]) if entity else None
        if entity is None or attribute is None or not (attribute.formula or attribute.roll_up):
            continue
        for each in sorted(_direct(entity, attribute, entities)):
            if each == start:
                return _way(came, at, start)
            if each not in came and each != at:
                came[each] = at
                waiting.append(each)
    return []


def _way(came: dict[Field, Field], last: Field, start: Field) -> list[Field]:
    way = [start]
    while last != start:
        way.append(last)
        last = came[last]
    return [start, *reversed(way)]


def too_large(entities: dict[str, Entity], entity: Entity, expression: str) -> bool:
    """Whether an expression has too many nodes or levels with the calculated fields in it written out."""
    total = 0
    waiting = [(entity, expression, 0)]
    while waiting:
        place, text, level = waiting.pop()
        tree = parse(text)
        level += tree.depth
        for node in nodes(tree):
            total += 1
            if node.kind == "name":
                inner = [(e, a.formula) for e, a in _ends(node.value, place, entities) if a.formula]
                waiting += [(e, formula.expression, level) for e, formula in inner]
        if total > MAX_WEIGHT or level > MAX_LEVELS:
            return True
    return False


def _ends(path: str, entity: Entity, entities: dict[str, Entity]) -> list[tuple[Entity, Attribute]]:
    try:
        return [(e, a) for _links, e, a in branches(path, entity, entities)]
    except FormulaError:
        return []


def problems(entities: dict[str, Entity]) -> Iterator[tuple[str, str, Invalid]]:
    """(object, attribute, refusal) of calculated fields that could not work if the draft were published."""
    for entity in entities.values():
        for attribute in entity.custom_attributes:
            if attribute.formula is None:
                continue
            try:
                resolved(
                    entities,
                    entity.name,
                    attribute.name,
                    {"type": CALCULATED, "expression": attribute.formula.expression},
                )
            except Invalid as error:
                yield entity.name, attribute.name, error
