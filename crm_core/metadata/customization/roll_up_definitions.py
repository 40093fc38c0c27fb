"""Defining roll-ups (PLT-3): over which records, what is taken of them, and what that gives."""

from __future__ import annotations

from typing import Any

from crm_core.metadata import types
from crm_core.metadata.entity import Attribute, Entity, RollUp
from crm_core.metadata.errors import Conflict, Invalid
from crm_core.metadata.formulas.checking import BASE

ROLL_UP = "roll_up"
KEYS = {"function", "relationship", "measure", "filter"}
FUNCTIONS = ("count", "sum", "min", "max", "avg")
_NUMBERS = ("int", "dec", "float", "money", "duration")
_DATES = ("date", "datetime")
_PERSONAL = ("me", "my_reports", "my_teams", "my_unit", "my_unit_and_below")
Field = tuple[str, str]


def checked_roll_up(definition: dict[str, Any]) -> dict[str, Any]:
    """The part of a definition that needs no other one, cleaned. Raises Invalid with the field."""
    function = definition.get("function")
    if not isinstance(function, str) or function not in FUNCTIONS:
        raise Invalid(
            "roll_up.function", "One of count, sum, min, max, avg.", field="function", details={"known": [*FUNCTIONS]}
        )  # fmt: skip
    for key in ("relationship", "measure"):
        value = definition.get(key)
        if (value is not None and not isinstance(value, str)) or (key == "relationship" and not value):
            raise Invalid("roll_up.unknown", "A name is needed.", field=key)
    tree = definition.get("filter") or None
    if tree is not None and not isinstance(tree, dict):
        raise Invalid("filter.malformed", "A filter is a tree of conditions.", field="filter")
    if definition.get("default") is not None:
        raise Invalid("metadata.default", "A roll-up has no default.", field="default")
    return {
        "function": function,
        "relationship": definition["relationship"],
        "measure": None if function == "count" else definition.get("measure"),
        "filter": tree,
    }


def stamp(name: str) -> str:
    """The key under `custom` that says when this one record's roll-up was computed by itself."""
    return f"{name}_at"


def of_nothing(attribute: Attribute) -> Any:
    """A roll-up over no record, in stored form: a count and a sum are 0, there is no smallest, largest or average."""
    if attribute.roll_up is None or attribute.roll_up.function not in ("count", "sum"):
        return None
    return attribute.type.encode(attribute, attribute.type.parse(attribute, 0))


def resolved(entity: Entity, entities: dict[str, Entity], cleaned: dict[str, Any]) -> dict[str, Any]:
    """The definition with the object it runs over and what it gives.

    Raises Invalid `relationship.unknown`, `roll_up.measure` with the field.
    """
    relation = next(
        (r for r in entity.relationships if r.name == cleaned["relationship"] and not r.link), None
    )
    if relation is None:
        raise Invalid(
            "relationship.unknown", f"{entity.label_plural} have no such related records.", field="relationship",
            details={"known": [r.name for r in entity.relationships if not r.link]},
        )  # fmt: skip
    child = entities[relation.object]
    return {
        **cleaned, "object": child.name, "link": relation.attribute, **_result(child, cleaned["function"], cleaned["measure"]),
    }  # fmt: skip


def _result(child: Entity, function: str, measure: str | None) -> dict[str, Any]:
    if function == "count":
        return {"result": "int", "currency": None, "precision": None}
    attribute = child.attributes.get(measure or "")
    if attribute is None:
        raise Invalid("roll_up.measure", f"{child.label_plural} have no such field.", field="measure")
    kind = attribute.type.name
    if kind in _DATES and function in ("min", "max"):
        return {"result": kind, "currency": None, "precision": None}
    if kind not in _NUMBERS:
        raise Invalid(
            "roll_up.measure",
            f"{attribute.label} has no {function}.",
            field="measure",
            details={"type": kind},
        )
    if kind == "money":
        return {"result": "money", "currency": BASE, "precision": 2}
    if kind in ("int", "duration") and function != "avg":
        return {"result": kind, "currency": None, "precision": None}
    return {"result": "dec", "currency": None, "precision": attribute.precision if kind == "dec" else 2}


def refuse_other_result(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Views and filters rely on what a field gives: it stays. Raises Conflict `roll_up.result_changed`."""
    if before.get("result") != after["result"]:
        raise Conflict(
            "roll_up.result_changed",
            f"The field gives a value of type {before.get('result')}; make a new field for something else.",
            field="measure",
            details={"result": before.get("result")},
        )


def facts(definition: dict[str, Any]) -> dict[str, Any]:
    """What the attribute of a roll-up differs in from one people fill in."""
    return {
        "type": types.get(definition.get("result") or "int"),
        "precision": definition.get("precision"),
        "format": BASE if definition.get("currency") == BASE else None,
        "roll_up": RollUp(
            definition["function"], definition.get("object") or "", definition.get("link") or "",
            definition.get("measure"), definition.get("filter"),
        ),
        "read_only": True,
        "importable": False,
    }  # fmt: skip


def fields_read(roll_up: RollUp, entities: dict[str, Entity]) -> frozenset[Field]:
    """(object, attribute) pairs a roll-up is made of: the link, the measure, what its filter names."""
    paths = [roll_up.link, *([roll_up.measure] if roll_up.measure else [])]
    from crm_core.metadata.relations import named_in  # needs the registry, which needs us

    child = entities.get(roll_up.object)
    found: set[Field] = set(named_in(child, roll_up.filter, entities)) if child is not None else set()
    for path in paths:
        places = {roll_up.object}
        for step in path.split("."):
            found |= {(place, step) for place in places}
            places = {t for p in places for t in _targets(entities, p, step)}
    return frozenset(found)


def _targets(entities: dict[str, Entity], object_name: str, name: str) -> tuple[str, ...]:
    entity = entities.get(object_name)
    attribute: Attribute | None = entity.attributes.get(name) if entity else None
    return attribute.targets if attribute else ()


def personal_operator(tree: Any) -> str | None:
    """The first operator in a filter that means the person who asks; None when there is none."""
    if isinstance(tree, dict):
        if tree.get("operator") in _PERSONAL:
            return str(tree["operator"])
        return next((p for part in tree.values() if (p := personal_operator(part))), None)
    if isinstance(tree, list):
        return next((p for part in tree if (p := personal_operator(part))), None)
    return None
