"""Changing roles, role holders and team members, with the limits of PLT-40: nobody grants what he lacks, one administrator stays."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from crm_core.metadata import registry, workspace
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Conflict, Forbidden, Invalid, NotFound
from crm_core.security.actor import Actor
from crm_core.security.depth import (
    CAPABILITIES,
    DEPTH_BY_NAME,
    DEPTH_NAMES,
    PRIVILEGES,
    Depth,
    depths_for,
    meaning,
)
from crm_core.security.models import Principal, Role, RoleAssignment, SystemUser, Team, TeamMember
from crm_core.security.services import belonging, people
from tenants.identity.models import User

ACCESS_TEAM = 2


def portable_name(key: str | None, name: str) -> str:
    """What a role is called in every workspace: delivered ones by their key (`@sales_manager`), own ones by their name."""
    return f"@{key}" if key else f"={name}" if name[:1] in "@=" else name


def role(role_id: uuid.UUID) -> Role:
    """Raises NotFound `role.unknown`."""
    found = Role.objects.filter(pk=role_id, deleted_at=None).first()
    if found is None:
        raise NotFound("role.unknown", "There is no such role.")
    return found


def privileges_json(found: Role, entities: Sequence[Entity]) -> dict[str, Any]:
    """The matrix of a role: per object and privilege its depth by name."""
    probe = Actor(user_id=None, is_administrator=found.is_administrator, depths=found.privileges)
    return {
        "role": {
            "id": str(found.pk),
            "name": found.name,
            "description": found.description,
            "is_administrator": found.is_administrator,
            "delivered": bool(found.key),
            "business_unit": _unit_of(found),
        },
        "privileges": list(PRIVILEGES),
        "depths": list(DEPTH_BY_NAME),
        "objects": [
            {
                "name": e.name,
                "label": str(e.label_plural),
                "group": e.group,
                "ownership": e.ownership,
                "choices": [DEPTH_NAMES[d] for d in depths_for(e.ownership)],
                "depths": {p: DEPTH_NAMES[probe.depth(e, p)] for p in PRIVILEGES},
            }
            for e in entities
        ],
        "capabilities": [
            {"name": c, "granted": found.is_administrator or c in found.capabilities} for c in CAPABILITIES
        ],
    }


def _unit_of(found: Role) -> dict[str, Any] | None:
    unit = found.business_unit
    return None if unit is None else {"object": "business_unit", "id": str(unit.pk), "name": unit.name}


@transaction.atomic
def set_privileges(
    role_id: uuid.UUID, body: Mapping[str, Any], entities: Mapping[str, Entity], actor: Actor
) -> Role:
    """Replace depths of the objects named and, when given, the capabilities.

    Raises Conflict `role.administrator_fixed`, Invalid for unknown names, Forbidden `privilege.not_held`.
    """
    found = role(role_id)
    if found.is_administrator:
        raise Conflict("role.administrator_fixed", "The administrator role has every privilege.")
    given = body.get("privileges") or {}
    if not isinstance(given, Mapping):
        raise Invalid("role.privileges", "Privileges are an object.", field="privileges")
    probe = Actor(user_id=None, depths=found.privileges)
    for name, depths in given.items():
        entity = entities.get(name)
        if entity is None or not isinstance(depths, Mapping):
            raise Invalid("object.unknown", "There is no such object.", field=f"privileges.{name}")
        full = {p: int(probe.depth(entity, p)) for p in PRIVILEGES}
        for privilege, depth_name in depths.items():
            full[privilege] = int(_depth(entity, privilege, depth_name, actor))
        found.privileges[name] = full
    if "capabilities" in body:
        found.capabilities = _capabilities(body["capabilities"], actor)
    found.version += 1
    found.save(update_fields=["privileges", "capabilities", "version"])
    workspace.bump("security_version")
    return found


def checked_rights(privileges: Any, capabilities: Any) -> tuple[dict[str, dict[str, int]], list[str]]:
    """All rights of a role given by names, as they are kept: also those of groups (`@sales`) and the general ones (`*`).

    Whether the actor may grant them is `require_grantable`. Raises Invalid for unknown names.
    """
    if not isinstance(privileges, Mapping):
        raise Invalid("role.privileges", "Privileges are an object.", field="privileges")
    entities = registry.current().entities
    names = {*entities, "*", *(f"@{e.group}" for e in entities.values())}
    found: dict[str, dict[str, int]] = {}
    for name, depths in privileges.items():
        # groups without an object yet are written in delivered roles
        if (name not in names and not re.fullmatch(r"@[a-z_]{1,40}", name)) or not isinstance(
            depths, Mapping
        ):
            raise Invalid("object.unknown", "There is no such object.", field=f"privileges.{str(name)[:100]}")
        for privilege, depth in depths.items():
            if privilege not in PRIVILEGES or not isinstance(depth, str) or depth not in DEPTH_BY_NAME:
                raise Invalid("role.unknown_depth", "Unknown privilege or depth.", field=f"privileges.{name}")
        found[name] = {p: int(DEPTH_BY_NAME[d]) for p, d in depths.items()}
    if not isinstance(capabilities, list) or any(c not in CAPABILITIES for c in capabilities):
        raise Invalid("role.unknown_capability", "Unknown capability.", field="capabilities")
    return found, sorted(set(capabilities))


@transaction.atomic
def replace_rights(
    role_id: uuid.UUID, privileges: dict[str, dict[str, int]], capabilities: list[str], actor: Actor
) -> Role:
    """Give a role exactly these rights, as `checked_rights` returns them.

    Raises NotFound, Conflict `role.administrator_fixed`, Forbidden `privilege.not_held`.
    """
    found = role(role_id)
    if found.is_administrator:
        raise Conflict("role.administrator_fixed", "The administrator role has every privilege.")
    found.privileges, found.capabilities = privileges, capabilities
    require_grantable([found], actor)
    found.version += 1
    found.save(update_fields=["privileges", "capabilities", "version"])
    workspace.bump("security_version")
    return found


def _depth(entity: Entity, privilege: Any, depth_name: Any, actor: Actor) -> Depth:
    path = f"privileges.{entity.name}.{privilege}"
    if privilege not in PRIVILEGES or not isinstance(depth_name, str) or depth_name not in DEPTH_BY_NAME:
        raise Invalid("role.unknown_depth", "Unknown privilege or depth.", field=path)
    depth = meaning(entity.ownership, DEPTH_BY_NAME[depth_name])
    if depth > actor.depth(entity, privilege):
        raise Forbidden("privilege.not_held", "You cannot grant more than you have yourself.", field=path)
    return depth


def _capabilities(value: Any, actor: Actor) -> list[str]:
    if not isinstance(value, list) or any(c not in CAPABILITIES for c in value):
        raise Invalid("role.unknown_capability", "Unknown capability.", field="capabilities")
    for capability in value:
        if not actor.can(capability):
            raise Forbidden(
                "privilege.not_held", "You cannot grant more than you have yourself.", field="capabilities"
            )
    return sorted(set(value))


def roles_of(principal_id: uuid.UUID) -> list[dict[str, Any]]:
    """Roles a user or team holds itself. Raises NotFound."""
    if not Principal.objects.filter(pk=principal_id).exists():
        raise NotFound()
    rows = RoleAssignment.objects.filter(principal_id=principal_id, role__deleted_at=None).select_related(
        "role"
    )
    return [
        {"id": str(r.role_id), "name": r.role.name, "is_administrator": r.role.is_administrator}
        for r in rows.order_by("role__name")
    ]


def assignments() -> list[tuple[uuid.UUID, Principal]]:
    """Who holds which role himself, as (role id, user or team) by name; those of deleted roles are left out."""
    rows = RoleAssignment.objects.filter(role__deleted_at=None).select_related("principal")
    return [(row.role_id, row.principal) for row in rows.order_by("principal__name", "pk")]


def everything() -> tuple[dict[str, dict[str, int]], list[str]]:
    """All rights there are, written out as a role carries them: custom objects are implied by nothing."""
    full = dict.fromkeys(PRIVILEGES, int(Depth.ORGANISATION))
    return {"*": full, **{e.name: full for e in registry.all() if e.custom}}, sorted(CAPABILITIES)


def require_grantable(roles: Iterable[Role], actor: Actor, *, field: str = "roles") -> None:
    """PLT-40 Limits: nobody grants a privilege he lacks. Raises Forbidden `privilege.not_held` naming the first one."""
    if actor.is_administrator:
        return
    for found in roles:
        if found.is_administrator:
            raise Forbidden("privilege.not_held", "Only administrators appoint administrators.", field=field)
        probe = Actor(user_id=None, depths=found.privileges)
        excess = next(
            (
                f"{entity.name}.{privilege}"
                for entity in registry.all()
                for privilege in PRIVILEGES
                if probe.depth(entity, privilege) > actor.depth(entity, privilege)
            ),
            None,
        ) or next((c for c in found.capabilities if not actor.can(c)), None)
        if excess is not None:
            raise Forbidden(
                "privilege.not_held",
                "You cannot grant more than you have yourself.",
                field=field,
                details={"role": found.name, "privilege": excess},
            )


@transaction.atomic
def set_roles(user_id: uuid.UUID, role_ids: Sequence[uuid.UUID], actor: Actor) -> None:
    """Give a user or team exactly these roles.

    Raises NotFound, Forbidden `privilege.not_held`, Conflict `user.last_admin`, `role.other_unit`, or `team.no_roles` for access teams.
    """
    principal = Principal.objects.select_for_update().filter(pk=user_id).first()
    if principal is None:
        raise NotFound()
    wanted = {i: role(i) for i in role_ids}
    belonging.require_usable(wanted.values(), principal.business_unit_id)
    held = set(RoleAssignment.objects.filter(principal=principal).values_list("role_id", flat=True))
    require_grantable([r for i, r in wanted.items() if i not in held], actor)
    if wanted and principal.kind == "team" and principal.team.kind == ACCESS_TEAM:
        raise Conflict(
            "team.no_roles", "Access teams only receive shares; they hold no roles.", field="roles"
        )
    loses = (
        RoleAssignment.objects.filter(principal=principal, role__is_administrator=True)
        .exclude(role_id__in=wanted)
        .exists()
    )
    keeps = any(r.is_administrator for r in wanted.values())
    if keeps and SystemUser.objects.filter(pk=user_id, login__licence=User.Licence.READ_ONLY).exists():
        raise Conflict(
            "licence.administrator", "Administrators take a full seat. Give a full one first.", field="roles"
        )
    if loses and not keeps and principal.is_active and people.administrators() <= 1:
        raise Conflict("user.last_admin", "The last administrator keeps the role.", field="roles")
    RoleAssignment.objects.filter(principal=principal).exclude(role_id__in=wanted).delete()
    for found in wanted.values():
        RoleAssignment.objects.get_or_create(role=found, principal=principal)
    people.sync_login(user_id)
    workspace.bump("security_version")


def set_user_active(user: SystemUser, *, active: bool, actor: Actor) -> None:
    """Disable or enable a person. Raises Conflict `user.last_admin`, Forbidden for oneself."""
    if not active and user.pk == actor.user_id:
        raise Forbidden("user.yourself", "You cannot disable yourself.")
    (people.enable_user if active else people.disable_user)(user)


def seats_used(licence: str = User.Licence.FULL) -> int:
    """Active people with a login that takes this kind of seat."""
    return SystemUser.objects.filter(
        state="active", login__licence=licence, login__is_active=True, deleted_at=None
    ).count()


def licences() -> dict[uuid.UUID, str]:
    """The kind of seat of everybody who has a login."""
    rows = SystemUser.objects.filter(login__isnull=False, deleted_at=None)
    return dict(rows.values_list("pk", "login__licence"))


def set_licence(user: SystemUser, licence: str) -> None:
    """Give another kind of seat; the caller has found room. Raises Conflict `licence.administrator`."""
    if licence != User.Licence.FULL and user.login is not None and user.login.is_admin:
        raise Conflict(
            "licence.administrator",
            "Administrators take a full seat. Take the role away first.",
            field="licence",
        )
    User.objects.filter(pk=user.login_id).update(licence=licence)
    workspace.bump("security_version")


def members_of(team_id: uuid.UUID) -> list[dict[str, Any]]:
    """The team's users. Raises NotFound."""
    if not Team.objects.filter(pk=team_id, deleted_at=None).exists():
        raise NotFound()
    rows = TeamMember.objects.filter(team_id=team_id).select_related("user").order_by("user__full_name")
    return [{"object": "user", "id": str(m.user_id), "name": m.user.full_name} for m in rows]


@transaction.atomic
def set_members(team_id: uuid.UUID, user_ids: Sequence[uuid.UUID], actor: Actor) -> None:
    """Make exactly these users members of a team. Raises NotFound, Forbidden `privilege.not_held`: members get its roles."""
    if not Team.objects.filter(pk=team_id, deleted_at=None).exists():
        raise NotFound()
    known = set(SystemUser.objects.filter(pk__in=user_ids, deleted_at=None).values_list("pk", flat=True))
    if missing := set(user_ids) - known:
        raise Invalid(
            "lookup.does_not_exist",
            "There is no such user.",
            field="members",
            details={"id": str(sorted(missing)[0])},
        )
    before = set(TeamMember.objects.filter(team_id=team_id).values_list("user_id", flat=True))
    if known - before:
        assigned = Role.objects.filter(assignments__principal_id=team_id, deleted_at=None)
        require_grantable(assigned, actor, field="members")
    TeamMember.objects.filter(team_id=team_id).exclude(user_id__in=known).delete()
    TeamMember.objects.bulk_create(
        [TeamMember(team_id=team_id, user_id=i) for i in known], ignore_conflicts=True
    )
    workspace.bump("security_version")
