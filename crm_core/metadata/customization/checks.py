"""Whether a change can enter the draft, and whether what it leaves would still work (PLT-3, PLT-11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crm_core.metadata import declaration, registry
from crm_core.metadata.customization import (
    auto_numbers,
    computed,
    definitions,
    option_removal,
    shared_lists,
    status_reasons,
)
from crm_core.metadata.customization.apply import DOCUMENTS
from crm_core.metadata.customization.behaviours import check_behaviour
from crm_core.metadata.customization.documents import checked_document
from crm_core.metadata.customization.draft import published
from crm_core.metadata.customization.overrides import checked_override
from crm_core.metadata.customization.rule_documents import check_rule
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError, Invalid, NotFound
from crm_core.metadata.models import Publication

# Upper floors check what only they understand, such as the filters of views.
_checkers: dict[str, Callable[[Entity, dict[str, Any]], None]] = {
    "rule": check_rule,
    "behaviour": check_behaviour,
}


def register_checker(kind: str, checker: Callable[[Entity, dict[str, Any]], None]) -> None:
    """`checker(entity, document)` raises a CrmError for a document of `kind` that cannot work.

    It runs with the draft as the current registry: when the document enters the draft and again before publishing.
    """
    _checkers[kind] = checker


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


def checked_change(
    body: dict, kind: str, operation: str, object_name: str | None, name: str | None, definition: dict
) -> tuple[dict, str]:
    known_objects = set(declaration.declared()) | set(body.get("objects", {}))
    known_lists = shared_lists.known_lists(body)
    if kind == "object":
        return _checked_object(body, operation, name, definition)
    if kind == "option_list":
        return _checked_list(body, operation, name, definition)
    if object_name not in known_objects:
        raise NotFound("object.unknown", "There is no such object.")
    if kind in DOCUMENTS:
        with registry.trying(body) as tried:
            found = checked_document(
                body, tried.entities[str(object_name)], kind, operation, name, definition
            )
        if kind == "reasons":
            _refuse_undecided_reasons(body, str(object_name), found[0])
        return found
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
    given = _with_removed(body, str(object_name), before, definition)
    cleaned = definitions.checked_attribute(given, known_objects, known_lists)
    # options that are missing were made removed ones above, but for those that were never published
    if _is_published(str(object_name), str(name)):
        refuse_data_loss(
            {**before, "options": []} if cleaned.get("options") else before, cleaned, known_lists
        )
    if cleaned["type"] in option_removal.CHOICES:
        _refuse_undecided(
            _with_attribute(body, str(object_name), str(name), cleaned), f"{object_name}.{name}"
        )
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


def _checked_list(body: dict, operation: str, name: str | None, definition: dict) -> tuple[dict, str]:
    """A shared list as it will be, deleted options in it."""
    if operation == "create":
        return shared_lists.new_list(body, definition)
    if operation == "delete":
        shared_lists.refuse_deleting(body, name)
        return {}, str(name)
    if not name or name not in shared_lists.known_lists(body):
        raise NotFound("option_list.unknown", "There is no such option list.")
    cleaned = shared_lists.changed_list(body, name, definition)
    _refuse_undecided(
        {**body, "option_lists": {**body.get("option_lists", {}), name: cleaned["options"]}}, name
    )
    return cleaned, name


def _with_removed(body: dict, object_name: str, before: dict, definition: dict) -> dict:
    """The whole definition an update leads to; options it leaves out are deleted."""
    given = {**_writable(before), **definition}
    said = given.pop("replacements", None) or {}
    if before["type"] not in option_removal.CHOICES or given.get("option_list"):
        if said:
            raise Invalid("option.replacement", "No option is deleted.", field="replacements")
        return given
    earlier = published()[1]
    row: dict = next(
        (r for r in earlier.get("attributes", {}).get(object_name, ()) if r["name"] == before["name"]), {}
    )
    current = option_removal.staying(option_removal.offered_rows(earlier, row))
    rows = option_removal.offered_rows(body, before)
    return {**given, "options": option_removal.with_removed(rows, given.get("options"), said, current)}


def _refuse_undecided(body: dict, key: str) -> None:
    """Raises what `option_removal.refuse_undecided` raises for the list `key`, were `body` published."""
    with registry.trying(body) as tried:
        found = option_removal.removals(published()[1], body, tried.entities)
        option_removal.refuse_undecided(r for r in found if r.key == key)


def _refuse_undecided_reasons(body: dict, object_name: str, document: dict) -> None:
    """The same for the reasons of an object's states."""
    after = {
        **body,
        "reasons": {**body.get("reasons", {}), object_name: {status_reasons.ATTRIBUTE: document}},
    }
    with registry.trying(after) as tried:
        found = status_reasons.removals(published()[1], after, tried.entities)
        option_removal.refuse_undecided(r for r in found if r.object == object_name)


def _is_published(object_name: str, name: str) -> bool:
    """Whether records may have values of an own field; what only the draft has can still be anything."""
    return any(row["name"] == name for row in published()[1].get("attributes", {}).get(object_name, ()))


def _writable(definition: dict) -> dict:
    return {k: v for k, v in definition.items() if k in definitions.ATTRIBUTE_KEYS}


def refuse_data_loss(before: dict, after: dict, lists: Mapping[str, list[dict[str, Any]]]) -> None:
    """PLT-3: length may grow; shrinking, another type or removed options would lose data.

    Own options may become a shared list: one that has each of them under its number and name (`lists` are their rows).
    """
    if _joins(before, after, lists):
        before = {**before, "option_list": after["option_list"], "options": []}
    if before["type"] != after["type"]:
        raise Conflict("field.data_loss", "The type of an attribute cannot change.", field="type")
    if before.get("max_length") and after.get("max_length") and after["max_length"] < before["max_length"]:
        raise Conflict("field.data_loss", "The length may grow, not shrink.", field="max_length")
    computed_anew = after["type"] in computed.KINDS  # nothing entered can be lost
    if not computed_anew and (before.get("precision") or 0) > (after.get("precision") or 0):
        raise Conflict("field.data_loss", "The decimal places may grow, not shrink.", field="precision")
    if before.get("targets") != after.get("targets"):
        raise Conflict("field.data_loss", "The object looked up cannot change.", field="targets")
    if before.get("option_list") != after.get("option_list"):
        raise Conflict(
            "field.data_loss", "The list a field takes its options from cannot change.", field="option_list"
        )
    gone = {o["value"] for o in before.get("options") or ()} - {
        o["value"] for o in after.get("options") or ()
    }
    if gone:
        raise Conflict(
            "option.in_use",
            "An option is deleted by saying what takes its place.",
            field="options",
        )


def _joins(before: dict, after: dict, lists: Mapping[str, list[dict[str, Any]]]) -> bool:
    """Whether a field with options of its own takes them from a shared list from now on, none of them another one there."""
    shared = after.get("option_list")
    if before.get("option_list") or not shared:
        return False
    offered = option_removal.staying(lists[shared])
    own = option_removal.staying(before.get("options") or ())
    return all(offered.get(value, "").casefold() == label.casefold() for value, label in own.items())


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
