"""Secured attributes and the profiles that open them (PLT-41)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata import plan_limits
from crm_core.records import securing
from crm_core.security import field_profiles

KEYS = {"name", "rights", "members"}


class FieldSecurityEndpoint(Endpoint):
    """GET /field_security"""

    def get(self, request: Any) -> HttpResponse:
        self.actor.require("manage_roles")
        found = {
            "allowed": plan_limits.has_field_security(),
            "objects": field_profiles.attributes_json(),
            "profiles": field_profiles.profiles_json(),
        }
        return self.answer(found)


class SecuredAttributesEndpoint(Endpoint):
    """PUT /field_security/attributes: `{"attributes": {"contact.annual_income": true}}`"""

    def put(self, request: Any) -> HttpResponse:
        securing.secure(self.body({"attributes"}).get("attributes"), self.actor)
        return self.answer({"objects": field_profiles.attributes_json()})


class ProfilesEndpoint(Endpoint):
    """POST /field_security/profiles"""

    def post(self, request: Any) -> HttpResponse:
        return self.answer(securing.create_profile(self.body(KEYS), self.actor), 201)


class ProfileEndpoint(Endpoint):
    """PATCH and DELETE /field_security/profiles/{id}"""

    def patch(self, request: Any, profile_id: str) -> HttpResponse:
        return self.answer(securing.change_profile(self.identifier(profile_id), self.body(KEYS), self.actor))

    def delete(self, request: Any, profile_id: str) -> HttpResponse:
        securing.delete_profile(self.identifier(profile_id), self.actor)
        return self.answer(None, 204)
