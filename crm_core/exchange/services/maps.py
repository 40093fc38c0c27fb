"""Saved mappings: made once, used for every file with the same headers (PLT-45.5)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from crm_core.exchange.models import ImportMap
from crm_core.exchange.services.uploading import require_import
from crm_core.metadata.errors import Conflict, Forbidden, Malformed, NotFound
from crm_core.metadata.types.text import clean_text
from crm_core.security.actor import Actor

KEYS = {"name", "object", "headers", "mapping", "match"}
MAX_MAPS = 500


def as_json(row: ImportMap) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": row.name,
        "object": row.object,
        "headers": row.headers,
        "mapping": row.mapping,
        "match": row.match,
    }


def all_maps(object_name: str | None = None) -> list[dict[str, Any]]:
    """All saved maps, the newest first."""
    rows = ImportMap.objects.order_by("-created_at")
    return [as_json(r) for r in (rows.filter(object=object_name) if object_name else rows)]


@transaction.atomic
def create(values: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Save a map; what it says is checked when it is used on a file. Raises Malformed, Forbidden, Conflict `import_map.too_many`."""
    name = values.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 120:
        raise Malformed("import_map.name", "A name of 1 to 120 characters is needed.", field="name")
    try:
        name = clean_text(name).strip()
    except ValueError:
        raise Malformed(
            "import_map.name", "The name has characters that cannot be stored.", field="name"
        ) from None
    if not isinstance(values.get("object"), str):
        raise Malformed("import_map.object", "The name of an object is needed.", field="object")
    require_import(values["object"], actor)
    headers = values.get("headers") or []
    if (
        not isinstance(headers, list)
        or len(headers) > 702
        or any(not isinstance(h, str) or "\x00" in h for h in headers)
    ):
        raise Malformed("import_map.headers", "A list of headers is needed.", field="headers")
    for key in ("mapping", "match"):
        if not isinstance(values.get(key) or {}, Mapping):
            raise Malformed(f"import_map.{key}", "An object is needed.", field=key)
    if not isinstance((values.get("mapping") or {}).get("columns"), Mapping):
        raise Malformed("import_map.mapping", "The mapping has columns.", field="mapping.columns")
    if ImportMap.objects.count() >= MAX_MAPS:
        raise Conflict("import_map.too_many", f"At most {MAX_MAPS} maps.")
    row = ImportMap(
        name=name,
        object=values["object"],
        headers=headers,
        mapping=values["mapping"],
        match=values.get("match") or {},
        created_by=actor.user_id,
    )
    row.save(force_insert=True)
    return as_json(row)


def uses_of_options(object_name: str, attribute: str, values: Collection[int]) -> list[dict[str, Any]]:
    """Saved maps that turn texts into one of these options; their rows are refused with the reason until they are changed."""
    return [
        {"kind": "import_map", "object": row.object, "name": row.name, "blocking": False}
        for row in ImportMap.objects.filter(object=object_name).order_by("name")
        if any(
            isinstance(column, Mapping)
            and column.get("attribute") == attribute
            and isinstance(column.get("values"), Mapping)
            and any(target in values for target in column["values"].values() if isinstance(target, int))
            for column in row.mapping["columns"].values()
        )
    ]


@transaction.atomic
def delete(map_id: uuid.UUID, actor: Actor) -> None:
    """Delete an own map, or any as administrator. Raises NotFound, Forbidden."""
    row = ImportMap.objects.filter(pk=map_id).first()
    if row is None:
        raise NotFound("import_map.not_found", "There is no such saved mapping.")
    if row.created_by != actor.user_id and not actor.is_administrator:
        raise Forbidden("privilege.missing", "You may only delete your own mappings.")
    row.delete()
