"""What lies in the recycle bin: one line per deletion's head, with how much went with it (CUS-16.4)."""

from __future__ import annotations

import uuid
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.errors import Malformed
from crm_core.records.query.filters import base_rows
from crm_core.security.actor import Actor
from crm_core.security.models import Principal

KEPT_DAYS = 30


def rows(actor: Actor, object_name: str | None = None, *, limit: int = 100) -> dict[str, Any]:
    """Deleted records the actor may restore, latest first; children of a deletion are counted, not listed."""
    if not 1 <= limit <= 500:
        raise Malformed("request.limit", "1 to 500 rows.", field="limit")
    entities = [registry.get(object_name)] if object_name else registry.all()
    found: list[dict[str, Any]] = []
    for entity in entities:
        if entity.internal or not actor.depth(entity, "delete"):
            continue
        deleted = base_rows(entity, actor, "delete", deleted=True).order_by("-deleted_at")
        for pk, name, at, by, deletion in deleted.values_list(
            "pk", entity.primary_column, "deleted_at", "deleted_by", "deletion_id"
        )[:limit]:
            found.append(
                {
                    "id": pk,
                    "object": entity.name,
                    "name": name,
                    "deleted_at": at,
                    "deleted_by": by,
                    "deletion": deletion,
                }
            )
    found.sort(key=lambda r: r["deleted_at"], reverse=True)
    heads = _heads({r["deletion"] for r in found})
    names = dict(
        Principal.objects.filter(pk__in={r["deleted_by"] for r in found if r["deleted_by"]}).values_list(
            "pk", "name"
        )
    )
    listed = []
    for row in found:
        head, size = heads.get(row["deletion"], (row["id"], 1))
        if row["id"] == head or object_name:
            listed.append(_json(row, names, size - 1 if row["id"] == head else 0))
    return {"rows": listed[:limit], "kept_days": KEPT_DAYS}


def _heads(deletions: set[uuid.UUID]) -> dict[uuid.UUID, tuple[uuid.UUID, int]]:
    """Per deletion the record that was deleted by name (the last of its tree, children go first) and how many went."""
    last: dict[uuid.UUID, tuple[Any, uuid.UUID]] = {}
    sizes: dict[uuid.UUID, int] = {}
    for entity in registry.all():
        rows = base_rows(entity, None, deleted=True).filter(deletion_id__in=deletions)
        for deletion, at, pk in rows.values_list("deletion_id", "deleted_at", "pk"):
            sizes[deletion] = sizes.get(deletion, 0) + 1
            last[deletion] = max(last.get(deletion, (at, pk)), (at, pk))
    return {deletion: (pk, sizes[deletion]) for deletion, (_at, pk) in last.items()}


def _json(row: dict[str, Any], names: dict[uuid.UUID, str], children: int) -> dict[str, Any]:
    by = row["deleted_by"]
    return {
        "id": str(row["id"]),
        "object": row["object"],
        "name": row["name"],
        "deleted_at": row["deleted_at"].isoformat().replace("+00:00", "Z"),
        "deleted_by": {"object": "user", "id": str(by), "name": names.get(by)} if by else None,
        "children": max(children, 0),
    }
