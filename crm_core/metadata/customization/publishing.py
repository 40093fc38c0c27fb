"""Draft → impact → publish → roll back. A publication is one row with the whole body, so a publish is one transaction."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction

from crm_core.metadata import declaration, registry, workspace
from crm_core.metadata.customization import auto_numbers, computed, definitions
from crm_core.metadata.customization.apply import DOCUMENTS, apply_change
from crm_core.metadata.customization.behaviours import check_behaviour
from crm_core.metadata.customization.documents import checked_document
from crm_core.metadata.customization.many_to_many import reverse_name
from crm_core.metadata.customization.overrides import checked_list, checked_override
from crm_core.metadata.customization.rule_documents import check_rule
from crm_core.metadata.customization.uses import uses_in, uses_of_relationship
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError, Invalid, NotFound
from crm_core.metadata.models import DraftChange, Organization, Publication

KINDS = ("object", "attribute", "option_list", "override", *DOCUMENTS)
OPERATIONS = ("create", "update", "delete")

# Upper floors say what uses an attribute or object, and what to do after a publish (they may not be imported here).
_usage_finders: list[Callable[[str, str | None], list[dict[str, Any]]]] = []
_relationship_finders: list[Callable[[set[str]], list[dict[str, Any]]]] = []
_after_publish: list[Callable[[dict[str, Any], dict[str, Any]], None]] = []
_checkers: dict[str, Callable[[Entity, dict[str, Any]], None]] = {
    "rule": check_rule,
    "behaviour": check_behaviour,
}


def register_usage_finder(finder: Callable[[str, str | None], list[dict[str, Any]]]) -> None:
    """`finder(object, attribute or None)` lists uses as {"kind", "name", "count"?, "blocking"?}."""
    _usage_finders.append(finder)


def register_relationship_finder(finder: Callable[[set[str]], list[dict[str, Any]]]) -> None:
    """`finder(names)` lists what asks for related records by these names, like `register_usage_finder`."""
    _relationship_finders.append(finder)


def register_checker(kind: str, checker: Callable[[Entity, dict[str, Any]], None]) -> None:
    """`checker(entity, document)` raises a CrmError for a document of `kind` that cannot work.

    It runs with the draft as the current registry: when the document enters the draft and again before publishing.
    """
    _checkers[kind] = checker


def register_after_publish(listener: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """`listener(old_body, new_body)` runs inside the publishing transaction."""
    _after_publish.append(listener)


def published() -> tuple[int, dict[str, Any]]:
    """Current version and body."""
    version = workspace.current().metadata_version
    publication = Publication.objects.filter(version=version).first() if version else None
    return version, publication.body if publication else {}


def draft_body() -> dict[str, Any]:
    """The body as it would be published now."""
    body = copy.deepcopy(published()[1])
    for change in DraftChange.objects.all():
        apply_change(body, change)
    return body


@transaction.atomic
def add_change(
    kind: Any,
    operation: Any,
    object_name: str | None,
    name: str | None,
    definition: dict,
    by: uuid.UUID | None,
) -> DraftChange:
    """Put one change into the draft after checking it against the draft so far.

    Raises `Invalid` for a definition that cannot work, `Conflict` for limits, `NotFound` for unknown targets.
    """
    if kind not in KINDS or operation not in OPERATIONS:
        raise Invalid("metadata.unknown_change", "Unknown kind of change.", field="kind")
    Organization.objects.select_for_update().first()  # one customizer at a time
    body = draft_body()
    checked, final_name = _checked(body, kind, operation, object_name, name, definition)
    change = DraftChange(
        kind=kind, operation=operation, object=object_name, name=final_name, definition=checked, created_by=by
    )
    apply_change(body, change)
    if kind in DOCUMENTS:
        problems = list(document_problems(body, kind, object_name, final_name))
        if problems:
            raise problems[0][3]
        earlier = DraftChange.objects.filter(kind=kind, object=object_name, name=final_name)
        if earlier.filter(operation="create").exists() and operation == "update":
            change.operation = "create"
        earlier.delete()  # a document is replaced whole: one change of it in the draft is enough
    change.save(force_insert=True)
    return change


def document_problems(
    body: dict[str, Any], kind: str | None = None, object_name: str | None = None, name: str | None = None
) -> Iterator[tuple[str, str, str, CrmError]]:
    """(kind, object, name, refusal) of the documents of `body` that could not work when it were published."""
    wanted = {k: part for k, part in DOCUMENTS.items() if k in _checkers and kind in (None, k)}
    if not any(body.get(part) for part in wanted.values()):
        return
    with registry.trying(body) as tried:
        for each, part in wanted.items():
            for owner, documents in body.get(part, {}).items():
                entity = tried.entities.get(owner)
                for key, document in documents.items():
                    if entity is None or object_name not in (None, owner) or name not in (None, key):
                        continue
                    try:
                        _checkers[each](entity, {**document, "key": key})
                    except CrmError as error:
                        yield each, owner, key, error


def _checked(
    body: dict, kind: str, operation: str, object_name: str | None, name: str | None, definition: dict
) -> tuple[dict, str]:
    known_objects = set(declaration.declared()) | set(body.get("objects", {}))
    known_lists = set(declaration.option_lists()) | set(body.get("option_lists", {}))
    if kind == "object":
        return _checked_object(body, operation, name, definition)
    if kind == "option_list":
        if operation == "delete" or not name or name not in known_lists:
            raise NotFound("option_list.unknown", "There is no such option list.")
        definitions.only_keys(definition, {"options"})
        return {"options": checked_list(body, name, definition.get("options"))}, name
    if object_name not in known_objects:
        raise NotFound("object.unknown", "There is no such object.")
    if kind in DOCUMENTS:
        with registry.trying(body) as tried:
            return checked_document(body, tried.entities[str(object_name)], kind, operation, name, definition)
    if kind == "override":
        if operation == "delete":
            if name not in body.get("overrides", {}).get(object_name, {}):
                raise NotFound("override.unknown", "This field is as delivered.")
            return {}, str(name)
        return checked_override(declaration.declared().get(str(object_name)), name, definition), str(name)
    rows = body.get("attributes", {}).get(object_name, [])
    if operation == "create":
        if len(rows) >= definitions.MAX_CUSTOM_ATTRIBUTES:
            raise Conflict(
                "metadata.too_many_attributes",
                f"At most {definitions.MAX_CUSTOM_ATTRIBUTES} custom attributes per object.",
            )
        cleaned = definitions.checked_attribute(definition, known_objects, known_lists)
        if any(r["label"].casefold() == cleaned["label"].casefold() for r in rows):
            raise Invalid(
                "metadata.label_taken", f"There is already an attribute “{cleaned['label']}”.", field="label"
            )
        key = definitions.attribute_key(cleaned["label"])
        return resolved_attribute(body, str(object_name), key, cleaned), key
    if not any(r["name"] == name for r in rows):
        raise NotFound("attribute.unknown", "There is no such custom attribute.")
    if operation == "delete":
        return {}, str(name)
    before = next(r for r in rows if r["name"] == name)
    cleaned = definitions.checked_attribute({**_writable(before), **definition}, known_objects, known_lists)
    refuse_data_loss(before, cleaned)
    if cleaned["type"] in computed.KINDS:
        given = {key: before.get(key) for key in ("result", "currency")}
        cleaned = resolved_attribute(body, str(object_name), str(name), {**cleaned, **given})
        computed.refuse_other_result(before, cleaned)
    if cleaned["type"] == "auto":
        auto_numbers.refuse_lower(str(object_name), str(name), before, cleaned)
    return cleaned, str(name)


def resolved_attribute(body: dict, object_name: str, name: str, cleaned: dict) -> dict:
    """A calculated field's or roll-up's definition with what it gives, checked as if it were part of `body` already.

    Others are returned as they are. Raises Invalid `formula.…`, `roll_up.…`, `relationship.unknown`.
    """
    if cleaned["type"] not in computed.KINDS:
        return cleaned
    with registry.trying(_with_attribute(body, object_name, name, cleaned)) as tried:
        found = computed.resolved(tried.entities, object_name, name, cleaned)
        if (check := _checkers.get(found["type"])) is not None:
            check(tried.entities[object_name], found)
    with registry.trying(_with_attribute(body, object_name, name, found)) as tried:
        computed.refuse_cycle(tried.entities, (object_name, name))
    return found


def _with_attribute(body: dict, object_name: str, name: str, definition: dict) -> dict:
    """`body` with this definition of the attribute."""
    attributes = body.get("attributes", {})
    rows = [r for r in attributes.get(object_name, ()) if r["name"] != name]
    return {**body, "attributes": {**attributes, object_name: [*rows, {"name": name, **definition}]}}


def _writable(definition: dict) -> dict:
    return {k: v for k, v in definition.items() if k in definitions.ATTRIBUTE_KEYS}


def refuse_data_loss(before: dict, after: dict) -> None:
    """PLT-3: length may grow; shrinking, another type or removed options would lose data."""
    if before["type"] != after["type"]:
        raise Conflict("field.data_loss", "The type of an attribute cannot change.", field="type")
    if before.get("max_length") and after.get("max_length") and after["max_length"] < before["max_length"]:
        raise Conflict("field.data_loss", "The length may grow, not shrink.", field="max_length")
    computed_anew = after["type"] in computed.KINDS  # nothing entered can be lost
    if not computed_anew and (before.get("precision") or 0) > (after.get("precision") or 0):
        raise Conflict("field.data_loss", "The decimal places may grow, not shrink.", field="precision")
    if before.get("targets") != after.get("targets"):
        raise Conflict("field.data_loss", "The object looked up cannot change.", field="targets")
    gone = {o["value"] for o in before.get("options") or ()} - {
        o["value"] for o in after.get("options") or ()
    }
    if gone:
        raise Conflict(
            "option.in_use",
            "Options are deactivated, not removed, so that old records keep their value.",
            field="options",
        )


def _checked_object(body: dict, operation: str, name: str | None, definition: dict) -> tuple[dict, str]:
    objects = body.get("objects", {})
    if operation == "create":
        if len(objects) >= definitions.MAX_CUSTOM_OBJECTS:
            raise Conflict(
                "metadata.too_many_objects", f"At most {definitions.MAX_CUSTOM_OBJECTS} custom objects."
            )
        cleaned = definitions.checked_object(definition)
        base = definitions.key_from(cleaned["label"])
        taken = set(objects) | {o["plural"] for o in objects.values()} | set(published_names())
        key, number = base, 2
        while key in taken or definitions.plural_of(key) in taken:
            key, number = f"{base}_{number}", number + 1
        cleaned["plural"] = definitions.plural_of(key)
        return cleaned, key
    if name not in objects:
        raise NotFound("object.unknown", "There is no such custom object.")
    if operation == "delete":
        return {}, str(name)
    before = {k: v for k, v in objects[name].items() if k in definitions.OBJECT_KEYS}
    cleaned = definitions.checked_object({**before, **definition})
    if cleaned["ownership"] != before["ownership"]:
        raise Conflict("field.data_loss", "Ownership is fixed when the object is created.", field="ownership")
    return {**cleaned, "plural": objects[name]["plural"]}, str(name)


def published_names() -> list[str]:
    """Names ever published for custom objects: a deleted object's name is not given to another one."""
    names: set[str] = set()
    for body in Publication.objects.values_list("body", flat=True):
        names.update(body.get("objects", {}))
    return sorted(names)


