"""The metadata service: objects and their whole description, with an ETag (PLT-61)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language

from crm_core.api.base import Endpoint
from crm_core.metadata import registry, workspace
from crm_core.metadata.conditions import names_in
from crm_core.metadata.customization import publishing
from crm_core.metadata.customization.history import former_labels
from crm_core.metadata.document import entity_json, option_json, short_json
from crm_core.metadata.entity import Entity, Form
from crm_core.metadata.errors import NotFound
from crm_core.records.duplicates.rules import rules_from
from crm_core.records.service.actions import actions_of
from crm_core.search import views
from crm_core.security import access


class ObjectsEndpoint(Endpoint):
    """GET /metadata/objects"""

    def get(self, request: Any) -> HttpResponse:
        version = workspace.current().metadata_version
        readable = [e for e in registry.all() if not e.internal and self.actor.depth(e, "read")]
        objects = [short_json(e) for e in sorted(readable, key=lambda e: e.order)]
        return self.answer({"version": version, "objects": objects})


class ObjectEndpoint(Endpoint):
    """GET /metadata/objects/{name}; customizers may ask for the `form` of a role, or `main`, and for the `draft`."""

    parameters = frozenset({"form", "draft"})

    def get(self, request: Any, name: str) -> HttpResponse:
        if request._request.GET.get("draft") != "true":
            return self._described(name)
        self.actor.require("customize")
        with registry.trying(publishing.draft_body()):
            response = self._described(name)
        del response["ETag"]  # the draft has no version of its own
        return response

    def _described(self, name: str) -> HttpResponse:
        entity = registry.get(name)
        if entity.internal:
            raise NotFound("object.unknown", "There is no such object.")
        state = workspace.current()
        body = entity_json(entity, list(actions_of(entity).values()), self._form(entity))
        hidden = {a.name for a in entity.attributes.values() if not access.readable(entity, a, self.actor)}
        for attribute in body["attributes"]:
            attribute["masked"] = attribute["name"] in hidden
        # what a hidden field links, and what rules say of it, no screen of this person offers
        shown = {r.name for r in entity.relationships if access.may_follow(r, self.actor)}
        body["relationships"] = [r for r in body["relationships"] if r["name"] in shown]
        main = body["forms"]["main"]
        main["related"] = [name for name in main["related"] if name in shown]
        body["rules"] = [r for r in body["rules"] if not hidden & set(names_in(r["when"]))]
        body["views"] = views.of_entity(entity, self.actor)
        body["duplicates"] = [[c.attribute for c in rule.conditions] for rule in rules_from(entity.name)]
        body["version"] = state.metadata_version
        body["former"] = {name: str(label) for name, label in former_labels(entity.name).items()}
        response = self.answer(body)
        response["ETag"] = f'W/"{state.metadata_version}.{state.security_version}.{get_language()}"'
        return response

    def _form(self, entity: Entity) -> Form:
        wanted = self.request._request.GET.get("form")
        if wanted is None:
            return entity.form_for(self.actor.roles)
        self.actor.require("customize")
        return entity.form_for((wanted,))


class OptionListsEndpoint(Endpoint):
    """GET /option_lists"""

    def get(self, request: Any) -> HttpResponse:
        lists = registry.current().option_lists
        return self.answer(
            {
                "lists": [
                    {"name": n, "options": [option_json(o) for o in options]}
                    for n, options in sorted(lists.items())
                ]
            }
        )
