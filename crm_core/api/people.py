"""Users, their roles and teams, and the privileges of roles (PLT-40, PLT-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json
from crm_core.metadata import registry
from crm_core.records import administering
from crm_core.security import access, administration
from crm_core.security.services.people import owned_counts


class RolePrivilegesEndpoint(Endpoint):
    """GET and PUT /roles/{id}/privileges"""

    def get(self, request: Any, role_id: str) -> HttpResponse:
        access.require(registry.get("role"), self.actor, "read")
        role = administration.role(self.identifier(role_id))
        entities = [e for e in registry.all() if not e.internal]
        return self.answer(administration.privileges_json(role, entities))

    def put(self, request: Any, role_id: str) -> HttpResponse:
        body = self.body({"privileges", "capabilities"})
        role = administering.change_privileges(self.identifier(role_id), body, self.actor)
        entities = [e for e in registry.all() if not e.internal]
        return self.answer(administration.privileges_json(role, entities))


class UserRolesEndpoint(Endpoint):
    """GET and PUT /users/{id}/roles"""

    kind = "user"

    def get(self, request: Any, user_id: str) -> HttpResponse:
        access.require(registry.get("user"), self.actor, "read")
        return self.answer({"roles": administration.roles_of(self.identifier(user_id))})

    def put(self, request: Any, user_id: str) -> HttpResponse:
        roles = self.body({"roles"}).get("roles")
        administering.change_roles(self.kind, self.identifier(user_id), roles, self.actor)
        return self.get(request, user_id)


class UserStateEndpoint(Endpoint):
    """POST /users/{id}/actions/disable|enable"""

    def post(self, request: Any, user_id: str, action: str) -> HttpResponse:
        self.body(set())
        administering.set_active(self.identifier(user_id), action == "enable", self.actor)
        return self.answer({"state": "active" if action == "enable" else "inactive"})


class LicencesEndpoint(Endpoint):
    """GET /licences: kinds of seats, how many are taken, and who takes which"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(administering.licences(self.actor))


class UserLicenceEndpoint(Endpoint):
    """PUT /users/{id}/licence"""

    def put(self, request: Any, user_id: str) -> HttpResponse:
        licence = self.body({"licence"}).get("licence")
        administering.change_licence(self.identifier(user_id), licence, self.actor)
        return self.answer({"licence": licence})


class TeamMembersEndpoint(Endpoint):
    """GET and PUT /teams/{id}/members"""

    def get(self, request: Any, team_id: str) -> HttpResponse:
        access.require(registry.get("team"), self.actor, "read")
        return self.answer({"members": administration.members_of(self.identifier(team_id))})

    def put(self, request: Any, team_id: str) -> HttpResponse:
        members = self.body({"members"}).get("members")
        administering.change_members(self.identifier(team_id), members, self.actor)
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
        owner = self.body({"owner"}).get("owner")
        job = administering.reassign(self.identifier(principal_id), owner, self.actor)
        return self.answer({"job": job_json(job)}, 202)
