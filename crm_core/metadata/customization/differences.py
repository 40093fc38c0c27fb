"""What one published version changed against another (PLT-11): a list people can read, made from the two bodies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crm_core.metadata.customization.components import components
from crm_core.metadata.customization.overlay import compile_entities
from crm_core.metadata.customization.shared_lists import list_label
from crm_core.metadata.customization.status_reasons import reason_rows
from crm_core.metadata.entity import Entity

Told = dict[str, Any]
#: parts of a definition that are conditions or actions: clients put them into words
_TREES = {"filter", "when", "then"}


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows {"kind", "operation", "object", "name", "label", "parts", "details"}.

    `parts` are the keys of the definition that differ; `details` say of those how: {"part", "old", "new"} for single
    values, {"part", "added", "removed", "moved"} for lists, each by the names people know.
    """
    before, after = components(old), components(new)
    entities = {**compile_entities(old)[0], **compile_entities(new)[0]}
    rows = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if key.kind == "reasons":  # without a document the delivered ones hold
            was, now = ({"options": reason_rows(body, key.object)} for body in (old, new))
        if was == now:
            continue
        operation = "create" if was is None else "delete" if now is None else "update"
        shown = now or was or {}
        parts = sorted(k for k in {*(was or {}), *(now or {})} if (was or {}).get(k) != (now or {}).get(k))
        entity = entities.get(key.object)
        details = [_told(p, (was or {}).get(p), (now or {}).get(p), entity) for p in parts]
        if key.kind == "reasons":
            details += _other_defaults((was or {}).get("options", ()), (now or {}).get("options", ()))
        rows.append({
            "kind": key.kind, "operation": operation, "object": key.object or None, "name": key.name,
            "label": list_label(key.name, new, entities) if key.kind == "option_list" and not shown.get("label")
            else _label(key.name, shown, entity), "parts": parts if operation == "update" else [],
            "details": [d for d in details if d is not None] if operation == "update" else [],
        })  # fmt: skip
    return rows


def _other_defaults(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> Iterator[Told]:
    """The states whose default reason is another one, by what the reasons are called."""
    before, after = ({r["state"]: r["label"] for r in rows if r["default"]} for rows in (old, new))
    for state in before:
        if state in after and before[state] != after[state]:
            yield {"part": "default", "old": before[state], "new": after[state]}


def _label(name: str, definition: Mapping[str, Any], entity: Entity | None) -> str:
    if definition.get("label"):
        return str(definition["label"])
    return _named(name, entity)


def _named(name: str, entity: Entity | None) -> str:
    """What people call an attribute or related list of `entity`; a path by its first step."""
    head, dot, rest = name.lstrip("-").partition(".")
    if entity is None:
        return name
    if head in entity.attributes:
        return f"{entity.attributes[head].label}{dot}{rest}"
    return next((str(r.label) for r in entity.relationships if r.name == head), name)


def _told(part: str, old: Any, new: Any, entity: Entity | None) -> Told | None:
    if part in ("known", "known_related", "position"):
        return None  # what a form remembers and where a rule stands are nobody's words
    if part in _TREES:
        return {"part": part, "old": old, "new": new}
    if isinstance(old or new, (list, dict)):
        was, now = (list(_items(part, value, entity)) for value in (old, new))
        added, removed = [i for i in now if i not in was], [i for i in was if i not in now]
        return {
            "part": part,
            "added": added,
            "removed": removed,
            "moved": was != now and not added and not removed,
        }
    return {"part": part, "old": old, "new": new}


def _items(part: str, value: Any, entity: Entity | None) -> Iterator[str]:
    """The things in a list or mapping, as people call them."""
    if isinstance(value, Mapping):
        yield from (f"{key}: {text}" for key, text in sorted(value.items()))
    for item in value if isinstance(value, list) else ():
        if part == "tabs":
            for section in item["sections"]:
                yield from (_named(name, entity) for name in section["attributes"])
        elif part == "options":
            if not item.get("removed"):
                yield str(item["label"])
        elif isinstance(item, Mapping):
            yield _named(str(item.get("name", "")), entity)
        else:
            yield _named(str(item), entity)
