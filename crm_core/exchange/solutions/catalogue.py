"""All components of the workspace, whatever their kind, under names that mean the same in every workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_core.exchange.solutions.rights import ROLE, portable_role, role_called
from crm_core.exchange.solutions.row_kinds import row_kinds
from crm_core.metadata import registry
from crm_core.metadata.customization import publishing
from crm_core.metadata.customization.carrying import without_lost_names
from crm_core.metadata.customization.components import BODY_KINDS, Definition, Key, Names, components
from crm_core.metadata.entity import Entity
from crm_core.metadata.types.reference import as_uuid
from crm_core.security.models import Role

ROLE_FORM = "role:"
#: documents called by the field they are about; without it they are without effect
ABOUT_A_FIELD = ("override", "behaviour", "reasons")


def definitions() -> dict[Key, Definition]:
    """Every component of the workspace with its definition."""
    entities = registry.current().entities
    roles = {str(r.pk): portable_role(r) for r in Role.objects.filter(deleted_at=None)}
    found: dict[Key, Definition] = {}
    for key, definition in components(publishing.published()[1]).items():
        if key.object and key.object not in entities:
            continue
        if key.kind in ABOUT_A_FIELD and key.name not in entities[key.object].attributes:
            continue
        if key.kind == "form" and as_uuid(key.name):
            if key.name not in roles:
                continue
            key = key._replace(name=f"{ROLE_FORM}{roles[key.name]}")
        found[key] = without_lost_names(key, definition, entities.get(key.object))
    for kind in row_kinds().values():
        found.update(kind.read())
    return found


def local(key: Key) -> Key:
    """The component's name in this workspace's own body: forms of roles go by the role's id here."""
    if key.kind == "form" and key.name.startswith(ROLE_FORM):
        role = role_called(key.name.removeprefix(ROLE_FORM))
        return key._replace(name=str(role.pk)) if role else key
    return key


def is_known_kind(kind: str) -> bool:
    return kind in BODY_KINDS or kind in row_kinds()


def needs(key: Key, definition: Any, names: Names, known: Mapping[Key, Any]) -> tuple[set[Key], set[str]]:
    """What a component refers to: components, and names nobody has."""
    kind = row_kinds().get(key.kind)
    found, unknown = names.behind(key, kind.refers(key, definition) if kind else definition)
    if key.kind == "form" and key.name.startswith(ROLE_FORM):
        role = Key(ROLE, "", key.name.removeprefix(ROLE_FORM))
        if role in known:
            found.add(role)
        else:
            unknown.add(role.name)
    secured = Key("secured_attribute", key.object, key.name)
    if key.kind == "attribute" and secured in known:
        found.add(secured)  # who takes a secured field along takes along that it is secured
    return found, unknown


def label_of(key: Key, definition: Any, entities: Mapping[str, Entity]) -> str:
    """What people call a component."""
    kind = row_kinds().get(key.kind)
    entity = entities.get(key.object)
    if (
        key.kind in (*ABOUT_A_FIELD, "secured_attribute")
        and entity is not None
        and key.name in entity.attributes
    ):
        return str(entity.attributes[key.name].label)
    try:
        label = kind.label(key, definition) if kind else definition.get("label")
    except (KeyError, AttributeError, TypeError):
        label = None
    return str(label or key.name)[:200]


def as_json(key: Key, definition: Any, entities: Mapping[str, Entity]) -> dict[str, Any]:
    """A component as clients see it."""
    entity = entities.get(key.object)
    return {
        **key.as_json(),
        "label": label_of(key, definition, entities),
        "object_label": str(entity.label) if entity else None,
    }


def described() -> list[dict[str, Any]]:
    """All components with what each needs, for picking."""
    found = definitions()
    names, entities = Names(found), registry.current().entities
    return [
        {**as_json(key, d, entities), "needs": [k.as_json() for k in sorted(needs(key, d, names, found)[0])]}
        for key, d in sorted(found.items())
    ]
