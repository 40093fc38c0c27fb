"""Roles, secured attributes and field security profiles as parts of solutions; people never travel with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_core.exchange.solutions.row_kinds import RowKind
from crm_core.metadata import declaration, field_security, plan_limits, registry, workspace
from crm_core.metadata.customization.components import Definition, Key
from crm_core.metadata.customization.definitions import label_text, only_keys
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Invalid
from crm_core.records import administering, securing, service
from crm_core.security import field_profiles
from crm_core.security.actor import Actor
from crm_core.security.administration import checked_rights, portable_name, require_grantable
from crm_core.security.depth import DEPTH_NAMES, Depth
from crm_core.security.models import FieldSecurityProfile, Role, RoleAssignment

ROLE, SECURED, PROFILE = "role", "secured_attribute", "field_security_profile"
_ROLE_KEYS = {"name", "description", "privileges", "capabilities"}


# roles ------------------------------------------------------------------------------------------------------------------
def portable_role(role: Role) -> str:
    """The name a role has in every workspace."""
    return portable_name(role.key, role.name)


def role_called(name: str) -> Role | None:
    """The role of a portable name; None when this workspace has none."""
    rows = Role.objects.filter(deleted_at=None)
    if name.startswith("@"):
        return rows.filter(key=name[1:]).first()
    return rows.filter(key=None, name=name.removeprefix("=")).order_by("created_at", "pk").first()


def _roles() -> dict[Key, Definition]:
    found: dict[Key, Definition] = {}
    known = registry.current().entities
    for role in Role.objects.filter(deleted_at=None, is_administrator=False).order_by("-created_at", "-pk"):
        depths = {
            name: {privilege: DEPTH_NAMES[Depth(depth)] for privilege, depth in row.items()}
            for name, row in role.privileges.items()
            if name in known or name[:1] in "@*"
        }
        found[Key(ROLE, "", portable_role(role))] = {
            "name": role.name,
            "description": role.description or "",
            "privileges": depths,
            "capabilities": sorted(role.capabilities),
        }
    return found


def _check_role(key: Key, definition: Definition, actor: Actor) -> Definition:
    only_keys(definition, _ROLE_KEYS)
    name = label_text(definition, "name", limit=100)
    description = definition.get("description") or ""
    if not isinstance(description, str) or len(description) > 1000 or "\x00" in description:
        raise Invalid("metadata.help", "At most 1,000 characters.", field="description")
    if key.name.startswith("@"):
        held = role_called(key.name)
        if held is None or held.is_administrator:
            raise Invalid("role.unknown", "There is no such role.", field="name")
    elif name != key.name.removeprefix("="):
        raise Invalid("solution.name", "A role travels under its own name.", field="name")
    privileges, capabilities = checked_rights(definition.get("privileges"), definition.get("capabilities"))
    require_grantable(
        [Role(name=name, privileges=privileges, capabilities=capabilities)], actor, field="privileges"
    )
    return {
        "name": name,
        "description": description,
        "privileges": {
            n: {p: DEPTH_NAMES[Depth(d)] for p, d in row.items()} for n, row in privileges.items()
        },
        "capabilities": capabilities,
    }


def _save_role(key: Key, definition: Definition, actor: Actor) -> None:
    values = {"name": definition["name"], "description": definition["description"] or None}
    entity, held = registry.get("role"), role_called(key.name)
    if held is None:
        pk = service.create(entity, values, actor).id
    else:
        pk = held.pk
        if held.name != definition["name"] or (held.description or "") != definition["description"]:
            service.update(entity, pk, values, actor)
    privileges, capabilities = checked_rights(definition["privileges"], definition["capabilities"])
    administering.replace_rights(pk, privileges, capabilities, actor)


def _remove_role(key: Key, actor: Actor) -> None:
    held = role_called(key.name)
    if held is not None:
        service.delete(registry.get("role"), held.pk, actor)


def _role_uses(key: Key) -> list[dict[str, Any]]:
    held = role_called(key.name)
    count = RoleAssignment.objects.filter(role=held).count() if held else 0
    return [{"kind": "role_holders", "label": held.name, "count": count}] if held and count else []


# secured attributes -----------------------------------------------------------------------------------------------------
def _declared_secured(path: str) -> bool:
    owner, _dot, name = path.partition(".")
    entity = declaration.declared().get(owner)
    return bool(entity and name in entity.attributes and entity.attributes[name].secured)


def _secured() -> dict[Key, Definition]:
    known = registry.current().entities
    chosen = field_security.choices(workspace.current().settings)
    return {
        Key(SECURED, *path.split(".", 1)): {"secured": secured}
        for path, secured in chosen
        if secured != _declared_secured(path) and _is_known(path, known)
    }


def _is_known(path: str, known: Mapping[str, Entity]) -> bool:
    owner, _dot, name = path.partition(".")
    return owner in known and name in known[owner].attributes


def _check_secured(key: Key, definition: Definition, actor: Actor) -> Definition:
    only_keys(definition, {"secured"})
    if not isinstance(definition.get("secured"), bool):
        raise Invalid("value.wrong_type", "True or false is needed.", field="secured")
    entity, attribute = field_profiles.secured_path(path := f"{key.object}.{key.name}")
    if definition["secured"] and not field_security.is_secured(entity, attribute):
        plan_limits.require_field_security(path)
    return definition


def _save_secured(key: Key, definition: Definition, actor: Actor) -> None:
    securing.secure({f"{key.object}.{key.name}": definition["secured"]}, actor)


def _remove_secured(key: Key, actor: Actor) -> None:
    securing.forget_choice(f"{key.object}.{key.name}", actor)


# profiles ---------------------------------------------------------------------------------------------------------------
def _profiles() -> dict[Key, Definition]:
    known = registry.current().entities
    return {
        Key(PROFILE, "", row.name): {"rights": {p: r for p, r in row.rights.items() if _is_known(p, known)}}
        for row in FieldSecurityProfile.objects.order_by("name")
    }


def _check_profile(key: Key, definition: Definition, actor: Actor) -> Definition:
    only_keys(definition, {"rights"})
    if not FieldSecurityProfile.objects.filter(name=key.name).exists():
        plan_limits.require_field_security()
    return {"rights": field_profiles.checked_rights(key.name, definition.get("rights"), actor)}


def _save_profile(key: Key, definition: Definition, actor: Actor) -> None:
    held = FieldSecurityProfile.objects.filter(name=key.name).first()
    if held is None:
        securing.create_profile({"name": key.name, "rights": definition["rights"]}, actor)
    else:
        securing.change_profile(held.pk, {"rights": definition["rights"]}, actor)


def _remove_profile(key: Key, actor: Actor) -> None:
    held = FieldSecurityProfile.objects.filter(name=key.name).first()
    if held is not None:
        securing.delete_profile(held.pk, actor)


def _profile_uses(key: Key) -> list[dict[str, Any]]:
    held = FieldSecurityProfile.objects.filter(name=key.name).first()
    count = held.members.count() if held else 0
    return [{"kind": "profile_members", "label": key.name, "count": count}] if count else []


def _lets_go(_key: Key) -> bool:
    """Rights to what is gone are worth nothing and do no harm."""
    return False


KINDS = (
    RowKind(
        ROLE, "manage_roles", _roles, lambda _key, d: str(d["name"]), _check_role, _save_role, _remove_role, _role_uses,
        lambda _key, d: d.get("privileges"), _lets_go,
    ),
    RowKind(
        SECURED, "manage_roles", _secured, lambda key, _d: key.name, _check_secured, _save_secured, _remove_secured,
        lambda _key: [], lambda key, _d: key.name, _lets_go,
    ),
    RowKind(
        PROFILE, "manage_roles", _profiles, lambda key, _d: key.name, _check_profile, _save_profile, _remove_profile,
        _profile_uses, lambda _key, d: d.get("rights"), _lets_go,
    ),
)  # fmt: skip
