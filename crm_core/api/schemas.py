"""JSON schemas of attributes, parameters and the bodies every object shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_core.metadata.entity import Action, Attribute
from crm_core.metadata.parameters import parameter_attribute

_UUID = {"type": "string", "format": "uuid"}
_REFERENCE = {
    "type": ["object", "null"],
    "properties": {"object": {"type": "string"}, "id": _UUID, "name": {"type": ["string", "null"]}},
}
_NUMBER_TEXT = {
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
        return {"type": ["string", "null"]} if reading else _NUMBER_TEXT
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
    if kind == "state":
        return {"type": "string"}
    return _REFERENCE if reading else {"anyOf": [_UUID, _REFERENCE]}


def parameter_schema(action: Action) -> dict[str, Any]:
    """The body of an action."""
    properties = {p.name: attribute_schema(parameter_attribute(p), reading=False) for p in action.parameters}
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required := [p.name for p in action.parameters if p.required]:
        found["required"] = required
    return found


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


_TEXT = {"type": "string"}
_NAMES = {"type": "array", "items": _TEXT}
_FILTER = {"type": "object"}


def reusable() -> dict[str, Any]:
    """Schemas that all objects share."""
    return {
        "Error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": _TEXT, "message": _TEXT, "field": {"type": ["string", "null"]}, "details": {"type": "object"}, "request_id": {"type": ["string", "null"]}},
        },
        "Query": _object({
            "view": _TEXT, "fields": _NAMES, "filter": _FILTER, "order": _NAMES, "q": _TEXT, "cursor": _TEXT, "sums": _NAMES,
            "limit": {"type": "integer", "minimum": 1, "maximum": 1000}, "count": {"enum": ["none", "capped", "exact"]},
        }),
        "Aggregate": _object({
            "filter": _FILTER, "view": _TEXT, "q": _TEXT, "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
            "group": {"type": "array", "maxItems": 3, "items": _object({"attribute": _TEXT, "by": {"enum": ["day", "week", "month", "quarter", "year"]}}, ["attribute"])},
            "measures": {"type": "array", "maxItems": 10, "items": _object({"fn": {"enum": ["count", "sum", "avg", "min", "max"]}, "attribute": _TEXT})},
        }),
        "Board": _object({"attribute": _TEXT, "filter": _FILTER, "view": _TEXT, "q": _TEXT, "fields": _NAMES, "order": _NAMES, "limit": {"type": "integer"}}),
        "Duplicates": _object({"values": {"type": "object"}, "id": {"type": ["string", "null"]}}, ["values"]),
        "Bulk": _object({
            "operation": {"enum": ["edit", "assign", "delete", "action"]}, "ids": {"type": "array", "items": _UUID, "maxItems": 10000},
            "filter": _FILTER, "q": _TEXT, "all": {"type": "boolean"}, "values": {"type": "object"}, "action": _TEXT, "owner": _TEXT,
        }, ["operation"]),
        "Merge": _object({"master": _UUID, "subordinate": _UUID, "values": {"type": "object"}, "fill_empty": {"type": "boolean"}, "ignore_parent": {"type": "boolean"}}, ["master", "subordinate"]),
        "Addressed": _object({"object": _TEXT, "id": _UUID}, ["object", "id"]),
        "View": _object({
            "object": _TEXT, "name": {"type": "string", "maxLength": 100}, "layout": {"enum": ["table", "board", "calendar"]},
            "columns": {"type": "array"}, "filter": {"type": ["object", "null"]}, "order": _NAMES, "group_by": {"type": ["string", "null"]},
            "board_attribute": {"type": ["string", "null"]}, "shared_with": {"enum": ["me", "everyone"]},
        }),
        "ImportMap": _object({
            "name": {"type": "string", "minLength": 1, "maxLength": 120}, "object": _TEXT, "headers": _NAMES, "mapping": {"type": "object"}, "match": {"type": "object"},
        }, ["name", "object", "mapping"]),
        "Export": _object({
            "view": _TEXT, "filter": {"type": ["object", "null"]}, "q": {"type": ["string", "null"]}, "fields": _NAMES, "order": _NAMES,
            "format": {"enum": ["csv", "xlsx"]}, "with_ids": {"type": "boolean"},
        }),
        "Change": _object({
            "kind": {"enum": ["object", "attribute", "option_list", "override"]}, "operation": {"enum": ["create", "update", "delete"]},
            "object": {"type": ["string", "null"]}, "name": {"type": ["string", "null"]}, "definition": {"type": "object"},
        }, ["kind", "operation"]),
        "Batch": _object({"atomic": {"type": "boolean"}, "operations": {"type": "array", "maxItems": 1000, "items": {"type": "object"}}}, ["operations"]),
    }  # fmt: skip


def fixed_paths(operation: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Routes that do not belong to one object."""

    def ref(name: str) -> dict[str, str]:
        return {"$ref": f"#/components/schemas/{name}"}

    identifier = [{"name": "id", "in": "path", "required": True, "schema": _UUID}]
    empty = {"type": "object", "additionalProperties": False}
    query = lambda *names: [{"name": n, "in": "query", "schema": _TEXT} for n in names]  # noqa: E731
    return {
        "/session": {"get": operation("Who am I", "Session")},
        "/preferences": {"get": operation("My preferences", "Session"), "patch": operation("Change preferences", "Session", body={"type": "object"})},
        "/me/sessions": {"get": operation("Where I am signed in", "Own access")},
        "/me/sessions/actions/end_others": {"post": operation("Sign out everywhere else", "Own access", body=empty)},
        "/me/sessions/{id}": {"parameters": identifier, "delete": operation("Sign out there", "Own access", ok="204")},
        "/me/password": {"post": operation("Change my password", "Own access", body=_object({"current": _TEXT, "new": _TEXT}, ["current", "new"]))},
        "/me/tokens": {
            "get": operation("My access tokens", "Own access"),
            "post": operation("Make an access token", "Own access", ok="201", body=_object({"name": _TEXT, "days": {"type": ["integer", "null"], "enum": [30, 90, 365, None]}}, ["name"])),
        },
        "/me/tokens/{id}": {"parameters": identifier, "delete": operation("Revoke a token", "Own access", ok="204")},
        "/search": {"get": operation("Search everything", "Search", parameters=query("q", "objects"))},
        "/search/recent": {"get": operation("Recently opened records", "Search")},
        "/search/opened": {"post": operation("Note an opened record", "Search", ok="204", body=ref("Addressed"))},
        "/recycle_bin": {"get": operation("Deleted records", "Recycle bin", parameters=query("object"))},
        "/recycle_bin/restore": {"post": operation("Restore", "Recycle bin", body=ref("Addressed"))},
        "/recycle_bin/purge": {"post": operation("Destroy", "Recycle bin", ok="204", body=ref("Addressed"))},
        "/metadata/objects": {"get": operation("Objects", "Metadata")},
        "/metadata/objects/{name}": {
            "parameters": [{"name": "name", "in": "path", "required": True, "schema": _TEXT}],
            "get": operation("One object's description", "Metadata"),
        },
        "/option_lists": {"get": operation("Option lists", "Metadata")},
        "/views": {"get": operation("Views of an object", "Views", parameters=query("object")), "post": operation("Save a view", "Views", ok="201", body=ref("View"))},
        "/views/{id}": {"parameters": identifier, "patch": operation("Change a view", "Views", body=ref("View")), "delete": operation("Delete a view", "Views", ok="204")},
        "/jobs": {"get": operation("Jobs", "Jobs")},
        "/jobs/{id}": {"parameters": identifier, "get": operation("One job", "Jobs")},
        "/jobs/{id}/failures": {"parameters": identifier, "get": operation("What failed", "Jobs")},
        **{f"/jobs/{{id}}/actions/{a}": {"parameters": identifier, "post": operation(f"{a.capitalize()} a job", "Jobs", body=empty)} for a in ("undo", "cancel", "retry")},
        "/imports": {
            "get": operation("My imports", "Imports"),
            "post": {
                **operation("Upload a file", "Imports", ok="201"),
                "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _object({"file": {"type": "string", "format": "binary"}, "object": _TEXT}, ["file"])}}},
            },
        },
        "/imports/{id}": {
            "parameters": identifier,
            "get": operation("One import", "Imports"),
            "patch": operation("Change object, mapping, match rule or format", "Imports", body=_object({"object": _TEXT, "mapping": {"type": "object"}, "match": {"type": "object"}, "format": {"type": "object"}})),
            "delete": operation("Forget an import", "Imports", ok="204"),
        },
        "/imports/{id}/values": {"parameters": identifier, "get": operation("Distinct values of a column", "Imports", parameters=query("column"))},
        **{f"/imports/{{id}}/actions/{a}": {"parameters": identifier, "post": operation(f"{a.capitalize()} an import", "Imports", body=empty)} for a in ("check", "run", "undo", "cancel")},
        "/imports/{id}/rows": {"parameters": identifier, "get": operation("Rows of an import", "Imports", parameters=query("status", "cursor", "limit"))},
        "/imports/{id}/rows/{number}": {
            "parameters": [*identifier, {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "patch": operation("Correct a row", "Imports", body=_object({"values": {"type": "object", "additionalProperties": _TEXT}}, ["values"])),
        },
        "/imports/{id}/failures": {"parameters": identifier, "get": operation("Failed rows as a file", "Imports", parameters=query("format"))},
        "/import_maps": {"get": operation("Saved mappings", "Imports", parameters=query("object")), "post": operation("Save a mapping", "Imports", ok="201", body=ref("ImportMap"))},
        "/import_maps/{id}": {"parameters": identifier, "delete": operation("Delete a saved mapping", "Imports", ok="204")},
        "/batch": {"post": operation("Several operations at once", "Batch", body=ref("Batch"))},
        "/customization": {"get": operation("Customization", "Customization")},
        "/customization/changes": {"post": operation("Add a draft change", "Customization", ok="201", body=ref("Change"))},
        "/customization/changes/{id}": {"parameters": identifier, "delete": operation("Drop a draft change", "Customization", ok="204")},
        "/customization/impact": {"get": operation("Impact of the draft", "Customization")},
        "/customization/publish": {"post": operation("Publish the draft", "Customization", body=empty)},
        "/customization/rollback": {"post": operation("Roll back", "Customization", body=_object({"version": {"type": "integer"}}, ["version"]))},
        "/customization/discard": {"post": operation("Drop the draft", "Customization", ok="204", body=empty)},
        "/roles/{id}/privileges": {
            "parameters": identifier,
            "get": operation("Privileges of a role", "People"),
            "put": operation("Change privileges", "People", body=_object({"privileges": {"type": "object"}, "capabilities": _NAMES})),
        },
        "/users/{id}/roles": {"parameters": identifier, "get": operation("Roles of a user", "People"), "put": operation("Change roles", "People", body=_object({"roles": _NAMES}, ["roles"]))},
        **{f"/users/{{id}}/actions/{a}": {"parameters": identifier, "post": operation(f"{a.capitalize()} a user", "People", body=empty)} for a in ("disable", "enable")},
        "/teams/{id}/members": {"parameters": identifier, "get": operation("Members", "People"), "put": operation("Change members", "People", body=_object({"members": _NAMES}, ["members"]))},
    }  # fmt: skip
