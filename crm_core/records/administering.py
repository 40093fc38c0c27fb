"""Acts of administration over people and roles: the right to, the seat, the change, and its entry in the audit (PLT-41).

`security.services.administration` does the changing and knows no audit; whoever administers goes through here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm_core.metadata import registry
from crm_core.metadata.customization import locks
from crm_core.metadata.errors import Conflict, Forbidden, Malformed, NotFound
from crm_core.metadata.models import Organization
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import audit, reassigning, service
from crm_core.records.models import Job
from crm_core.records.query.filters import base_rows
from crm_core.security import administration
from crm_core.security.actor import Actor
from crm_core.security.models import Principal, Role, SystemUser
from tenants.context import current_tenant
from tenants.entitlements import limit, require_room

#: Kind of seat → the limit it counts against (ASP-1 licence kinds).
SEAT_LIMITS = {"full": "users", "read_only": "read_only_users"}


@transaction.atomic
def change_privileges(role_id: uuid.UUID, body: Mapping[str, Any], actor: Actor) -> Role:
    """Change `privileges` and `capabilities` of a role.

    Raises Forbidden without manage_roles, and what `administration.set_privileges` raises.
    """
    actor.require("manage_roles")
    before = administration.role(role_id)
    locks.refuse("role", None, administration.portable_name(before.key, before.name))
    held = {"privileges": before.privileges, "capabilities": before.capabilities}
    entities = {e.name: e for e in registry.all() if not e.internal}
    role = administration.set_privileges(role_id, dict(body), entities, actor)
    audit.note(actor, "role", "rights", _differences(held, role), role.pk)
    return role


@transaction.atomic
def replace_rights(
    role_id: uuid.UUID, privileges: dict[str, dict[str, int]], capabilities: list[str], actor: Actor
) -> Role:
    """Give a role exactly these rights, as a solution brings them.

    Raises Forbidden without manage_roles, and what `administration.replace_rights` raises.
    """
    actor.require("manage_roles")
    before = administration.role(role_id)
    held = {"privileges": before.privileges, "capabilities": before.capabilities}
    if held == {"privileges": privileges, "capabilities": capabilities}:
        return before
    role = administration.replace_rights(role_id, privileges, capabilities, actor)
    audit.note(actor, "role", "rights", _differences(held, role), role.pk)
    return role


@transaction.atomic
def copy_role(role_id: uuid.UUID, name: Any, actor: Actor) -> uuid.UUID:
    """A role of another name with the same rights (PLT-40 Inheritance: copying); of the administrator's, all there are.

    Raises Forbidden without manage_roles or with rights the actor lacks, NotFound, Invalid for the name.
    """
    actor.require("manage_roles")
    source = administration.role(role_id)
    unit = source.business_unit_id
    values = {"name": name, "description": source.description, "business_unit": str(unit) if unit else None}
    copy_id = service.create(registry.get("role"), values, actor).id
    if source.is_administrator:
        privileges, capabilities = administration.everything()
    else:
        privileges, capabilities = source.privileges, source.capabilities
    replace_rights(copy_id, privileges, capabilities, actor)
    return copy_id


def role_assignments(actor: Actor) -> list[dict[str, Any]]:
    """Who holds which role, of the users and teams the actor may read. Raises Forbidden without manage_users or manage_roles."""
    if not actor.can("manage_roles"):
        actor.require("manage_users")
    known = {
        pk
        for name in ("user", "team")
        for pk in base_rows(registry.get(name), actor).values_list("pk", flat=True)
    }
    return [
        {"role": str(role_id), "principal": {"object": who.kind, "id": str(who.pk), "name": who.name}}
        for role_id, who in administration.assignments()
        if who.pk in known
    ]


def _differences(held: Mapping[str, Any], role: Role) -> dict[str, Any]:
    """What of a role's rights changed, per object, as {object: [before, after]}."""
    found: dict[str, Any] = {}
    for name in sorted({*held["privileges"], *role.privileges}):
        old, new = held["privileges"].get(name), role.privileges.get(name)
        if old != new:
            found[name] = [old, new]
    if held["capabilities"] != role.capabilities:
        found["capabilities"] = [held["capabilities"], role.capabilities]
    return found


def _ids(raw: Any, most: int, field: str) -> list[uuid.UUID]:
    if not isinstance(raw, list) or len(raw) > most:
        raise Malformed("request.malformed", f"{field} is a list of at most {most} ids.", field=field)
    found = [as_uuid(item) for item in raw]
    if None in found:
        raise NotFound()
    return [item for item in found if item is not None]


