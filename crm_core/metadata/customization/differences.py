"""What one published version changed against another (PLT-11): a list people can read, made from the two bodies."""

from __future__ import annotations

from typing import Any

from crm_core.metadata.customization.components import components


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows {"kind", "operation", "object", "name", "label", "parts"}; `parts` are the keys of the definition that differ."""
    before, after = components(old), components(new)
    rows = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        operation = "create" if was is None else "delete" if now is None else "update"
        shown = now or was or {}
        parts = sorted(k for k in {*(was or {}), *(now or {})} if (was or {}).get(k) != (now or {}).get(k))
        rows.append({
            "kind": key.kind, "operation": operation, "object": key.object or None, "name": key.name,
            "label": str(shown.get("label") or key.name), "parts": parts if operation == "update" else [],
        })  # fmt: skip
    return rows