def impact() -> dict[str, Any]:
    """What the draft would touch: `changes` with their uses, `problems` that forbid publishing."""
    rows, problems = [], []
    body = copy.deepcopy(published()[1])
    changes = list(DraftChange.objects.all())
    for change in changes:
        try:
            apply_change(body, change)
        except CrmError as error:
            problems.append({"change": str(change.id), **error.as_dict()})
    with registry.trying(body) as tried:
        for change in changes:
            uses = _uses(change, body, tried.entities) if change.operation in ("delete", "update") else []
            deletes = (
                change.operation == "delete" and change.kind != "override"
            )  # that goes back to the delivered
            blocking = deletes and any(use.get("blocking") for use in uses)
            if blocking:
                used = ", ".join(str(u.get("label") or u["name"]) for u in uses if u.get("blocking"))
                problems.append({
                    "change": str(change.id), "code": "metadata.dependencies", "details": {"used_in": uses},
                    "message": f"{_label_of(change)} is still used by: {used}.",
                })  # fmt: skip
            rows.append({"id": str(change.id), "kind": change.kind, "operation": change.operation, "object": change.object,
                         "name": change.name, "summary": summary_of(change), "definition": change.definition, "used_in": uses,
                         "blocking": blocking})  # fmt: skip
        found = [("attribute", o, a, e) for o, a, e in computed.problems(tried.entities)]
    for kind, owner, name, refusal in [*found, *document_problems(body)]:
        own = next((str(c.id) for c in changes if (c.kind, c.object, c.name) == (kind, owner, name)), None)
        problems.append(
            {"change": own, **refusal.as_dict(), "details": {"kind": kind, "object": owner, "name": name}}
        )
    return {"changes": rows, "problems": problems}


