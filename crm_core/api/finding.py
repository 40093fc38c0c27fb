"""Global search and the recycle bin."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.lists import list_request
from crm_core.metadata import registry
from crm_core.metadata.errors import Malformed
from crm_core.records import recycle_bin, service
from crm_core.search.find import note_opened, search


class SearchEndpoint(Endpoint):
    """GET /search"""

    parameters = frozenset({"q", "objects", "limit"})

    def get(self, request: Any) -> HttpResponse:
        wanted = list_request(request._request.GET.dict())
        objects = [o for o in wanted.get("objects", "").split(",") if o] or None
        return self.answer(
            {"groups": search(wanted.get("q"), self.actor, objects=objects, limit=wanted.get("limit", 5))}
        )


class OpenedEndpoint(Endpoint):
    """POST /search/opened notes that a record was opened, for the list of recent records."""

    reads = True

    def post(self, request: Any) -> HttpResponse:
        entity, identifier = _addressed(self)
        from crm_core.records.query import Query

        Query(entity, self.actor).one(identifier, [entity.primary])
        if self.actor is self.own:  # looking as somebody else leaves no trace in his list
            note_opened(entity, identifier, self.actor)
        return self.answer(None, 204)


def _addressed(endpoint: Endpoint) -> tuple[Any, Any]:
    body = endpoint.body({"object", "id"})
    name = body.get("object")
    if not isinstance(name, str):
        raise Malformed("request.malformed", "Say which object.", field="object")
    return registry.get(name), endpoint.identifier(body.get("id") or "")


class RecycleBinEndpoint(Endpoint):
    """GET /recycle_bin"""

    parameters = frozenset({"object", "cursor", "limit"})

    def get(self, request: Any) -> HttpResponse:
        wanted = list_request(request._request.GET.dict())
        cursor, limit = wanted.get("cursor") or None, wanted.get("limit", 100)
        return self.answer(recycle_bin.rows(self.actor, wanted.get("object"), cursor=cursor, limit=limit))


class RestoreEndpoint(Endpoint):
    """POST /recycle_bin/restore"""

    def post(self, request: Any) -> HttpResponse:
        entity, identifier = _addressed(self)
        back = service.restore(entity, identifier, self.actor)
        return self.answer({"restored": [{"object": o, "id": str(i)} for o, i in back]})


class PurgeEndpoint(Endpoint):
    """POST /recycle_bin/purge"""

    def post(self, request: Any) -> HttpResponse:
        entity, identifier = _addressed(self)
        service.purge(entity, identifier, self.actor)
        return self.answer(None, 204)
