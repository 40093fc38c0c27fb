"""Where a body uses an attribute or object: the impact list before publishing (PLT-3, PLT-11)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crm_core.metadata.conditions import names_in, relations_in
from crm_core.metadata.entity import Entity
from crm_core.metadata.relations import named_in, on_path

Use = dict[str, Any]


def uses_in(
    body: dict[str, Any], entities: dict[str, Entity], object_name: str, attribute: str | None
) -> list[Use]:
    """Uses of `attribute` of `object_name`, or of the whole object when it is None, in `body`.

    A use is {"kind", "object", "name", "label", "blocking"}; blocking ones forbid deleting.
    """
    return list(
        _of_object(body, entities, object_name)
        if attribute is None
        else _of_attribute(body, entities, object_name, attribute)
    )


def _of_object(body: dict[str, Any], entities: dict[str, Entity], object_name: str) -> Iterator[Use]:
    for entity in entities.values():
        for made in entity.custom_attributes:
            if entity.name != object_name and made.roll_up and made.roll_up.object == object_name:
                yield _use("attribute", entity.name, made.name, str(made.label), blocking=True)
    for owner, rows in body.get("attributes", {}).items():
        if owner == object_name:
            continue
        for row in rows:
            if object_name in (row.get("targets") or ()):
                yield _use("attribute", owner, row["name"], row["label"], blocking=True)
    yield from _relationships_to(body, object_name)


def _relationships_to(body: dict[str, Any], object_name: str) -> Iterator[Use]:
    for owner, documents in body.get("relationships", {}).items():
        for key, document in documents.items():
            if document.get("target") == object_name and owner != object_name:
                yield _use("relationship", owner, key, document["label"], blocking=True)


def _of_attribute(
    body: dict[str, Any], entities: dict[str, Entity], object_name: str, attribute: str
) -> Iterator[Use]:
    for name, document in body.get("forms", {}).get(object_name, {}).items():
        placed = {n for t in document["tabs"] for s in t["sections"] for n in s["attributes"]}
        if attribute in placed | set(document.get("header") or ()) | set(document.get("quick_create") or ()):
            yield _use("form", object_name, name, name, blocking=False)
    for owner, documents in body.get("views", {}).items():
        for key, document in documents.items():
            if not document.get("hidden") and (object_name, attribute) in view_names(
                document, owner, entities
            ):
                yield _use("view", owner, key, document["label"], blocking=True)
    for owner, documents in body.get("rules", {}).items():
        for key, document in documents.items():
            if owner == object_name and attribute in rule_names(document):
                yield _use("rule", owner, key, document["label"], blocking=True)
    for owner, entity in entities.items():
        for other in entity.custom_attributes:
            if (object_name, attribute) in other.reads and (owner, other.name) != (object_name, attribute):
                yield _use("attribute", owner, other.name, str(other.label), blocking=True)


def uses_of_relationship(body: dict[str, Any], names: set[str]) -> list[Use]:
    """Standard views whose filter asks for records related by one of `names`."""
    return [
        _use("view", owner, key, document["label"], blocking=True)
        for owner, documents in body.get("views", {}).items()
        for key, document in documents.items()
        if not document.get("hidden") and names & set(relations_in(document.get("filter")))
    ]


def view_names(document: dict[str, Any], owner: str, entities: dict[str, Entity]) -> set[tuple[str, str]]:
    """(object, attribute) a view names in columns, order, filter and board; paths count at each of their steps."""
    paths = [c["name"] for c in document["columns"]] + [o.lstrip("-") for o in document.get("order") or ()]
    paths += [p for p in (document.get("board_attribute"),) if p]
    if owner not in entities:
        return {(owner, path.split(".")[0]) for path in paths}
    found = {pair for path in paths for pair in on_path(entities[owner], path, entities)}
    return found | set(named_in(entities[owner], document.get("filter"), entities))


def rule_names(document: dict[str, Any]) -> set[str]:
    """Attributes a business rule reads or acts on."""
    return set(names_in(document.get("when"))) | {
        a["attribute"] for a in document["then"] if a.get("attribute")
    }


def _use(kind: str, object_name: str, name: str, label: str, *, blocking: bool) -> Use:
    return {"kind": kind, "object": object_name, "name": name, "label": label, "blocking": blocking}
