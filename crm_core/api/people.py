"""Users, their roles and teams, and the privileges of roles (PLT-40, PLT-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json
from crm_core.api.records import whole_record
from crm_core.metadata import registry
from crm_core.records import administering, reassigning
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


class RoleCopyEndpoint(Endpoint):
    """POST /roles/{id}/actions/copy: `{"name": …}`"""

    def post(self, request: Any, role_id: str) -> HttpResponse:
        name = self.body({"name"}).get("name")
        copy_id = administering.copy_role(self.identifier(role_id), name, self.actor)
        return self.answer(whole_record(registry.get("role"), copy_id, self.actor), 201)


class RoleAssignmentsEndpoint(Endpoint):
    """GET /role_assignments: who holds which role"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"rows": administering.role_assignments(self.actor)})


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
    """POST /users/{id}/actions/disable|enable; with `{"owner": …}` a disabled person's records go there in the same step"""

    def post(self, request: Any, user_id: str, action: str) -> HttpResponse:
        enable, identifier = action == "enable", self.identifier(user_id)
        owner = self.body(set() if enable else {"owner"}).get("owner")
        job = administering.set_active(identifier, enable, self.actor, heir=owner)
        answer = {"state": "active" if enable else "inactive"}
        return self.answer(answer if job is None else {**answer, "job": job_json(job)})


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
    """GET /users/{id}/owned and /teams/{id}/owned: how many records of which objects

    With `?to=<id>` each row says whether that user or team could take them over.
    """

    parameters = frozenset({"to"})

    def get(self, request: Any, principal_id: str) -> HttpResponse:
        self.actor.require("manage_users")
        counts = owned_counts(self.identifier(principal_id))
        to = request._request.GET.get("to")
        stays = reassigning.refused(counts, self.identifier(to)) if to else set()
        labels = {e.plural: str(e.label_plural) for e in registry.all()}
        rows = [
            {"plural": p, "label": labels[p], "count": c, "stays": p in stays}
            for p, c in sorted(counts.items(), key=lambda row: labels[row[0]])
        ]
        return self.answer({"rows": rows, "total": sum(counts.values())})


class ReassignEndpoint(Endpoint):
    """POST /users/{id}/actions/reassign and /teams/{id}/actions/reassign: `{"owner": …}`"""

    def post(self, request: Any, principal_id: str) -> HttpResponse:
        owner = self.body({"owner"}).get("owner")
        job = administering.reassign(self.identifier(principal_id), owner, self.actor)
        return self.answer({"job": job_json(job)}, 202)