def _uses(change: DraftChange, body: dict[str, Any], entities: dict[str, Entity]) -> list[dict[str, Any]]:
    """What stays that uses the attribute or object the change is about."""
    if change.kind == "relationship" and change.operation == "delete" and change.name:
        names = {change.name, reverse_name(change.name)}
        return uses_of_relationship(body, names) + [u for f in _relationship_finders for u in f(names)]
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
        "relationship": "relationship",
    }[change.kind]
    of = f" of {change.object}" if change.object else ""
    return f"{change.operation.capitalize()} {what} “{label}”{of}"


@transaction.atomic
def publish(by: uuid.UUID | None, by_name: str) -> Publication:
    """Make the draft effective as one step. Raises Conflict `metadata.dependencies` or `metadata.nothing_to_publish`."""
    Organization.objects.select_for_update().first()
    workspace.begin()
    changes = list(DraftChange.objects.all())
    if not changes:
        raise Conflict("metadata.nothing_to_publish", "There are no changes to publish.")
    problems = impact()["problems"]
    if problems:
        raise Conflict("metadata.dependencies", problems[0]["message"], details={"problems": problems})
    publication = _store(draft_body(), [summary_of(c) for c in changes], by, by_name)
    DraftChange.objects.all().delete()
    return publication


def body_of(version: int) -> dict[str, Any]:
    """The body of an earlier version; 0 is as delivered. Raises NotFound `publication.unknown`."""
    if version == 0:
        return {}
    body = Publication.objects.filter(version=version).values_list("body", flat=True).first()
    if body is None:
        raise NotFound("publication.unknown", "There is no such version.")
    return body


