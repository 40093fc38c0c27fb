"""JSON schemas of attributes, parameters and the bodies every object shares."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.customization.publishing import KINDS
from crm_core.metadata.entity import Action, Attribute
from crm_core.metadata.parameters import parameter_attribute

UUID = {"type": "string", "format": "uuid"}
_REFERENCE = {
    "type": ["object", "null"],
    "properties": {"object": {"type": "string"}, "id": UUID, "name": {"type": ["string", "null"]}},
}
_NUMBERTEXT = {
    "anyOf": [
        {"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,10})?$"},
        {"type": "number"},
        {"type": "null"},
    ]
}


def attribute_schema(attribute: Attribute, *, reading: bool) -> dict[str, Any]:
    """The JSON schema of an attribute's value as it is read or written."""
    found = dict(_kind_schema(attribute, reading))
    found["title"] = str(attribute.label)
    if reading and attribute.read_only:
        found["readOnly"] = True
    return found


def _kind_schema(attribute: Attribute, reading: bool) -> dict[str, Any]:
    kind = attribute.type.name
    if kind in ("text", "memo", "auto"):
        found: dict[str, Any] = {"type": ["string", "null"]}
        return found if reading or not attribute.max_length else {**found, "maxLength": attribute.max_length}
    if kind in ("int", "duration"):
        return {"type": ["integer", "null"]}
    if kind == "float":
        return {"type": ["number", "null"]}
    if kind in ("dec", "money"):
        return {"type": ["string", "null"]} if reading else _NUMBERTEXT
    if kind == "bool":
        return {"type": ["boolean", "null"]}
    if kind in ("pick", "status_reason"):
        return {"type": ["integer", "null"], "enum": [*[o.value for o in attribute.options], None]}
    if kind == "multi":
        return {
            "type": ["array", "null"],
            "items": {"type": "integer", "enum": [o.value for o in attribute.options]},
        }
    if kind == "date":
        return {"type": ["string", "null"], "format": "date"}
    if kind == "datetime":
        return {"type": ["string", "null"], "format": "date-time"}
    if kind == "parties":
        return {"type": ["array", "null"], "items": {"type": "object"}}
    if kind == "filter":
        return {"type": ["object", "null"]}
    if kind == "ids":
        return {"type": ["array", "null"], "items": {"anyOf": [UUID, _REFERENCE]}, "maxItems": 10_000}
    if kind == "state":
        return {"type": "string"}
    return _REFERENCE if reading else {"anyOf": [UUID, _REFERENCE]}


def parameter_schema(action: Action) -> dict[str, Any]:
    """The body of an action."""
    properties = {p.name: attribute_schema(parameter_attribute(p), reading=False) for p in action.parameters}
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required := [p.name for p in action.parameters if p.required]:
        found["required"] = required
    return found


def object_schema(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """An object with these properties and no others."""
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


TEXT = {"type": "string"}
NAMES = {"type": "array", "items": TEXT}
_FILTER = {"type": "object"}


def reusable() -> dict[str, Any]:
    """Schemas that all objects share."""
    return {
        "Error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": TEXT, "message": TEXT, "field": {"type": ["string", "null"]}, "details": {"type": "object"}, "request_id": {"type": ["string", "null"]}},
        },
        "Query": object_schema({
            "view": TEXT, "fields": NAMES, "filter": _FILTER, "order": NAMES, "q": TEXT, "cursor": TEXT, "sums": NAMES,
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000}, "count": {"enum": ["none", "capped", "exact"]},
        }),
        "Aggregate": object_schema({
            "filter": _FILTER, "view": TEXT, "q": TEXT, "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
            "group": {"type": "array", "maxItems": 3, "items": object_schema({"attribute": TEXT, "by": {"enum": ["day", "week", "month", "quarter", "year"]}}, ["attribute"])},
            "measures": {"type": "array", "maxItems": 10, "items": object_schema({"fn": {"enum": ["count", "sum", "avg", "min", "max"]}, "attribute": TEXT})},
        }),
        "Board": object_schema({"attribute": TEXT, "filter": _FILTER, "view": TEXT, "q": TEXT, "fields": NAMES, "order": NAMES, "limit": {"type": "integer"}}),
        "Calendar": object_schema({
            "from": {"type": "string", "format": "date"}, "to": {"type": "string", "format": "date"},
            "filter": _FILTER, "view": TEXT, "q": TEXT, "fields": NAMES, "limit": {"type": "integer"},
        }, ["from", "to"]),
        "Duplicates": object_schema({"values": {"type": "object"}, "id": {"type": ["string", "null"]}}, ["values"]),
        "Bulk": object_schema({
            "operation": {"enum": ["edit", "assign", "delete", "action"]}, "ids": {"type": "array", "items": UUID, "maxItems": 10000},
            "filter": _FILTER, "q": TEXT, "all": {"type": "boolean"}, "values": {"type": "object"}, "action": TEXT, "owner": TEXT,
        }, ["operation"]),
        "Merge": object_schema({"master": UUID, "subordinate": UUID, "values": {"type": "object"}, "fill_empty": {"type": "boolean"}, "ignore_parent": {"type": "boolean"}}, ["master", "subordinate"]),
        "MergePreview": object_schema({"master": UUID, "subordinate": UUID}, ["master", "subordinate"]),
        "Presence": object_schema({"editing": {"type": "boolean"}}),
        "Addressed": object_schema({"object": TEXT, "id": UUID}, ["object", "id"]),
        "View": object_schema({
            "object": TEXT, "name": {"type": "string", "maxLength": 100}, "layout": {"enum": ["table", "board", "calendar"]},
            "columns": {"type": "array"}, "filter": {"type": ["object", "null"]}, "order": NAMES, "group_by": {"type": ["string", "null"]},
            "board_attribute": {"type": ["string", "null"]}, "shared_with": {"enum": ["me", "teams", "everyone"]},
            "teams": {"type": "array", "items": UUID, "maxItems": 50},
        }),
        "ImportMap": object_schema({
            "name": {"type": "string", "minLength": 1, "maxLength": 120}, "object": TEXT, "headers": NAMES, "mapping": {"type": "object"}, "match": {"type": "object"},
        }, ["name", "object", "mapping"]),
        "Export": object_schema({
            "view": TEXT, "filter": {"type": ["object", "null"]}, "q": {"type": ["string", "null"]}, "fields": NAMES, "order": NAMES,
            "format": {"enum": ["csv", "xlsx"]}, "with_ids": {"type": "boolean"},
        }),
        "Change": object_schema({
            "kind": {"enum": list(KINDS)}, "operation": {"enum": ["create", "update", "delete"]},
            "object": {"type": ["string", "null"]}, "name": {"type": ["string", "null"]}, "definition": {"type": "object"},
        }, ["kind", "operation"]),
        "Batch": object_schema({"atomic": {"type": "boolean"}, "operations": {"type": "array", "maxItems": 1000, "items": {"type": "object"}}}, ["operations"]),
    }  # fmt: skip
