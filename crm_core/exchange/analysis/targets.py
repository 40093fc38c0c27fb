"""What a column of a file can become: the attributes of an object, and its combined stage and state."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation

from crm_core.exchange.analysis import synonyms
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.searching import fold
from crm_core.security import access
from crm_core.security.actor import Actor

STAGE_OR_STATE = "stage_or_state"
RECORD_ID = "id"
REFERENCES = ("lookup", "customer", "owner", "regarding")
VERSION = "version"
LANGUAGES = ("en", "de")
_NEVER = {"state", "status_reason", "exchange_rate", "modified_at", "modified_by", "created_by", "is_sample"}
_CAMEL = re.compile(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])")


def words(text: str) -> str:
    """A header or label as single folded words: `E-Mail (1)` and `eMail_1` come out alike."""
    return " ".join(re.findall(r"\w+", fold(_CAMEL.sub(" ", text).replace("_", " "))))


@dataclass(frozen=True)
class Target:
    """One thing a column can be mapped to, and the words it is called by."""

    name: str
    label: str
    type: str
    required: bool = False
    attribute: Attribute | None = None
    words: frozenset[str] = frozenset()
    weak_words: frozenset[str] = frozenset()
    options: tuple[dict[str, Any], ...] = field(default=())


def board_attribute(entity: Entity) -> Attribute | None:
    """The pick attribute the object's board shows in columns, such as the stage of an opportunity."""
    name = entity.board.attribute if entity.board else None
    attribute = entity.attributes.get(name) if name else None
    return attribute if attribute is not None and attribute.type.name == "pick" else None


def stage_options(entity: Entity) -> list[dict[str, Any]]:
    """What a stage-or-state column can say: each open stage, and each state with its reasons."""
    stage = board_attribute(entity)
    found = []
    if stage is not None:
        found += [
            {"value": {stage.name: o.value}, "label": str(o.label), "color": o.color}
            for o in stage.options
            if o.active
        ]
    for state in entity.states:
        found.append({"value": {"state": state.value}, "label": str(state.label), "color": state.color})
        if len(state.reasons) > 1:
            found += [
                {
                    "value": {"state": state.value, "status_reason": r.value},
                    "label": f"{state.label}: {r.label}",
                    "color": state.color,
                }
                for r in state.reasons
            ]
    return found


def importable(entity: Entity, attribute: Attribute) -> bool:
    """Whether a column may be mapped to the attribute."""
    if (
        not attribute.importable
        or attribute.name in _NEVER
        or attribute.type.name in ("parties", "file", "state")
    ):
        return False
    return attribute.name == "created_at" or not attribute.read_only


def targets_of(entity: Entity, actor: Actor) -> list[Target]:
    """Everything a column can be mapped to by this actor, in the order of the object's attributes."""
    found = [
        _target(entity, a)
        for a in entity.attributes.values()
        if importable(entity, a) and access.writable(entity, a, actor, creating=True) and _may(a, actor)
    ]
    if entity.states:
        options = tuple(stage_options(entity))
        known = frozenset(words(w) for w in synonyms.of_attribute(entity.name, STAGE_OR_STATE))
        label = "Stage or state" if board_attribute(entity) else "State"
        found.append(Target(STAGE_OR_STATE, label, STAGE_OR_STATE, words=known, options=options))
    if {"first_name", "last_name"} <= set(entity.attributes) and entity.attributes.get(
        "full_name"
    ) is not None:
        names = _labels(entity.attributes["full_name"].label) | {
            words(w) for w in synonyms.ATTRIBUTES["full_name"]
        }
        names |= _object_words(entity.name)
        found.append(
            Target("full_name", str(entity.attributes["full_name"].label), "text", words=frozenset(names))
        )
    found.append(Target(RECORD_ID, "Record id", "text", words=frozenset({"record id"})))
    found.append(Target(VERSION, "Version", "text", words=frozenset({"record version"})))
    return found


def _may(attribute: Attribute, actor: Actor) -> bool:
    return attribute.name != "created_at" or actor.can("override_created_on")


def _target(entity: Entity, attribute: Attribute) -> Target:
    known = {words(attribute.name.replace("address1_", "")), words(attribute.name)} | _labels(attribute.label)
    known |= {words(w) for w in synonyms.of_attribute(entity.name, attribute.name)}
    weak: set[str] = set()
    if attribute.name == entity.primary:
        known |= _object_words(entity.name) | _labels(entity.label) | {words(entity.name)}
    elif attribute.targets and attribute.type.name in ("lookup", "customer"):
        weak |= _object_words(attribute.targets[0]) | {words(attribute.targets[0])}
    options = tuple(
        {"value": o.value, "label": str(o.label), "color": o.color} for o in attribute.options if o.active
    )
    return Target(
        attribute.name,
        str(attribute.label),
        attribute.type.name,
        attribute.required,
        attribute,
        frozenset(known),
        frozenset(weak - known),
        options,
    )


def _object_words(name: str) -> set[str]:
    return {words(w) for w in synonyms.OBJECTS.get(name, ())}


def _labels(label: Any) -> set[str]:
    found = {words(str(label))}
    for language in LANGUAGES:
        with translation.override(language):
            found.add(words(str(label)))
    return found