@transaction.atomic
def change_roles(kind: str, principal_id: uuid.UUID, roles: Any, actor: Actor) -> None:
    """Give a user or team (`kind`) exactly these roles, a list of at most 50 ids.

    Raises Forbidden without manage_users, Malformed, NotFound, and what `administration.set_roles` raises.
    """
    actor.require("manage_users")
    role_ids = _ids(roles, 50, "roles")
    before = [r["name"] for r in administration.roles_of(principal_id)]
    administration.set_roles(principal_id, role_ids, actor)
    after = [r["name"] for r in administration.roles_of(principal_id)]
    if before != after:
        audit.note(actor, kind, "roles", {"roles": [before, after]}, principal_id)


def note_taken(actor: Actor, principal: Principal, before: list[str], after: list[str]) -> None:
    """Keep in the audit that somebody lost the roles of a unit he left."""
    audit.note(actor, principal.kind, "roles", {"roles": [before, after]}, principal.pk)


@transaction.atomic
def change_members(team_id: uuid.UUID, members: Any, actor: Actor) -> None:
    """Make exactly these users the members of a team, a list of at most 500 ids.

    Raises Forbidden without manage_users, Malformed, NotFound, and what `administration.set_members` raises.
    """
    actor.require("manage_users")
    user_ids = _ids(members, 500, "members")
    before = [m["name"] for m in administration.members_of(team_id)]
    administration.set_members(team_id, user_ids, actor)
    after = [m["name"] for m in administration.members_of(team_id)]
    if before != after:
        audit.note(actor, "team", "members", {"members": [before, after]}, team_id)


@transaction.atomic
def set_active(user_id: uuid.UUID, active: bool, actor: Actor, *, heir: Any = None) -> Job | None:
    """Enable or disable a user; a person who logs in takes a seat again, a disabled one's records may go to `heir` (CUS-12).

    All of it or nothing. Returns the job that gives the records away, if any. Raises Forbidden without manage_users,
    NotFound, TenantRefusal 402 `plan.seats`, and what `administration.set_user_active` and `reassign` raise.
    """
    actor.require("manage_users")
    rows = SystemUser.objects.select_related("principal", "login")
    user = rows.filter(pk=user_id, deleted_at=None).first()
    if user is None:
        raise NotFound()
    if active and user.login and not user.principal.is_active:
        _require_seat(user.login.licence)
    was = user.state
    administration.set_user_active(user, active=active, actor=actor)
    now = "active" if active else "inactive"
    if was != now:
        audit.note(actor, "user", "enable" if active else "disable", {"state": [was, now]}, user.pk)
    return reassign(user_id, heir, actor) if heir is not None else None


def _require_seat(licence: str) -> None:
    """Raise TenantRefusal 402 `plan.seats` when no seat of this kind is free.

    Everybody who takes a seat waits here, so that two cannot take the last one (SAAS.md C2).
    """
    Organization.objects.select_for_update().get(pk=1)
    require_room(current_tenant(), SEAT_LIMITS[licence], administration.seats_used(licence) + 1)


def licences(actor: Actor) -> dict[str, Any]:
    """Who takes which kind of seat, and how many there are. Raises Forbidden without manage_users."""
    actor.require("manage_users")
    tenant = current_tenant()
    seats = {
        kind: {"used": administration.seats_used(kind), "limit": limit(tenant, name)}
        for kind, name in SEAT_LIMITS.items()
    }
    return {"seats": seats, "users": {str(pk): kind for pk, kind in administration.licences().items()}}


@transaction.atomic
def change_licence(user_id: uuid.UUID, licence: Any, actor: Actor) -> None:
    """Give a user another kind of seat: `full` or `read_only`; it counts from the next request on.

    Raises Forbidden without manage_users or for oneself, Malformed, NotFound, Conflict `licence.no_login`,
    `licence.administrator`, TenantRefusal 402 `plan.seats`.
    """
    actor.require("manage_users")
    if not isinstance(licence, str) or licence not in SEAT_LIMITS:
        raise Malformed("licence.unknown", "A licence is full or read_only.", field="licence")
    user = SystemUser.objects.select_related("login").filter(pk=user_id, deleted_at=None).first()
    if user is None:
        raise NotFound()
    if user.pk == actor.user_id:
        raise Forbidden("user.yourself", "You cannot change your own licence.")
    if user.login is None:
        raise Conflict("licence.no_login", "Only people who log in take a seat.")
    before = user.login.licence
    if licence == before:
        return
    if user.login.is_active:
        _require_seat(licence)
    administration.set_licence(user, licence)
    audit.note(actor, "user", "licence", {"licence": [before, licence]}, user.pk)


@transaction.atomic
def reassign(owner_id: uuid.UUID, new_owner: Any, actor: Actor) -> Job:
    """Give away everything a user or team owns, see `reassigning.reassign_all`."""
    job = reassigning.reassign_all(owner_id, new_owner, actor)
    job.refresh_from_db()
    kind = Principal.objects.values_list("kind", flat=True).get(pk=owner_id)
    audit.note(actor, kind, "reassign", {"owned": [job.total, job.params["owner"]]}, owner_id)
    return job
