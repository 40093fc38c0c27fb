"""Applying one draft change to a body."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.models import DraftChange

#: kinds that are one whole document per object and name, and where they stand in a body; what others refer to first
DOCUMENTS = {
    "relationship": "relationships",
    "reasons": "reasons",
    "form": "forms",
    "view": "views",
    "rule": "rules",
    "behaviour": "behaviours",
}


def apply_change(body: dict[str, Any], change: DraftChange) -> None:
    """Change `body` in place; deleting drops the definition only, values stay until they are purged."""
    if change.kind == "object":
        objects = body.setdefault("objects", {})
        if change.operation == "delete":
            objects.pop(change.name, None)
            for part in ("attributes", *DOCUMENTS.values()):
                body.get(part, {}).pop(change.name, None)
        else:
            objects[change.name] = change.definition
    elif change.kind == "option_list":
        _apply_list(body, change)
    elif change.kind in DOCUMENTS:
        documents = body.setdefault(DOCUMENTS[change.kind], {}).setdefault(change.object, {})
        if change.operation == "delete" and not change.definition:
            documents.pop(change.name, None)
        else:
            if change.kind == "view" and change.definition.get("default"):  # one opens first
                documents.update(
                    (k, {**d, "default": False}) for k, d in [*documents.items()] if d.get("default")
                )
            documents[change.name] = change.definition
    elif change.kind == "override":
        overrides = body.setdefault("overrides", {}).setdefault(change.object, {})
        if change.operation == "delete":
            overrides.pop(change.name, None)
        else:
            overrides[change.name] = change.definition
    else:
        rows = body.setdefault("attributes", {}).setdefault(change.object, [])
        if change.operation == "delete":
            rows[:] = [r for r in rows if r["name"] != change.name]
            body.get("behaviours", {}).get(change.object, {}).pop(change.name, None)
        if change.operation == "create":
            rows.append({"name": change.name, **change.definition})
        elif change.operation == "update":
            _deletion_follows(body, change, rows)
            rows[:] = [
                {"name": change.name, **change.definition} if r["name"] == change.name else r for r in rows
            ]


def _apply_list(body: dict[str, Any], change: DraftChange) -> None:
    """Rows of a shared list; an own one has a name beside them, and may go."""
    if change.operation == "delete":
        body.get("option_lists", {}).pop(change.name, None)
        body.get("option_list_labels", {}).pop(change.name, None)
        return
    body.setdefault("option_lists", {})[change.name] = change.definition["options"]
    if "label" in change.definition:
        named = {key: change.definition[key] for key in ("label", "labels")}
        body.setdefault("option_list_labels", {})[change.name] = named


def _deletion_follows(body: dict[str, Any], change: DraftChange, rows: list[dict[str, Any]]) -> None:
    """Who changes what deleting does with the field itself changes it in the relationship's behaviour too."""
    behaviour = body.get("behaviours", {}).get(change.object, {}).get(change.name)
    before = next((r.get("on_delete") for r in rows if r["name"] == change.name), None)
    after = change.definition.get("on_delete")
    if behaviour is not None and after and after != before:
        behaviour["delete"] = after
