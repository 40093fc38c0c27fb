"""What acts on a record do to the records that hang on it: a customizer's choice per relationship (PLT-20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_core.metadata.cascade import ACTS, DELETE, KINDS, SCOPES, Cascade
from crm_core.metadata.customization.definitions import only_keys
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, Invalid, NotFound

BEHAVIOUR_KEYS = {"kind", "delete", *ACTS}
RELATIONAL = ("lookup", "customer", "regarding")
#: Objects whose records are people and their places: what belongs to them is reassigned, never cascaded.
_PLACES = frozenset({"user", "team", "business_unit", "role"})


def is_fixed(entity: Entity, attribute: Attribute) -> bool:
    """Whether the product itself lives by this relationship's behaviour: parts, and what the server alone writes."""
    return attribute.is_part or attribute.read_only or entity.internal or entity.name in _PLACES


def has_behaviour(attribute: Attribute) -> bool:
    """Whether an attribute is a one-to-many relationship at all; owners, people and files are not."""
    return (
        attribute.type.name in RELATIONAL
        and not attribute.system
        and not (attribute.targets and set(attribute.targets) <= _PLACES)
    )


def relation_of(entity: Entity, name: str | None) -> Attribute:
    """The attribute `name` when it is a relationship. Raises NotFound `relationship.unknown`."""
    attribute = entity.attributes.get(str(name))
    if attribute is None or not has_behaviour(attribute):
        raise NotFound("relationship.unknown", "There is no such relationship.")
    return attribute


def checked_behaviour(definition: Any, entity: Entity, name: str | None) -> dict[str, Any]:
    """A behaviour as it is stored: every act with its scope. `kind` names a whole combination.

    Raises Invalid with the field, NotFound `relationship.unknown`, Conflict `relationship.fixed`.
    """
    only_keys(definition, BEHAVIOUR_KEYS)
    attribute = relation_of(entity, name)
    if is_fixed(entity, attribute):
        raise Conflict(
            "relationship.fixed", f"{attribute.label}: this relationship always works the same way."
        )
    kind = definition.get("kind", "configurable")
    if kind != "configurable":
        if not isinstance(kind, str) or kind not in KINDS:
            raise Invalid("relationship.kind", f"One of {', '.join(KINDS)}, configurable.", field="kind")
        if set(definition) - {"kind"}:
            raise Invalid("relationship.kind", "This kind says everything already.", field="kind")
        cascade, delete = KINDS[kind]
        return {"label": str(attribute.label), **cascade.as_json(), "delete": delete}
    found: dict[str, Any] = {"label": str(attribute.label)}
    for act in ACTS:
        found[act] = _one_of(definition, act, SCOPES, getattr(attribute.cascade, act))
    return {**found, "delete": _one_of(definition, "delete", DELETE, attribute.on_delete)}


def _one_of(definition: Mapping[str, Any], key: str, known: tuple[str, ...], otherwise: str) -> str:
    value = definition.get(key, otherwise)
    if not isinstance(value, str) or value not in known:
        raise Invalid("metadata.choice", f"One of {', '.join(known)}.", field=key)
    return value


def check_behaviour(entity: Entity, document: Mapping[str, Any]) -> None:
    """Whether a behaviour can work, the draft being the current registry.

    Raises Conflict `relationship.second_parental`, Invalid `relationship.not_owned`, `relationship.required_link`.
    """
    attribute = entity.attributes.get(document["key"])
    if attribute is None:
        return  # its field was deleted since; the document is without effect
    if not entity.has_owner and any(document[act] != "none" for act in ACTS):
        raise Invalid(
            "relationship.not_owned", f"{entity.label_plural} belong to nobody, so that nothing can follow.", field="assign"
        )  # fmt: skip
    if attribute.required and not attribute.custom and document["delete"] == "remove_link":
        raise Invalid(
            "relationship.required_link", f"{entity.label_plural} cannot be without “{attribute.label}”.", field="delete"
        )  # fmt: skip
    parents = [a for a in entity.attributes.values() if a.behaviour == "parental" and has_behaviour(a)]
    if attribute.behaviour == "parental" and len(parents) > 1:
        other = next(a for a in parents if a.name != attribute.name)
        raise Conflict(
            "relationship.second_parental", f"{entity.label_plural} have a parental relationship already: “{other.label}”.",
            details={"attribute": other.name},
        )  # fmt: skip


def with_behaviours(entity: Entity, documents: Mapping[str, Mapping[str, Any]]) -> Entity:
    """`entity` with the chosen behaviours; documents about fields that are gone, or fixed, change nothing."""
    attributes = dict(entity.attributes)
    for name, document in documents.items():
        attribute = attributes.get(name)
        if attribute is None or not has_behaviour(attribute) or is_fixed(entity, attribute):
            continue
        delete = document.get("delete")
        attributes[name] = replace(
            attribute,
            cascade=Cascade.from_json(document),
            on_delete=delete if delete in DELETE else attribute.on_delete,
        )
    return replace(entity, attributes=attributes)
