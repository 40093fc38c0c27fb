"""Secured attributes and the profiles that open them (PLT-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata import registry
from crm_core.metadata.errors import Malformed
from crm_core.records import audit, reindexing
from crm_core.security import field_profiles

KEYS = {"name", "rights", "members"}


class FieldSecurityEndpoint(Endpoint):
    """GET /field_security"""

    def get(self, request: Any) -> HttpResponse:
        self.actor.require("manage_roles")
        found = {"objects": field_profiles.attributes_json(), "profiles": field_profiles.profiles_json()}
        return self.answer(found)


class SecuredAttributesEndpoint(Endpoint):
    """PUT /field_security/attributes: `{"attributes": {"contact.annual_income": true}}`"""

    def put(self, request: Any) -> HttpResponse:
        self.actor.require("manage_roles")
        wanted = self.body({"attributes"}).get("attributes")
        if not isinstance(wanted, dict) or len(wanted) > 500:
            raise Malformed(
                "request.malformed", "attributes is an object of true and false.", field="attributes"
            )
        changed = field_profiles.set_secured(wanted)
        if changed:
            audit.note(self.actor, "field_security", "secure", dict(changed))
        for name in sorted({path.split(".")[0] for path in changed if _searchable(path)}):
            reindexing.reindex(name, self.actor)
        return self.answer({"objects": field_profiles.attributes_json()})


def _searchable(path: str) -> bool:
    object_name, name = path.split(".")
    return registry.get(object_name).attributes[name].searchable


class ProfilesEndpoint(Endpoint):
    """POST /field_security/profiles"""

    def post(self, request: Any) -> HttpResponse:
        self.actor.require("manage_roles")
        row = field_profiles.create(self.body(KEYS), self.actor)
        found = field_profiles.profile_json(row)
        audit.note(self.actor, "field_security", "create", {"profile": [None, found]}, row.pk)
        return self.answer(found, 201)


class ProfileEndpoint(Endpoint):
    """PATCH and DELETE /field_security/profiles/{id}"""

    def patch(self, request: Any, profile_id: str) -> HttpResponse:
        self.actor.require("manage_roles")
        identifier = self.identifier(profile_id)
        before = field_profiles.profile_json(field_profiles.find(identifier))
        row = field_profiles.update(identifier, self.body(KEYS), self.actor)
        found = field_profiles.profile_json(row)
        audit.note(self.actor, "field_security", "update", {"profile": [before, found]}, row.pk)
        return self.answer(found)

    def delete(self, request: Any, profile_id: str) -> HttpResponse:
        self.actor.require("manage_roles")
        identifier = self.identifier(profile_id)
        before = field_profiles.profile_json(field_profiles.find(identifier))
        field_profiles.delete(identifier)
        audit.note(self.actor, "field_security", "delete", {"profile": [before, None]}, identifier)
        return self.answer(None, 204)
