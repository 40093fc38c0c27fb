"""Draft, impact, publish, roll back (PLT-11)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata.customization import auto_numbers, locks, publishing, shared_lists
from crm_core.metadata.customization.differences import differences
from crm_core.metadata.errors import Malformed, NotFound
from crm_core.metadata.models import DraftChange, Publication


class CustomizeEndpoint(Endpoint):
    """Base: only customizers."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor.require("customize")


def publication_json(publication: Publication) -> dict[str, Any]:
    return {
        "version": publication.version,
        "published_at": publication.published_at.isoformat().replace("+00:00", "Z"),
        "by": publication.published_by_name,
        "summary": publication.summary,
        "restored_from": publication.restored_from,
    }


class OverviewEndpoint(CustomizeEndpoint):
    """GET /customization"""

    def get(self, request: Any) -> HttpResponse:
        version, body = publishing.published()
        history = Publication.objects.order_by("-version")[:100]
        return self.answer({
            "published_version": version,
            "locked": [{**k.as_json(), "solution": label} for k, label in sorted(locks.locked().items())],
            "next_numbers": auto_numbers.next_numbers(),
            "body": body,
            "draft": publishing.impact(),
            "history": [publication_json(p) for p in history],
        })  # fmt: skip


class ChangesEndpoint(CustomizeEndpoint):
    """POST /customization/changes"""

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"kind", "operation", "object", "name", "definition"})
        for key in ("object", "name"):
            if body.get(key) is not None and not isinstance(body[key], str):
                raise Malformed("request.malformed", f"{key} is a name.", field=key)
        definition = body.get("definition") or {}
        if not isinstance(definition, dict):
            raise Malformed("request.malformed", "definition is an object.", field="definition")
        change = publishing.add_change(
            body.get("kind"),
            body.get("operation"),
            body.get("object"),
            body.get("name"),
            definition,
            self.actor.user_id,
        )
        return self.answer({"id": str(change.pk), "name": change.name, "object": change.object, "summary": publishing.summary_of(change),
                            "definition": change.definition}, 201)  # fmt: skip


class ChangeEndpoint(CustomizeEndpoint):
    """DELETE /customization/changes/{id}"""

    def delete(self, request: Any, change_id: str) -> HttpResponse:
        deleted, _per_model = DraftChange.objects.filter(pk=self.identifier(change_id)).delete()
        if not deleted:
            raise NotFound("change.unknown", "There is no such change.")
        return self.answer(None, 204)


class ImpactEndpoint(CustomizeEndpoint):
    """GET /customization/impact"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer(publishing.impact())


class PublishEndpoint(CustomizeEndpoint):
    """POST /customization/publish"""

    def post(self, request: Any) -> HttpResponse:
        self.body(set())
        return self.answer(publication_json(publishing.publish(self.actor.user_id, self.actor.name)))


class OptionsEndpoint(CustomizeEndpoint):
    """GET /customization/options?name=&object=: who has which option of a shared list, or of an object's field (PLT-4)"""

    parameters = frozenset({"name", "object"})

    def get(self, request: Any) -> HttpResponse:
        name = request._request.GET.get("name")
        if not name:
            raise Malformed("request.malformed", "Say which list or field.", field="name")
        return self.answer(publishing.options_in_use(request._request.GET.get("object") or None, name))


class OptionListsEndpoint(CustomizeEndpoint):
    """GET /customization/option_lists: every shared list as the draft would have it, with the fields that offer it (PLT-4)"""

    def get(self, request: Any) -> HttpResponse:
        return self.answer({"lists": shared_lists.described()})


class RollBackEndpoint(CustomizeEndpoint):
    """POST /customization/rollback"""

    def post(self, request: Any) -> HttpResponse:
        body = self.body({"version", "replacements"})
        version = body.get("version")
        if isinstance(version, bool) or not isinstance(version, int) or not 0 <= version < 2**31:
            raise Malformed("request.malformed", "The version is a number.", field="version")
        return self.answer(
            publication_json(
                publishing.roll_back(version, self.actor.user_id, self.actor.name, body.get("replacements"))
            )
        )


class VersionEndpoint(CustomizeEndpoint):
    """GET /customization/versions/{version}: what it changed against the version before."""

    def get(self, request: Any, version: str) -> HttpResponse:
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
        if number < 1:
            raise NotFound("publication.unknown", "There is no such version.")
        found = differences(publishing.body_of(number - 1), publishing.body_of(number))
        return self.answer({"version": number, "against": number - 1, "differences": found})


class DiscardEndpoint(CustomizeEndpoint):
    """POST /customization/discard"""

    def post(self, request: Any) -> HttpResponse:
        self.body(set())
        DraftChange.objects.all().delete()
        return self.answer(None, 204)