@transaction.atomic
def roll_back(version: int, by: uuid.UUID | None, by_name: str) -> Publication:
    """Publish the body of an earlier version again (0 = as delivered); the draft is kept."""
    Organization.objects.select_for_update().first()
    workspace.begin()
    body = body_of(version)
    return _store(body, [f"Back to version {version}"], by, by_name, restored_from=version)


@transaction.atomic
def publish_body(body: dict[str, Any], summary: list[str], by: uuid.UUID | None, by_name: str) -> Publication:
    """Publish a whole body that was checked already, such as one with a solution in it; the draft is kept (PLT-12).

    The caller holds the lock on the organization from before it read the body it changed.
    """
    return _store(body, summary, by, by_name)


def uses_of(object_name: str, attribute: str | None) -> list[dict[str, Any]]:
    """What outside of the published body uses an attribute or object, such as people's own views."""
    return [use for finder in _usage_finders for use in finder(object_name, attribute)]


def _store(
    body: dict, summary: list[str], by: uuid.UUID | None, by_name: str, restored_from: int | None = None
) -> Publication:
    old = published()[1]
    version = (Publication.objects.order_by("-version").values_list("version", flat=True).first() or 0) + 1
    publication = Publication.objects.create(
        version=version,
        body=body,
        summary=summary,
        published_by=by,
        published_by_name=by_name,
        restored_from=restored_from,
    )
    Organization.objects.filter(pk=1).update(metadata_version=version)
    workspace.begin()
    registry.current()  # a body that cannot be compiled must fail here, inside the transaction
    for listener in _after_publish:
        listener(old, body)
    return publication
