"""Field security: which attributes are secured, and the profiles that open them to people and teams (PLT-41)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm_core.metadata import field_security, registry, workspace
from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, Malformed, NotFound
from crm_core.metadata.models import Organization
from crm_core.metadata.types.reference import as_uuid
from crm_core.metadata.types.text import clean_text
from crm_core.security import access
from crm_core.security.actor import Actor
from crm_core.security.models import FieldSecurityProfile, Principal

RIGHTS = ("read", "create", "update")
MAX_PROFILES = 100
MAX_MEMBERS = 500


def attributes_json() -> list[dict[str, Any]]:
    """Per object its attributes that can be secured, and whether they are."""
    found, entities = [], registry.current().entities
    for entity in registry.all():
        if entity.internal or entity.group == "administration":
            continue
        rows = [
            {
                "name": a.name,
                "label": str(a.label),
                "type": a.type.name,
                "secured": field_security.is_secured(entity, a),
                "hidden_with": [
                    f"{entities[o].label}: {entities[o].attributes[n].label}"
                    for o, n in a.guards
                    if (o, n) != (entity.name, a.name)
                ],
            }
            for a in entity.attributes.values()
            if field_security.can_be_secured(entity, a, entities)
        ]
        found.append({"name": entity.name, "label": str(entity.label_plural), "attributes": rows})
    return found


def profiles_json() -> list[dict[str, Any]]:
    """All profiles with their members."""
    rows = FieldSecurityProfile.objects.prefetch_related("members").order_by("name")
    return [profile_json(row) for row in rows]


def profile_json(row: FieldSecurityProfile) -> dict[str, Any]:
    members = sorted(row.members.all(), key=lambda p: p.name)
    return {
        "id": str(row.pk),
        "name": row.name,
        "rights": row.rights,
        "members": [{"object": p.kind, "id": str(p.pk), "name": p.name} for p in members],
    }


def secured_path(path: Any) -> tuple[Entity, Attribute]:
    """The object and attribute of `object.attribute`. Raises Malformed, NotFound, Invalid `field_security.never`."""
    if not isinstance(path, str) or path.count(".") != 1:
        raise Malformed("attribute.unknown", "Name object and attribute.", field=str(path)[:100])
    object_name, name = path.split(".")
    entity = registry.get(object_name)
    attribute = entity.attribute(name, field_path=path)
    never = not field_security.can_be_secured(entity, attribute, registry.current().entities)
    if never and not field_security.is_secured(entity, attribute):  # what was secured before can be opened
        raise Invalid("field_security.never", f"{attribute.label} cannot be secured.", field=path)
    return entity, attribute


@transaction.atomic
def set_secured(choices: Mapping[str, Any]) -> dict[str, list[bool]]:
    """Secure or open attributes; returns what changed as {`object.attribute`: [before, after]}. Takes effect at once.

    Raises Malformed and Invalid for attributes that are unknown or cannot be secured.
    """
    changed: dict[str, list[bool]] = {}
    for path, secured in choices.items():
        if not isinstance(secured, bool):
            raise Malformed("request.malformed", "true or false is needed.", field=str(path)[:100])
        entity, attribute = secured_path(path)
        before = field_security.is_secured(entity, attribute)
        if before != secured:
            changed[path] = [before, secured]
    row = Organization.objects.select_for_update().get(pk=1)
    kept = row.settings.get(field_security.SETTING) or {}
    row.settings[field_security.SETTING] = {**kept, **{path: new for path, (_old, new) in changed.items()}}
    row.save(update_fields=["settings"])
    workspace.bump("security_version")
    return changed


@transaction.atomic
def forget_choice(path: str) -> None:
    """Leave an attribute as it was delivered, also one that is gone. Takes effect at once."""
    row = Organization.objects.select_for_update().get(pk=1)
    kept = {k: v for k, v in (row.settings.get(field_security.SETTING) or {}).items() if k != path}
    row.settings[field_security.SETTING] = kept
    row.save(update_fields=["settings"])
    workspace.bump("security_version")


@transaction.atomic
def create(values: Mapping[str, Any], actor: Actor) -> FieldSecurityProfile:
    """A new profile. Raises Invalid, Malformed, Conflict, Forbidden `privilege.not_held`."""
    if FieldSecurityProfile.objects.count() >= MAX_PROFILES:
        raise Conflict("field_security.too_many", f"At most {MAX_PROFILES} profiles.")
    return _filled(FieldSecurityProfile(), {"name": None, **values}, actor)


@transaction.atomic
def update(profile_id: uuid.UUID, values: Mapping[str, Any], actor: Actor) -> FieldSecurityProfile:
    """Change name, rights or members of a profile. Raises NotFound and what `create` raises."""
    return _filled(find(profile_id, lock=True), values, actor)


@transaction.atomic
def delete(profile_id: uuid.UUID) -> FieldSecurityProfile:
    """Remove a profile; its members lose what it gave at once. Returns it as it was. Raises NotFound."""
    row = find(profile_id, lock=True)
    FieldSecurityProfile.objects.filter(pk=row.pk).delete()
    workspace.bump("security_version")
    return row


def find(profile_id: uuid.UUID, *, lock: bool = False) -> FieldSecurityProfile:
    rows = FieldSecurityProfile.objects.select_for_update() if lock else FieldSecurityProfile.objects.all()
    row = rows.filter(pk=profile_id).first()
    if row is None:
        raise NotFound("field_security.unknown", "There is no such profile.")
    return row


def checked_rights(name: str, rights: Any, actor: Actor) -> dict[str, list[str]]:
    """The rights a profile called `name` may get from `actor`, cleaned. Raises Invalid, Malformed, NotFound, Forbidden."""
    row = FieldSecurityProfile.objects.filter(name=name).first() or FieldSecurityProfile()
    row.name = _name(row, name)
    if row.name != name:
        raise Invalid("field_security.name", "A name of 1 to 100 characters is needed.", field="name")
    return _rights(row, rights, actor)


def _filled(row: FieldSecurityProfile, values: Mapping[str, Any], actor: Actor) -> FieldSecurityProfile:
    if "name" in values:
        row.name = _name(row, values["name"])
    if "rights" in values:
        row.rights = _rights(row, values["rights"], actor)
    row.save()
    if "members" in values:
        row.members.set(_members(values["members"]))
    workspace.bump("security_version")
    return row


def _name(row: FieldSecurityProfile, value: Any) -> str:
    try:
        name = " ".join(clean_text(value).split()) if isinstance(value, str) else ""
    except ValueError:
        name = ""
    if not 1 <= len(name) <= 100:
        raise Invalid("field_security.name", "A name of 1 to 100 characters is needed.", field="name")
    if FieldSecurityProfile.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
        raise Conflict("value.not_unique", "There is a profile of this name already.", field="name")
    return name


def _rights(row: FieldSecurityProfile, value: Any, actor: Actor) -> dict[str, list[str]]:
    if not isinstance(value, Mapping):
        raise Malformed("request.malformed", "Rights are an object.", field="rights")
    found: dict[str, list[str]] = {}
    for path, rights in value.items():
        entity, attribute = secured_path(path)
        if not isinstance(rights, list) or any(r not in RIGHTS for r in rights):
            raise Invalid(
                "field_security.right", "Rights are read, create and update.", field=f"rights.{path}"
            )
        held = row.rights.get(path, [])
        for right in rights:
            if right not in held and not access.has_field_right(entity, attribute, actor, right):
                raise Forbidden(
                    "privilege.not_held",
                    "You cannot grant more than you have yourself.",
                    field=f"rights.{path}",
                )
        if rights:
            found[path] = [r for r in RIGHTS if r in rights]
    return found


def _members(value: Any) -> list[Principal]:
    ids = (
        [as_uuid(v.get("id") if isinstance(v, Mapping) else v) for v in value]
        if isinstance(value, list)
        else [None]
    )
    if None in ids or len(ids) > MAX_MEMBERS:
        raise Malformed(
            "request.malformed", f"Members are at most {MAX_MEMBERS} users and teams.", field="members"
        )
    found = {p.pk: p for p in Principal.objects.filter(pk__in=[i for i in ids if i])}
    if len(found) != len(set(ids)):
        raise Invalid("lookup.does_not_exist", "There is no such user or team.", field="members")
    return list(found.values())
