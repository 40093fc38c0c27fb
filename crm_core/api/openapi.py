"""The OpenAPI 3.1 document of this workspace, custom objects included (PLT-61)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.paths import fixed_paths
from crm_core.api.schemas import UUID, attribute_schema, object_schema, parameter_schema, reusable
from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.records.service.actions import actions_of

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_LIST = ("view", "fields", "filter", "order", "q", "limit", "cursor", "count", "sums")


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def operation(
    summary: str,
    tag: str,
    *,
    ok: str = "200",
    answer: dict | None = None,
    body: dict | None = None,
    parameters: list | None = None,
) -> dict[str, Any]:
    """One operation with the refusals every operation can answer."""
    found: dict[str, Any] = {
        "summary": summary,
        "tags": [tag],
        "responses": {
            ok: {"description": "Done", **(_json(answer) if answer else {})},
            "4XX": {"description": "Refused", **_json(_reference("Error"))},
        },
    }
    if parameters:
        found["parameters"] = parameters
    if body:
        found["requestBody"] = {"required": True, **_json(body)}
    return found


def _list_parameters() -> list[dict[str, Any]]:
    kinds: dict[str, dict[str, Any]] = {
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50},
        "count": {"type": "string", "enum": ["none", "capped", "exact"], "default": "none"},
    }
    return [{"name": n, "in": "query", "schema": kinds.get(n, {"type": "string"})} for n in _LIST]


def entity_schemas(entity: Entity) -> dict[str, Any]:
    """Read and write schemas of an object."""
    read = {"id": {"type": "string", "format": "uuid"}, "version": {"type": "integer"}}
    write: dict[str, Any] = {}
    for attribute in entity.attributes.values():
        read[attribute.name] = attribute_schema(attribute, reading=True)
        if not attribute.read_only and attribute.name != "state":
            write[attribute.name] = attribute_schema(attribute, reading=False)
    required = [a.name for a in entity.attributes.values() if a.required and not a.read_only]
    create = {
        "type": "object",
        "properties": {"id": {"type": "string", "format": "uuid"}, **write},
        "additionalProperties": False,
    }
    if required:
        create["required"] = required
    return {
        entity.name: {"type": "object", "properties": read, "title": str(entity.label)},
        f"{entity.name}_create": create,
        f"{entity.name}_update": {"type": "object", "properties": write, "additionalProperties": False},
    }


def entity_paths(entity: Entity) -> dict[str, Any]:
    """All routes of one object."""
    base, tag, plural = f"/{entity.plural}", str(entity.label_plural), str(entity.label_plural)
    row = _reference(entity.name)
    listing = {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": row}, "next": {"type": ["string", "null"]}},
    }
    paths: dict[str, Any] = {
        base: {"get": operation(f"List {plural}", tag, answer=listing, parameters=_list_parameters())},
        f"{base}/query": {
            "post": operation(f"Query {plural}", tag, answer=listing, body=_reference("Query"))
        },
        f"{base}/aggregate": {"post": operation(f"Sum up {plural}", tag, body=_reference("Aggregate"))},
        f"{base}/board": {"post": operation(f"Board of {plural}", tag, body=_reference("Board"))},
        f"{base}/calendar": {"post": operation(f"Calendar of {plural}", tag, body=_reference("Calendar"))},
        f"{base}/duplicates": {
            "post": operation(f"Find similar {plural}", tag, body=_reference("Duplicates"))
        },
        f"{base}/export": {"post": operation(f"Export {plural}", tag, ok="202", body=_reference("Export"))},
        f"{base}/bulk": {"post": operation(f"Change many {plural}", tag, ok="202", body=_reference("Bulk"))},
        f"{base}/bulk/preview": {
            "post": operation(f"Preview a bulk change of {plural}", tag, body=_reference("Bulk"))
        },
        f"{base}/{{id}}": {
            "parameters": [ID],
            "get": operation(
                f"Read {entity.label}",
                tag,
                answer=row,
                parameters=[{"name": "include", "in": "query", "schema": {"type": "string"}}],
            ),
            "patch": operation(
                f"Change {entity.label}", tag, answer=row, body=_reference(f"{entity.name}_update")
            ),
            "delete": operation(f"Delete {entity.label}", tag, ok="204"),
        },
        f"{base}/{{id}}/timeline": {"parameters": [ID], "get": operation(f"Timeline of {entity.label}", tag)},
        f"{base}/{{id}}/access": {
            "parameters": [ID],
            "get": operation(
                f"Who may see {entity.label} and why",
                tag,
                parameters=[{"name": "user", "in": "query", "schema": {"type": "string"}}],
            ),
        },
        f"{base}/{{id}}/access/people": {
            "parameters": [ID],
            "get": operation(
                f"Everybody who may see {entity.label} and why",
                tag,
                parameters=[
                    {"name": n, "in": "query", "schema": {"type": "string"}} for n in ("q", "cursor", "limit")
                ],
            ),
        },
        f"{base}/{{id}}/shares": {"parameters": [ID], "get": operation(f"Shares of {entity.label}", tag)},
        f"{base}/{{id}}/presence": {
            "parameters": [ID],
            "post": operation(f"Say that one is at {entity.label}", tag, body=_reference("Presence")),
            "delete": operation(f"Say that one left {entity.label}", tag, ok="204"),
        },
    }
    if any(a.roll_up for a in entity.custom_attributes):
        name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[f"{base}/{{id}}/roll_ups/{{name}}"] = {
            "parameters": [ID, name],
            "post": operation(
                f"Compute a roll-up of {entity.label} now",
                tag,
                body={"type": "object", "additionalProperties": False},
            ),
        }
    if entity.creatable:
        paths[base]["post"] = operation(
            f"Create {entity.label}", tag, ok="201", answer=row, body=_reference(f"{entity.name}_create")
        )
    if entity.merge:
        paths[f"{base}/merge"] = {"post": operation(f"Merge {plural}", tag, body=_reference("Merge"))}
        paths[f"{base}/merge/preview"] = {
            "post": operation(f"Preview a merge of {plural}", tag, body=_reference("MergePreview"))
        }
    if entity.person is not None:
        paths |= _personal_paths(base, tag)
    for relation in entity.relationships:
        paths[f"{base}/{{id}}/{relation.name}"] = {
            "parameters": [ID],
            "get": operation(f"{relation.label} of {entity.label}", tag, parameters=_list_parameters()),
        }
        if relation.link:
            ids = object_schema(
                {"ids": {"type": "array", "items": UUID, "minItems": 1, "maxItems": 100}}, ["ids"]
            )
            listed = paths[f"{base}/{{id}}/{relation.name}"]
            listed["post"] = operation(f"Link {relation.label} with {entity.label}", tag, body=ids)
            other = {"name": "other_id", "in": "path", "required": True, "schema": UUID}
            paths[f"{base}/{{id}}/{relation.name}/{{other_id}}"] = {
                "parameters": [ID, other],
                "delete": operation(f"Take {relation.label} off {entity.label}", tag, ok="204"),
            }
    for action in actions_of(entity).values():
        place = (
            f"{base}/{{id}}/actions/{action.name}"
            if action.scope == "record"
            else f"{base}/actions/{action.name}"
        )
        found = {"post": operation(str(action.label), tag, body=parameter_schema(action))}
        paths[place] = {"parameters": [ID], **found} if action.scope == "record" else found
    return paths


def _personal_paths(base: str, tag: str) -> dict[str, Any]:
    """What is held on one person: shown, handed out, erased (CUS-15.8)."""
    told = {"requested": {"type": "string", "maxLength": 200}}
    choices = {name: {"type": "boolean"} for name in ("notes", "activities", "files")}
    erasing = object_schema({"confirm": {"type": "string"}, **choices, **told}, ["confirm"])
    return {
        f"{base}/{{id}}/personal": {"parameters": [ID], "get": operation("What is held on a person", tag)},
        f"{base}/{{id}}/personal/export": {
            "parameters": [ID],
            "post": operation("Hand out what is held on a person", tag, ok="202", body=object_schema(told)),
        },
        f"{base}/{{id}}/personal/erase": {
            "parameters": [ID],
            "post": operation("Erase a person for good", tag, body=erasing),
        },
    }


def document() -> dict[str, Any]:
    """The whole document for the active workspace."""
    schemas, paths = reusable(), fixed_paths(operation)
    for entity in registry.all():
        if not entity.internal:
            schemas.update(entity_schemas(entity))
            paths.update(entity_paths(entity))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.PRODUCT_NAME} – {workspace.current().name}",
            "version": f"1.{workspace.current().metadata_version}",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            },
        },
    }


class DocumentEndpoint(Endpoint):
    """GET /openapi.json"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(document())
