"""What one published version changed against another (PLT-11): a list people can read, made from the two bodies."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.customization.apply import DOCUMENTS

Parts = dict[tuple[str, str | None, str], dict[str, Any]]


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows {"kind", "operation", "object", "name", "label", "parts"}; `parts` are the keys of the definition that differ."""
    before, after = _parts(old), _parts(new)
    rows = []
    for key in sorted({*before, *after}, key=lambda k: (k[0], k[1] or "", k[2])):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        operation = "create" if was is None else "delete" if now is None else "update"
        shown = now or was or {}
        parts = sorted(k for k in {*(was or {}), *(now or {})} if (was or {}).get(k) != (now or {}).get(k))
        kind, owner, name = key
        rows.append({
            "kind": kind, "operation": operation, "object": owner, "name": name,
            "label": str(shown.get("label") or name), "parts": parts if operation == "update" else [],
        })  # fmt: skip
    return rows


def _parts(body: dict[str, Any]) -> Parts:
    found: Parts = {("object", None, name): d for name, d in body.get("objects", {}).items()}
    for name, options in body.get("option_lists", {}).items():
        found["option_list", None, name] = {"options": options}
    for owner, rows in body.get("attributes", {}).items():
        found.update({("attribute", owner, row["name"]): row for row in rows})
    for kind, part in {"override": "overrides", **DOCUMENTS}.items():
        for owner, documents in body.get(part, {}).items():
            found.update({(kind, owner, name): document for name, document in documents.items()})
    return found
