"""A published body as single components: found, placed and taken out by kind, owning object and name (PLT-11, PLT-12).

Nothing here knows one kind better than another but for where it stands in a body, so whatever becomes a document per
object and name can be compared and carried to another workspace at once.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from crm_core.metadata.customization.apply import DOCUMENTS
from crm_core.metadata.customization.many_to_many import reverse_name

#: parts of a body that are a document per object and name
OWNED = {"override": "overrides", **DOCUMENTS}
#: texts for people: a name in them is no reference
_TEXTS = {"helps", "label", "labels", "label_plural", "labels_plural", "primary_label", "reverse_label", "reverse_labels", "help", "description", "message", "messages"}  # fmt: skip
#: what a form remembers of its object: names that are gone do no harm
REMEMBERED = ("known", "known_related", "related")
_GENERATED = re.compile(r"(?<![A-Za-z0-9_])c_[a-z0-9_]+")

Definition = dict[str, Any]


class Key(NamedTuple):
    """Which component: `object` is the owner of what belongs to an object, else empty."""

    kind: str
    object: str
    name: str

    def as_json(self) -> dict[str, str | None]:
        return {"kind": self.kind, "object": self.object or None, "name": self.name}


#: in this order components can be placed: each after what it may refer to
BODY_KINDS = ("object", "option_list", "attribute", *OWNED)


def components(body: Mapping[str, Any]) -> dict[Key, Definition]:
    """Every component of `body` with its definition."""
    found = {Key("object", "", name): definition for name, definition in body.get("objects", {}).items()}
    for name, options in body.get("option_lists", {}).items():
        named = body.get("option_list_labels", {}).get(name, {})
        found[Key("option_list", "", name)] = {**named, "options": options}
    for owner, rows in body.get("attributes", {}).items():
        for row in rows:
            found[Key("attribute", owner, row["name"])] = {k: v for k, v in row.items() if k != "name"}
    for kind, part in OWNED.items():
        for owner, documents in body.get(part, {}).items():
            for name, document in documents.items():
                found[Key(kind, owner, name)] = document
    return found


def place(body: dict[str, Any], key: Key, definition: Definition) -> None:
    """Add or replace a component of `body` in its place."""
    if key.kind == "object":
        body.setdefault("objects", {})[key.name] = definition
    elif key.kind == "option_list":
        body.setdefault("option_lists", {})[key.name] = definition["options"]
        if "label" in definition:
            named = {part: definition[part] for part in ("label", "labels")}
            body.setdefault("option_list_labels", {})[key.name] = named
    elif key.kind == "attribute":
        rows = body.setdefault("attributes", {}).setdefault(key.object, [])
        row = {"name": key.name, **definition}
        at = next((i for i, r in enumerate(rows) if r["name"] == key.name), None)
        if at is None:
            rows.append(row)
        else:
            rows[at] = row
    else:
        body.setdefault(OWNED[key.kind], {}).setdefault(key.object, {})[key.name] = definition


def take_out(body: dict[str, Any], key: Key) -> None:
    """Remove a component of `body`, and the parts that are empty by that."""
    if key.kind in ("object", "option_list"):
        part = {"object": "objects", "option_list": "option_lists"}[key.kind]
        body.get(part, {}).pop(key.name, None)
        if key.kind == "option_list":
            body.get("option_list_labels", {}).pop(key.name, None)
            if not body.get("option_list_labels", True):
                del body["option_list_labels"]
    elif key.kind == "attribute":
        part = "attributes"
        rows = body.get(part, {}).get(key.object, [])
        rows[:] = [r for r in rows if r["name"] != key.name]
    else:
        part = OWNED[key.kind]
        body.get(part, {}).get(key.object, {}).pop(key.name, None)
    if key.object and not body.get(part, {}).get(key.object, True):
        del body[part][key.object]
    if not body.get(part, True):
        del body[part]


def changed_body(body: Mapping[str, Any], changes: Mapping[Key, Definition | None]) -> dict[str, Any]:
    """A copy of `body` with components placed, and taken out where the definition is None."""
    found = copy.deepcopy(dict(body))
    for key in sorted(changes, key=_order):
        if (definition := changes[key]) is None:
            take_out(found, key)
        else:
            place(found, key, copy.deepcopy(definition))
    return found


def _order(key: Key) -> int:
    return BODY_KINDS.index(key.kind)


def generated_names(definition: Any) -> set[str]:
    """Generated names of custom objects and attributes a definition refers to, wherever they stand in it."""
    return set(_GENERATED.findall(json.dumps(_without_texts(definition))))


def _without_texts(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {
            k: _without_texts(v)
            for k, v in part.items()
            # a form's `related` is a list it remembers, a filter's `related` a list it asks for
            if k not in _TEXTS and not (k in REMEMBERED and isinstance(v, list))
        }
    return [_without_texts(p) for p in part] if isinstance(part, list) else part


class Names:
    """Which components stand behind generated names, also behind the plural ones of related lists."""

    def __init__(self, found: Mapping[Key, Definition]):
        self.objects: dict[str, Key] = {}
        self.attributes: dict[str, list[Key]] = {}
        self.plurals: dict[str, Key] = {}
        self.option_lists: dict[str, Key] = {}
        #: many-to-many relationships by the names of their lists
        self.lists: dict[str, Key] = {}
        for key, definition in found.items():
            if key.kind == "object":
                self.objects[key.name] = key
                self.plurals[str(definition.get("plural"))] = key
            elif key.kind == "attribute":
                self.attributes.setdefault(key.name, []).append(key)
            elif key.kind == "option_list":
                self.option_lists[key.name] = key
            elif key.kind == "relationship":
                self.lists.update({key.name: key, reverse_name(key.name): key})

    def behind(self, key: Key, definition: Any) -> tuple[set[Key], set[str]]:
        """What the component `key` needs: known components, and generated names nobody here has."""
        needed = {
            k for k in self.attributes.get(key.name, []) if k.object == key.object
        }  # what is about a field
        unknown: set[str] = set()
        for name in generated_names([key.object, definition]) - ({key.name} if not key.object else set()):
            found = self.attributes.get(name, [])
            own = [k for k in found if k.object == key.object] or found
            if name in self.objects:
                needed.add(self.objects[name])
            elif name in self.option_lists:
                needed.add(self.option_lists[name])
            elif own:
                needed.update(own)
            elif name in self.lists:
                needed.add(self.lists[name])
            elif listed := self._related_list(name):
                needed.update(listed)
            else:
                unknown.add(name)
        return needed - {key}, unknown

    def _related_list(self, name: str) -> list[Key]:
        """Related lists are called by the plural of their object, a second one of it with the attribute behind.

        The moment of a roll-up is called by its attribute with `_at` behind.
        """
        if name.endswith("_at") and (made := self.attributes.get(name.removesuffix("_at"))):
            return made
        if name in self.plurals:
            return [self.plurals[name]]
        parts = [(p, name.removeprefix(f"{p}_")) for p in self.plurals if name.startswith(f"{p}_")]
        return [k for _plural, rest in parts for k in self.attributes.get(rest, [])]
