"""Users, their roles and teams, and the privileges of roles (PLT-40, PLT-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata import registry
from crm_core.metadata.errors import Malformed, NotFound
from crm_core.security import administration
from crm_core.security.models import SystemUser
from tenants.entitlements import require_room


class RolePrivilegesEndpoint(Endpoint):
    """GET and PUT /roles/{id}/privileges"""

    def get(self, request: Any, role_id: str) -> HttpResponse:
        role = administration.role(self.identifier(role_id))
        entities = [e for e in registry.all() if not e.internal]
        return self.answer(administration.privileges_json(role, entities))

    def put(self, request: Any, role_id: str) -> HttpResponse:
        self.actor.require("manage_roles")
        body = self.body({"privileges", "capabilities"})
        entities = {e.name: e for e in registry.all() if not e.internal}
        role = administration.set_privileges(self.identifier(role_id), body, entities, self.actor)
        return self.answer(administration.privileges_json(role, list(entities.values())))


class UserRolesEndpoint(Endpoint):
    """GET and PUT /users/{id}/roles"""

    def get(self, request: Any, user_id: str) -> HttpResponse:
        return self.answer({"roles": administration.roles_of(self.identifier(user_id))})

    def put(self, request: Any, user_id: str) -> HttpResponse:
        self.actor.require("manage_users")
        body = self.body({"roles"})
        roles = body.get("roles")
        if not isinstance(roles, list) or len(roles) > 50:
            raise Malformed("request.malformed", "roles is a list of role ids.", field="roles")
        identifiers = [self.identifier(r if isinstance(r, str) else "") for r in roles]
        administration.set_roles(self.identifier(user_id), identifiers, self.actor)
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
            require_room(request._request.tenant, "users", administration.seats_used() + 1)
        administration.set_user_active(user, active=action == "enable", actor=self.actor)
        return self.answer({"state": "active" if action == "enable" else "inactive"})


class TeamMembersEndpoint(Endpoint):
    """GET and PUT /teams/{id}/members"""

    def get(self, request: Any, team_id: str) -> HttpResponse:
        return self.answer({"members": administration.members_of(self.identifier(team_id))})

    def put(self, request: Any, team_id: str) -> HttpResponse:
        self.actor.require("manage_users")
        members = self.body({"members"}).get("members")
        if not isinstance(members, list) or len(members) > 500:
            raise Malformed("request.malformed", "members is a list of user ids.", field="members")
        identifiers = [self.identifier(m if isinstance(m, str) else "") for m in members]
        administration.set_members(self.identifier(team_id), identifiers)
        return self.get(request, team_id)
