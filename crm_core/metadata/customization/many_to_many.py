"""Many-to-many relationships a customizer defines: no field, no column, links in one generic table (PLT-6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crm_core.metadata.customization.definitions import label_text, only_keys, translations
from crm_core.metadata.entity import Entity, Relationship
from crm_core.metadata.errors import Invalid
from crm_core.metadata.labels import TenantLabel

MAX_RELATIONSHIPS = 100
KEYS = {"label", "labels", "target", "reverse_label", "reverse_labels"}
_NOT_LINKED = frozenset({"user", "team", "business_unit", "role"})


def reverse_name(key: str) -> str:
    """What the relationship is called on the records of its second object."""
    return f"{key}_reverse"


def checked_relationship(definition: Any, entity: Entity, known: Mapping[str, Any]) -> dict[str, Any]:
    """A relationship from `entity` to another object, or to itself, as it is stored. Raises Invalid with the field.

    `label` is the list on records of `entity` (“Sponsors”), `reverse_label` the list on those of the target. An object
    related to itself without `reverse_label` has one list on both records (“Partners”).
    """
    only_keys(definition, KEYS)
    target = definition.get("target")
    if not isinstance(target, str) or target not in known or target in _NOT_LINKED:
        raise Invalid("metadata.targets", "Choose the other object.", field="target")
    if entity.internal or entity.name in _NOT_LINKED:
        raise Invalid(
            "metadata.targets", f"{entity.label_plural} have no relationships of their own.", field="target"
        )
    reverse = label_text(definition, "reverse_label", required=target != entity.name)
    return {
        "label": label_text(definition, "label"),
        "labels": translations(definition, "labels"),
        "target": target,
        "reverse_label": reverse,
        "reverse_labels": translations(definition, "reverse_labels"),
    }


def relationships_of(
    documents: Mapping[str, Mapping[str, dict[str, Any]]], entities: Mapping[str, Entity]
) -> Iterator[tuple[str, Relationship]]:
    """(object, its side of a relationship) of all definitions whose two objects exist."""
    for first, defined in documents.items():
        for key, document in defined.items():
            second = str(document.get("target"))
            if first not in entities or second not in entities:
                continue
            label = TenantLabel(document["label"], document.get("labels"))
            if not document.get("reverse_label"):
                yield (
                    first,
                    Relationship(key, label, second, "", custom=True, link=key, end="both", reverse=key),
                )
                continue
            other = TenantLabel(document["reverse_label"], document.get("reverse_labels"))
            back = reverse_name(key)
            yield (
                first,
                Relationship(key, label, second, "", custom=True, link=key, end="first", reverse=back),
            )
            yield (
                second,
                Relationship(back, other, first, "", custom=True, link=key, end="second", reverse=key),
            )
