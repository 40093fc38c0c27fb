"""What the draft would touch: where the things it changes are used, and what forbids publishing it (PLT-11)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm_core.metadata import registry
from crm_core.metadata.customization import computed, locks, option_removal, shared_lists, status_reasons
from crm_core.metadata.customization.apply import DOCUMENTS, apply_change
from crm_core.metadata.customization.checks import document_problems
from crm_core.metadata.customization.draft import published
from crm_core.metadata.customization.many_to_many import reverse_name
from crm_core.metadata.customization.option_removal import Removal
from crm_core.metadata.customization.option_uses import option_uses
from crm_core.metadata.customization.uses import uses_in, uses_of_relationship
from crm_core.metadata.declaration import fixed_options
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import CrmError
from crm_core.metadata.models import DraftChange

# Upper floors say what uses an attribute or object: they may not be imported here.
_usage_finders: list[Callable[[str, str | None], list[dict[str, Any]]]] = []
_relationship_finders: list[Callable[[set[str]], list[dict[str, Any]]]] = []
_option_finders: list[Callable[[str, str, set[int]], list[dict[str, Any]]]] = []


def register_usage_finder(finder: Callable[[str, str | None], list[dict[str, Any]]]) -> None:
    """`finder(object, attribute or None)` lists uses as {"kind", "name", "count"?, "blocking"?}."""
    _usage_finders.append(finder)


def register_relationship_finder(finder: Callable[[set[str]], list[dict[str, Any]]]) -> None:
    """`finder(names)` lists what asks for related records by these names, like `register_usage_finder`."""
    _relationship_finders.append(finder)


def register_option_finder(finder: Callable[[str, str, set[int]], list[dict[str, Any]]]) -> None:
    """`finder(object, attribute, values)` lists what names one of these options, like `register_usage_finder`."""
    _option_finders.append(finder)


def removals(old: dict[str, Any], new: dict[str, Any], entities: dict[str, Entity]) -> list[Removal]:
    """What every list loses when `new` takes the place of `old`: options, and the reasons of states."""
    return option_removal.removals(old, new, entities) + status_reasons.removals(old, new, entities)


def uses_of_options(
    removal: Removal, body: dict[str, Any], entities: dict[str, Entity]
) -> list[dict[str, Any]]:
    """What names options that go, in `body` and outside of it."""
    values = {g.value for g in removal.gone}
    found = option_uses(body, entities, set(removal.fields), values)
    for object_name, attribute in removal.fields:
        found += [use for finder in _option_finders for use in finder(object_name, attribute, values)]
    return found


def options_in_use(object_name: str | None, name: str) -> dict[str, Any]:
    """Who has which option of a published list: records and what names it, asked before one is deleted (PLT-4).

    Raises NotFound `option_list.unknown`, `attribute.unknown`.
    """
    body, entities = published()[1], registry.current().entities
    if name == status_reasons.ATTRIBUTE and object_name in entities:
        found = status_reasons.whole(body, entities[object_name])
        fixed = frozenset(status_reasons.fixed_reasons(object_name))
    else:
        found = option_removal.whole(body, entities, object_name, name)
        fixed = fixed_options(name) if object_name is None else frozenset()
    counted = found.records()
    options = [
        {"value": g.value, "label": g.label, "records": counted.get(g.value, 0), "fixed": g.value in fixed,
         "used_in": uses_of_options(replace(found, gone=(g,)), body, entities)}
        for g in found.gone
    ]  # fmt: skip
    return {"list": found.key, "label": found.label, "required": found.required, "options": options}


def impact() -> dict[str, Any]:
    """What the draft would touch: `changes` with their uses, `problems` that forbid publishing."""
    rows, problems = [], []
    before = published()[1]
    body = copy.deepcopy(before)
    changes = list(DraftChange.objects.all())
    for change in changes:
        try:
            apply_change(body, change)
        except CrmError as error:
            problems.append({"change": str(change.id), **error.as_dict()})
    with registry.trying(body) as tried:
        removed = {_change_of(r, changes): r for r in removals(before, body, tried.entities)}
        for change in changes:
            uses = _uses(change, body, tried.entities) if change.operation in ("delete", "update") else []
            removal = removed.get(change) if change.operation != "delete" else None
            if removal is not None:
                uses = uses_of_options(removal, body, tried.entities)
                problems += _undecided(change, removal)
            # deleting an override goes back to the delivered
            deletes = removal is not None or (change.operation == "delete" and change.kind != "override")
            blocking = deletes and any(use.get("blocking") for use in uses)
            if blocking:
                used = ", ".join(str(u.get("label") or u["name"]) for u in uses if u.get("blocking"))
                problems.append({
                    "change": str(change.id), "code": "metadata.dependencies", "details": {"used_in": uses},
                    "message": f"{_label_of(change)} is still used by: {used}.",
                })  # fmt: skip
            rows.append({"id": str(change.id), "kind": change.kind, "operation": change.operation, "object": change.object,
                         "name": change.name, "summary": summary_of(change), "definition": change.definition, "used_in": uses,
                         "blocking": blocking, "removed": removal.as_json() if removal else None})  # fmt: skip
        deleted = {change.name for change in changes if change.operation == "delete"}
        broken = [*computed.problems(tried.entities), *shared_lists.lost_references(body, deleted)]
        found = [("attribute", o, a, e) for o, a, e in broken]
    for kind, owner, name, refusal in [*found, *document_problems(body)]:
        own = next((str(c.id) for c in changes if (c.kind, c.object, c.name) == (kind, owner, name)), None)
        problems.append(
            {"change": own, **refusal.as_dict(), "details": {"kind": kind, "object": owner, "name": name}}
        )
    try:
        locks.refuse_changes(before, body)  # a solution that came after the change entered the draft
    except CrmError as error:
        problems.append({"change": None, **error.as_dict()})
    return {"changes": rows, "problems": problems}


def _change_of(removal: Removal, changes: list[DraftChange]) -> DraftChange | None:
    """The last change of the list a removal is about."""
    kind = "option_list" if removal.object is None else "attribute"
    if removal.name == status_reasons.ATTRIBUTE:
        kind = "reasons"
    key = (kind, removal.object, removal.name)
    return next((c for c in reversed(changes) if (c.kind, c.object, c.name) == key), None)


def _undecided(change: DraftChange, removal: Removal) -> list[dict[str, Any]]:
    try:
        option_removal.refuse_undecided([removal])
    except CrmError as error:
        return [{"change": str(change.id), **error.as_dict()}]
    return []


def _uses(change: DraftChange, body: dict[str, Any], entities: dict[str, Entity]) -> list[dict[str, Any]]:
    """What stays that uses the attribute or object the change is about."""
    if change.kind == "relationship" and change.operation == "delete" and change.name:
        names = {change.name, reverse_name(change.name)}
        return uses_of_relationship(body, names) + [u for f in _relationship_finders for u in f(names)]
    if change.kind == "option_list" and change.name:
        return shared_lists.fields_offering(change.name, entities)
    if change.kind not in ("object", "attribute", "override") or not change.name:
        return []
    owner, attribute = (change.name, None) if change.kind == "object" else (str(change.object), change.name)
    found = uses_in(body, entities, owner, attribute)
    return found + [use for finder in _usage_finders for use in finder(owner, attribute)]


def _label_of(change: DraftChange) -> str:
    """What people call the thing a change is about, from the draft or from what is published."""
    if label := change.definition.get("label"):
        return str(label)
    body = published()[1]
    if change.kind == "object":
        return str(body.get("objects", {}).get(change.name, {}).get("label") or change.name)
    if change.kind in DOCUMENTS:
        document = body.get(DOCUMENTS[change.kind], {}).get(change.object, {}).get(change.name, {})
        return str(document.get("label") or change.name)
    if change.kind == "option_list":
        return shared_lists.list_label(str(change.name), body, registry.current().entities)
    rows = body.get("attributes", {}).get(change.object, ())
    return next((str(r["label"]) for r in rows if r["name"] == change.name), str(change.name))


def summary_of(change: DraftChange) -> str:
    label = _label_of(change)
    what = {
        "object": "object",
        "attribute": "attribute",
        "option_list": "option list",
        "override": "attribute",
        "form": "form",
        "view": "view",
        "rule": "business rule",
        "behaviour": "behaviour of",
        "reasons": "status reasons",
        "relationship": "relationship",
    }[change.kind]
    of = f" of {change.object}" if change.object else ""
    return f"{change.operation.capitalize()} {what} “{label}”{of}"


def uses_of(object_name: str, attribute: str | None) -> list[dict[str, Any]]:
    """What outside of the published body uses an attribute or object, such as people's own views."""
    return [use for finder in _usage_finders for use in finder(object_name, attribute)]
