"""Definitions that come from another workspace: checked as strictly as what a customizer enters here (PLT-12)."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
from crm_core.metadata.customization.behaviours import checked_behaviour
from crm_core.metadata.customization.checks import document_problems, refuse_data_loss, resolved_attribute
from crm_core.metadata.customization.components import BODY_KINDS, OWNED, REMEMBERED, Definition, Key, place
from crm_core.metadata.customization.forms import checked_form
from crm_core.metadata.customization.many_to_many import checked_relationship
from crm_core.metadata.customization.rule_documents import MAX_RULES, checked_rule
from crm_core.metadata.customization.standard_views import MAX_VIEWS, checked_view
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, CrmError, Invalid

MOST_OF_AN_OBJECT = {
    "attribute": definitions.MAX_CUSTOM_ATTRIBUTES,
    "form": 31,
    "view": MAX_VIEWS,
    "rule": MAX_RULES,
    "override": 1_000,
}
OVERRIDE_KEYS = {"label", "labels", "required", "recommended", "help", "helps"}
_CUSTOM = re.compile(r"c_[a-z0-9_]{1,60}")
_DOCUMENT = re.compile(r"[a-z0-9_-]{1,60}")
_ROLE_FORM = re.compile(r"[a-z0-9_-]{1,60}|role:.{1,200}")


def checked_name(key: Key) -> None:
    """Whether a component may have this name at all. Raises Invalid `solution.name`."""
    pattern = (
        _CUSTOM if key.kind in ("object", "attribute") else _ROLE_FORM if key.kind == "form" else _DOCUMENT
    )
    if not pattern.fullmatch(key.name) or bool(key.object) != (key.kind not in ("object", "option_list")):
        raise Invalid("solution.name", "A component cannot have this name.", field="name")


def place_checked(
    body: dict[str, Any], wanted: Mapping[Key, Definition], before: Mapping[Key, Definition]
) -> dict[Key, CrmError]:
    """Check and place components in `body`; returns what cannot be placed and why. `before` are those of the body.

    Whatever is wrong with one component, the others are still looked at; what is refused is not placed.
    """
    problems: dict[Key, CrmError] = {}
    order = sorted(wanted, key=lambda k: BODY_KINDS.index(k.kind))
    for key in (k for k in order if k.kind not in OWNED):
        try:
            place(body, key, _defined(body, key, wanted[key], before.get(key)))
        except CrmError as error:
            problems[key] = error
    problems.update(
        _computed(body, [k for k in order if k.kind == "attribute" and k not in problems], before)
    )
    owned = [k for k in order if k.kind in OWNED]
    with registry.trying(body) as tried:
        entities = tried.entities
    for key in owned:
        try:
            place(body, key, _document(key, wanted[key], entities))
        except CrmError as error:
            problems[key] = error
    problems.update(_too_many(body, wanted))
    for kind, owner, name, refusal in document_problems(body):
        problems.setdefault(Key(kind, owner, name), refusal)
    return problems


def _computed(body: dict[str, Any], keys: list[Key], before: Mapping[Key, Definition]) -> dict[Key, CrmError]:
    """Calculated fields and roll-ups say what they give once all fields are there; what cannot work is returned."""
    problems: dict[Key, CrmError] = {}
    for key in keys:
        rows = body.get("attributes", {}).get(key.object, ())
        row = next(r for r in rows if r["name"] == key.name)
        if row["type"] not in computed.KINDS:
            continue
        definition = {k: v for k, v in row.items() if k != "name"}
        try:
            found = resolved_attribute(body, key.object, key.name, definition)
            if (now := before.get(key)) is not None:
                computed.refuse_other_result(now, found)
            place(body, key, found)
        except CrmError as error:
            problems[key] = error
    return problems


def _defined(body: dict[str, Any], key: Key, definition: Any, now: Definition | None) -> Definition:
    checked_name(key)
    if not isinstance(definition, dict):
        raise Invalid("metadata.definition", "A definition is needed.", field="definition")
    known_lists = shared_lists.known_lists(body)
    if key.kind == "object":
        return _object(body, key, definition, now)
    if key.kind == "option_list":
        own = key.name not in declaration.option_lists()
        if own and (key.name not in known_lists or "label" in definition):
            if not _CUSTOM.fullmatch(key.name) or "label" not in definition:
                raise Invalid("option_list.unknown", "There is no such option list.", field="name")
            named = shared_lists.checked_labels(body, key.name, definition)
        else:
            named = {}
        options = definitions.checked_options(definition.get("options"))
        delivered = declaration.option_lists().get(key.name, ())
        values = {o["value"] for o in now["options"]} if now else {o.value for o in delivered}
        if values - {o["value"] for o in options}:
            raise Conflict(
                "option.in_use", "An option is deleted by saying what takes its place.", field="options"
            )
        option_removal.refuse_fixed(key.name, options)
        return {**named, "options": options}
    known_objects = set(declaration.declared()) | set(body.get("objects", {}))
    if key.object not in known_objects:
        raise Invalid("object.unknown", "There is no such object.", field="object")
    given = {k: v for k, v in definition.items() if k not in computed.DERIVED}
    cleaned = definitions.checked_attribute(given, known_objects, known_lists) | computed.carried(definition)
    others = [r for r in body.get("attributes", {}).get(key.object, []) if r["name"] != key.name]
    if any(r["label"].casefold() == cleaned["label"].casefold() for r in others):
        raise Invalid(
            "metadata.label_taken", f"There is already an attribute “{cleaned['label']}”.", field="label"
        )
    if now is not None:
        refuse_data_loss(now, cleaned, known_lists)
        if cleaned["type"] == "auto":
            auto_numbers.refuse_lower(key.object, key.name, now, cleaned)
    return cleaned


def _object(body: dict[str, Any], key: Key, definition: Definition, now: Definition | None) -> Definition:
    cleaned = definitions.checked_object({k: v for k, v in definition.items() if k != "plural"})
    cleaned["plural"] = definitions.plural_of(key.name)
    if now is not None and now["ownership"] != cleaned["ownership"]:
        raise Conflict("field.data_loss", "Ownership is fixed when the object is created.", field="ownership")
    others = {n: o["plural"] for n, o in body.get("objects", {}).items() if n != key.name}
    addresses = {e.plural for e in declaration.declared().values()} | set(others.values())
    if cleaned["plural"] in addresses or key.name in declaration.declared():
        raise Invalid("solution.name_taken", "Another object has this address.", field="name")
    if len(others) >= definitions.MAX_CUSTOM_OBJECTS:
        most = definitions.MAX_CUSTOM_OBJECTS
        raise Conflict("metadata.too_many_objects", f"At most {most} custom objects.")
    return cleaned


def _document(key: Key, definition: Any, entities: Mapping[str, Entity]) -> Definition:
    checked_name(key)
    entity = entities.get(key.object)
    if entity is None:
        raise Invalid("object.unknown", "There is no such object.", field="object")
    if not isinstance(definition, dict):
        raise Invalid("metadata.definition", "A definition is needed.", field="definition")
    if key.kind == "override":
        return checked_override(key.name, definition, entity)
    if key.kind == "form":
        return _form(definition, entity)
    if key.kind == "relationship":
        return checked_relationship(definition, entity, entities)
    if key.kind == "reasons":
        return _reasons(key, definition, entity)
    if key.kind == "behaviour":
        given = {k: v for k, v in definition.items() if k != "label"}
        label = definitions.label_text(definition, "label", limit=200)
        return {**checked_behaviour(given, entity, key.name), "label": label}
    kept = _position(definition)
    given = {k: v for k, v in definition.items() if k != "position"}
    if key.kind == "view":
        if given.get("hidden") is True:
            definitions.only_keys(given, {"hidden", "label"})
            return {"hidden": True, "label": definitions.label_text(given, "label")}
        return {**checked_view(given), **kept}
    if key.kind == "rule":
        return {**checked_rule(given), **kept}
    raise Invalid("solution.unknown_kind", "This version does not know this kind of component.", field="kind")


def _reasons(key: Key, definition: Definition, entity: Entity) -> Definition:
    """Reasons from elsewhere: those that are here must stay, for records may have them. Raises Conflict `option.in_use`."""
    definitions.only_keys(definition, {"label", "options"})
    if key.name != status_reasons.ATTRIBUTE:
        raise Invalid("attribute.unknown", "There is no such field.", field="name")
    here = [r for s in entity.states for r in s.reasons]
    before = [{"value": r.value, "state": s.value} for s in entity.states for r in s.reasons]
    found = status_reasons.checked_reasons(entity, definition.get("options"), before)
    if {r.value for r in here} - set(option_removal.staying(found["options"])):
        raise Conflict(
            "option.in_use", "An option is deleted by saying what takes its place.", field="options"
        )
    return found


def _position(definition: Definition) -> dict[str, int]:
    value = definition.get("position")
    if value is None:
        return {}
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 100_000:
        raise Invalid("metadata.number", "A whole number is needed.", field="position")
    return {"position": value}


def checked_override(name: str, definition: Definition, entity: Entity) -> Definition:
    """What may be said of a delivered attribute: its texts, and that it is needed. Raises Invalid with the field."""
    definitions.only_keys(definition, OVERRIDE_KEYS)
    attribute = entity.attributes.get(name)
    if attribute is None or attribute.custom:
        raise Invalid("attribute.unknown", "There is no such field.", field="name")
    for flag in ("required", "recommended"):
        if not isinstance(definition.get(flag, False), bool):
            raise Invalid("value.wrong_type", "True or false is needed.", field=flag)
    if "label" in definition:
        definitions.label_text(definition, "label", required=False)
    definitions.translations(definition, "labels")
    definitions.help_text(definition, "help")
    definitions.translations(definition, "helps", limit=1000)
    return definition


def _form(definition: Definition, entity: Entity) -> Definition:
    """A form keeps what it remembers: attributes made here meanwhile still show up by themselves."""
    remembered = {key: _names(definition, key) for key in REMEMBERED}
    related = {r.name for r in entity.relationships}
    given = {k: v for k, v in definition.items() if k not in REMEMBERED}
    given["related"] = [n for n in remembered["related"] if n in related]
    return {**checked_form(given, entity), **remembered}


def _names(definition: Definition, key: str) -> list[str]:
    names = definition.get(key, [])
    if not isinstance(names, list) or len(names) > 1_000:
        raise Invalid("form.names", "A list of names is needed.", field=key)
    for index, name in enumerate(names):
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]{1,140}", name):
            raise Invalid("form.names", "A list of names is needed.", field=f"{key}.{index}")
    return names


def _too_many(body: Mapping[str, Any], wanted: Mapping[Key, Definition]) -> dict[Key, CrmError]:
    found: dict[Key, CrmError] = {}
    for key in wanted:
        most = MOST_OF_AN_OBJECT.get(key.kind)
        if most is None:
            continue
        part = "attributes" if key.kind == "attribute" else OWNED[key.kind]
        if len(body.get(part, {}).get(key.object, ())) > most:
            found[key] = Conflict("solution.too_many", f"An object has at most {most} of these.")
    return found


def without_lost_names(key: Key, definition: Definition, entity: Entity | None) -> Definition:
    """A form without attributes that are gone; forms forget them only when they are saved again."""
    if key.kind != "form" or entity is None:
        return definition
    known = entity.attributes
    tabs = [
        {
            **t,
            "sections": [
                {**s, "attributes": [n for n in s["attributes"] if n in known]} for s in t["sections"]
            ],
        }
        for t in definition["tabs"]
    ]
    lists = {k: [n for n in definition.get(k) or [] if n in known] for k in ("header", "quick_create")}
    return {**definition, "tabs": tabs, **lists}
