"""Users, their roles and teams, and the privileges of roles (PLT-40, PLT-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json
from crm_core.metadata import registry
from crm_core.metadata.errors import Malformed, NotFound
from crm_core.metadata.models import Organization
from crm_core.records import audit, reassigning
from crm_core.security import access, administration
from crm_core.security.models import SystemUser
from crm_core.security.services.people import owned_counts
from tenants.entitlements import require_room


class RolePrivilegesEndpoint(Endpoint):
    """GET and PUT /roles/{id}/privileges"""

    def get(self, request: Any, role_id: str) -> HttpResponse:
        access.require(registry.get("role"), self.actor, "read")
        role = administration.role(self.identifier(role_id))
        entities = [e for e in registry.all() if not e.internal]
        return self.answer(administration.privileges_json(role, entities))

    def put(self, request: Any, role_id: str) -> HttpResponse:
        self.actor.require("manage_roles")
        body = self.body({"privileges", "capabilities"})
        entities = {e.name: e for e in registry.all() if not e.internal}
        identifier = self.identifier(role_id)
        before = administration.role(identifier)
        held = {"privileges": before.privileges, "capabilities": before.capabilities}
        role = administration.set_privileges(identifier, body, entities, self.actor)
        audit.note(self.actor, "role", "rights", _differences(held, role), role.pk)
        return self.answer(administration.privileges_json(role, list(entities.values())))


def _differences(held: dict[str, Any], role: Any) -> dict[str, Any]:
    """What of a role's rights changed, per object, as {object: [before, after]}."""
    found: dict[str, Any] = {}
    for name in sorted({*held["privileges"], *role.privileges}):
        old, new = held["privileges"].get(name), role.privileges.get(name)
        if old != new:
            found[name] = [old, new]
    if held["capabilities"] != role.capabilities:
        found["capabilities"] = [held["capabilities"], role.capabilities]
    return found


class UserRolesEndpoint(Endpoint):
    """GET and PUT /users/{id}/roles"""

    kind = "user"

    def get(self, request: Any, user_id: str) -> HttpResponse:
        access.require(registry.get("user"), self.actor, "read")
        return self.answer({"roles": administration.roles_of(self.identifier(user_id))})

    def put(self, request: Any, user_id: str) -> HttpResponse:
        self.actor.require("manage_users")
        body = self.body({"roles"})
        roles = body.get("roles")
        if not isinstance(roles, list) or len(roles) > 50:
            raise Malformed("request.malformed", "roles is a list of role ids.", field="roles")
        identifiers = [self.identifier(r if isinstance(r, str) else "") for r in roles]
        principal = self.identifier(user_id)
        before = [r["name"] for r in administration.roles_of(principal)]
        administration.set_roles(principal, identifiers, self.actor)
        after = [r["name"] for r in administration.roles_of(principal)]
        if before != after:
            audit.note(self.actor, self.kind, "roles", {"roles": [before, after]}, principal)
        return self.get(request, user_id)


class UserStateEndpoint(Endpoint):
    """POST /users/{id}/actions/disable|enable"""

    def post(self, request: Any, user_id: str, action: str) -> HttpResponse:
        self.actor.require("manage_users")
        self.body(set())
        user = (
            SystemUser.objects.select_related("principal")
            .filter(pk=self.identifier(user_id), deleted_at=None)
            .first()
        )
        if user is None:
            raise NotFound()
        if action == "enable" and user.login_id and not user.principal.is_active:
            # Everybody who takes a seat waits here, so that two cannot take the last one (SAAS.md C2).
            Organization.objects.select_for_update().get(pk=1)
            require_room(request._request.tenant, "users", administration.seats_used() + 1)
        was = user.state
        administration.set_user_active(user, active=action == "enable", actor=self.actor)
        now = "active" if action == "enable" else "inactive"
        if was != now:
            audit.note(self.actor, "user", action, {"state": [was, now]}, user.pk)
        return self.answer({"state": "active" if action == "enable" else "inactive"})


class TeamMembersEndpoint(Endpoint):
    """GET and PUT /teams/{id}/members"""

    def get(self, request: Any, team_id: str) -> HttpResponse:
        access.require(registry.get("team"), self.actor, "read")
        return self.answer({"members": administration.members_of(self.identifier(team_id))})

    def put(self, request: Any, team_id: str) -> HttpResponse:
        self.actor.require("manage_users")
        members = self.body({"members"}).get("members")
        if not isinstance(members, list) or len(members) > 500:
            raise Malformed("request.malformed", "members is a list of user ids.", field="members")
        identifiers = [self.identifier(m if isinstance(m, str) else "") for m in members]
        team = self.identifier(team_id)
        before = [m["name"] for m in administration.members_of(team)]
        administration.set_members(team, identifiers, self.actor)
        after = [m["name"] for m in administration.members_of(team)]
        if before != after:
            audit.note(self.actor, "team", "members", {"members": [before, after]}, team)
        return self.get(request, team_id)


class TeamRolesEndpoint(UserRolesEndpoint):
    """GET and PUT /teams/{id}/roles: owner teams hold roles for all their members"""

    kind = "team"


class OwnedEndpoint(Endpoint):
    """GET /users/{id}/owned and /teams/{id}/owned: how many records of which objects"""

    def get(self, request: Any, principal_id: str) -> HttpResponse:
        self.actor.require("manage_users")
        counts = owned_counts(self.identifier(principal_id))
        labels = {e.plural: str(e.label_plural) for e in registry.all()}
        rows = [{"plural": p, "label": labels[p], "count": c} for p, c in sorted(counts.items())]
        return self.answer({"rows": rows, "total": sum(counts.values())})


class ReassignEndpoint(Endpoint):
    """POST /users/{id}/actions/reassign and /teams/{id}/actions/reassign: `{"owner": …}`"""

    def post(self, request: Any, principal_id: str) -> HttpResponse:
        identifier = self.identifier(principal_id)
        job = reassigning.reassign_all(identifier, self.body({"owner"}).get("owner"), self.actor)
        job.refresh_from_db()
        changes = {"owned": [job.total, job.params["owner"]]}
        audit.note(self.actor, "user", "reassign", changes, identifier)
        return self.answer({"job": job_json(job)}, 202)
