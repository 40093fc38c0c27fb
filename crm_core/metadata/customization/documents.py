"""Forms, views and business rules in the draft: which of them may be made, changed and deleted (PLT-7, PLT-8, PLT-10)."""

from __future__ import annotations

import re
from typing import Any

from crm_core.metadata.customization import status_reasons
from crm_core.metadata.customization.behaviours import checked_behaviour
from crm_core.metadata.customization.definitions import attribute_key
from crm_core.metadata.customization.forms import MAIN, checked_form
from crm_core.metadata.customization.many_to_many import MAX_RELATIONSHIPS, checked_relationship
from crm_core.metadata.customization.rule_documents import MAX_RULES, checked_rule
from crm_core.metadata.customization.standard_views import MAX_VIEWS, checked_view, refuse_last
from crm_core.metadata.declaration import declared
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Invalid, NotFound
from crm_core.metadata.labels import with_delivered

MAX_ROLE_FORMS = 30
_ROLE = re.compile(r"[a-z0-9_-]{1,60}")


def checked_document(
    body: dict[str, Any],
    entity: Entity,
    kind: str,
    operation: str,
    name: str | None,
    definition: dict[str, Any],
) -> tuple[dict[str, Any], str]:
    """The cleaned document and the name it has in the body; `entity` is the object as the draft would have it.

    Raises Invalid for documents that cannot work, NotFound for unknown names, Conflict for limits.
    """
    if kind == "form":
        return _form(body, entity, operation, name, definition)
    if kind == "rule":
        return _rule(body, entity, operation, name, definition)
    if kind == "relationship":
        return _relationship(body, entity, operation, name, definition)
    if kind == "reasons":
        return _reasons(body, entity, operation, name, definition)
    if kind == "behaviour":
        return _behaviour(body, entity, operation, name, definition)
    return _view(body, entity, operation, name, definition)


def _rule(
    body: dict[str, Any], entity: Entity, operation: str, name: str | None, definition: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    documents = body.get("rules", {}).get(entity.name, {})
    if operation == "create":
        if len(documents) >= MAX_RULES:
            raise Conflict("rule.too_many", f"At most {MAX_RULES} rules per object.")
        cleaned = checked_rule(definition)
        last = max((d.get("position", 0) for d in documents.values()), default=0)
        return {**cleaned, "position": last + 1}, attribute_key(str(cleaned["label"]))
    if name not in documents:
        raise NotFound("rule.unknown", "There is no such rule.")
    if operation == "delete":
        return {}, str(name)
    return {**checked_rule(definition), "position": documents[str(name)].get("position", 0)}, str(name)


def _relationship(
    body: dict[str, Any], entity: Entity, operation: str, name: str | None, definition: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    defined = body.get("relationships", {})
    documents = defined.get(entity.name, {})
    if operation == "create":
        if sum(map(len, defined.values())) >= MAX_RELATIONSHIPS:
            raise Conflict(
                "relationship.too_many", f"At most {MAX_RELATIONSHIPS} many-to-many relationships."
            )
        cleaned = checked_relationship(definition, entity, {**declared(), **body.get("objects", {})})
        return cleaned, attribute_key(str(cleaned["label"]))
    if name not in documents:
        raise NotFound("relationship.unknown", "There is no such relationship.")
    if operation == "delete":
        return {}, str(name)
    before = documents[str(name)]
    cleaned = checked_relationship(
        {**before, **definition}, entity, {**declared(), **body.get("objects", {})}
    )
    if cleaned["target"] != before["target"] or bool(cleaned["reverse_label"]) != bool(
        before["reverse_label"]
    ):
        raise Conflict(
            "field.data_loss", "What a relationship joins is fixed when it is made.", field="target"
        )
    return cleaned, str(name)


def _behaviour(
    body: dict[str, Any], entity: Entity, operation: str, name: str | None, definition: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    if operation != "delete":
        return checked_behaviour(definition, entity, name), str(name)
    if name not in body.get("behaviours", {}).get(entity.name, {}):
        raise NotFound("relationship.unknown", "The behaviour of this relationship is as delivered.")
    return {}, str(name)


def _reasons(
    body: dict[str, Any], entity: Entity, operation: str, name: str | None, definition: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    if name != status_reasons.ATTRIBUTE:
        raise NotFound("attribute.unknown", "Status reasons are the options of the status reason.")
    if operation != "update":
        raise Invalid(
            "metadata.unknown_change", "Status reasons are changed, all at once.", field="operation"
        )
    return status_reasons.changed_reasons(body, entity, definition), name


def _form(
    body: dict[str, Any], entity: Entity, operation: str, name: str | None, definition: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    name = name or MAIN
    documents = body.get("forms", {}).get(entity.name, {})
    if not _ROLE.fullmatch(name):
        raise Invalid("form.role", "A form is the main one or that of a role.", field="name")
    if operation == "delete":
        if name not in documents:
            raise NotFound("form.unknown", "There is no such form.")
        return {}, name
    if name not in documents and len(documents) > MAX_ROLE_FORMS:
        raise Conflict("form.too_many", f"At most {MAX_ROLE_FORMS} forms per object.")
    cleaned = checked_form(definition, entity)
    if (delivered := declared().get(entity.name)) is not None:
        labels = [delivered.label, *[section.label for section in delivered.form.sections]]
        for part in [p for tab in cleaned["tabs"] for p in (tab, *tab["sections"])]:
            part["labels"] = with_delivered(part["label"], part["labels"], labels)
    return cleaned, name


def _view(
    body: dict[str, Any], entity: Entity, operation: str, name: str | None, definition: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    documents = body.get("views", {}).get(entity.name, {})
    if operation == "create":
        if len(entity.views) >= MAX_VIEWS:
            raise Conflict("view.too_many", f"At most {MAX_VIEWS} standard views per object.")
        cleaned = checked_view(definition)
        last = max((d.get("position", 0) for d in documents.values()), default=0)
        return {**cleaned, "position": last + 1}, attribute_key(str(cleaned["label"]))
    view = next((v for v in entity.views if v.key == name), None)
    if view is None and name not in documents:
        raise NotFound("view.unknown", "There is no such view.")
    if operation == "delete":
        if definition == {"reset": True}:  # as delivered again
            return {}, str(name)
        refuse_last(entity, str(name))
        label = str(view.name) if view else documents[name]["label"]
        return ({} if view is None or view.custom else {"hidden": True, "label": label}), str(name)
    position = documents.get(name, {}).get("position")
    cleaned = checked_view(definition)
    delivered = declared().get(entity.name)
    names = [v.name for v in delivered.views if v.key == name] if delivered else []
    cleaned["labels"] = with_delivered(cleaned["label"], cleaned["labels"], names)
    return {**cleaned, **({} if position is None else {"position": position})}, str(name)
