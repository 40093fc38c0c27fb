"""Records: create, read, change, delete, act (deploy/docs/api.md, Records)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.api.jobs import job_json
from crm_core.api.lists import LIST_KEYS, list_request, run_list
from crm_core.metadata import registry
from crm_core.metadata.entity import Entity, Relationship
from crm_core.metadata.errors import Conflict, Malformed, NotFound, VersionMismatch
from crm_core.metadata.types.reference import as_uuid
from crm_core.records import (
    cascade_jobs,
    duplicates,
    explanation,
    jobs,
    presence,
    roll_ups,
    service,
    timeline,
)
from crm_core.records.query import Query, related, rounds
from crm_core.records.service import linking, merging
from crm_core.records.service.merged import live_master
from crm_core.security import access
from crm_core.security.actor import Actor

MOST_PEOPLE = 200
INCLUDES = {"timeline", "related", "access"}


def whole_record(
    entity: Entity, record_id: uuid.UUID, actor: Actor, include: Collection[str] = frozenset()
) -> dict[str, Any]:
    """The record with what the caller may do with it and, when asked, timeline, related lists and access.

    Raises Forbidden without the right to read the object, NotFound when the record is absent or not visible.
    """
    # the record itself comes first: who may not see it is told so, and nothing of the others
    readers = {"whole": service.reading_whole(entity, record_id, actor)}
    if "timeline" in include:
        readers["timeline"] = timeline.reading(entity, record_id, actor)
    if "related" in include:
        readers["related"] = related.reading(entity, record_id, actor)
    row, *more = rounds.run(rounds.together(*readers.values()))
    row["object"] = entity.name
    row["allowed_actions"] = service.allowed_actions(entity, row.get("state") or "")
    if row.get("merged_into"):
        row["merged_into"] = str(live_master(entity, record_id))
    row.update(zip([*readers][1:], more, strict=True))
    if "access" in include:
        row["access"] = explanation.people_with_access(entity, record_id, actor).rows
    return row


def related_query(entity: Entity, name: str, record_id: uuid.UUID, actor: Actor) -> Query:
    """The query behind a related list. Raises NotFound, and Forbidden when the caller may not read that object."""
    relation = next((r for r in entity.relationships if r.name == name), None)
    if relation is None:
        raise NotFound("relationship.unknown", "There is no such related list.")
    access.require(registry.get(relation.object), actor, "read")
    return related.related_query(entity, relation, record_id, actor)


class CollectionEndpoint(Endpoint):
    """GET and POST /{objects}"""

    parameters = frozenset(LIST_KEYS | {"allow_duplicates", "detect_duplicates"})

    def get(self, request: Any, plural: str) -> HttpResponse:
        parameters = request._request.GET.dict()
        if extra := set(parameters) - LIST_KEYS:
            raise Malformed("request.unknown_parameter", "Only for creating.", field=sorted(extra)[0])
        return self.answer(run_list(Query(self.entity(plural), self.actor), list_request(parameters), self))

    def post(self, request: Any, plural: str) -> HttpResponse:
        entity = self.entity(plural)
        if not entity.creatable:
            raise NotFound("action.unknown", f"{entity.label_plural} are not created here.")
        written = service.create(
            entity, self.body(), self.actor,
            detect_duplicates=self.flag("detect_duplicates"), allow_duplicates=self.flag("allow_duplicates"),
        )  # fmt: skip
        record = whole_record(entity, written.id, self.actor)
        record["warnings"] = written.warnings
        return self.answer(record, 201)


class RecordEndpoint(Endpoint):
    """GET, PATCH and DELETE /{objects}/{id}"""

    parameters = frozenset({"include", "allow_duplicates", "detect_duplicates"})

    def get(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        entity = self.entity(plural)
        include = {i for i in request._request.GET.get("include", "").split(",") if i}
        if unknown := include - INCLUDES:
            raise Malformed(
                "request.invalid_parameter", f"“{sorted(unknown)[0]}” cannot be included.", field="include"
            )
        return self.answer(whole_record(entity, self.identifier(record_id), self.actor, include))

    def patch(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        entity, identifier = self.entity(plural), self.identifier(record_id)
        try:
            written = service.update(
                entity, identifier, self.body(), self.actor, version=self.if_match(),
                detect_duplicates=self.flag("detect_duplicates"), allow_duplicates=self.flag("allow_duplicates"),
            )  # fmt: skip
        except VersionMismatch as error:
            error.details["current"] = Query(entity, self.actor).one(identifier)
            raise
        record = whole_record(entity, identifier, self.actor)
        record["warnings"] = written.warnings
        return self.answer(record)

    def delete(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        entity, identifier = self.entity(plural), self.identifier(record_id)
        job = cascade_jobs.delete_or_start(entity, identifier, self.actor, version=self.if_match())
        return self.answer(None, 204) if job is None else self.answer({"job": job_json(job)}, 202)


class RelatedEndpoint(Endpoint):
    """GET /{objects}/{id}/{relationship}, and POST `{"ids"}` for a many-to-many one"""

    parameters = frozenset(LIST_KEYS)

    def get(self, request: Any, plural: str, record_id: str, relationship: str) -> HttpResponse:
        entity, identifier = self.entity(plural), self.identifier(record_id)
        Query(entity, self.actor).one(identifier, [entity.primary])
        query = related_query(entity, relationship, identifier, self.actor)
        return self.answer(run_list(query, list_request(request._request.GET.dict()), self))

    def post(self, request: Any, plural: str, record_id: str, relationship: str) -> HttpResponse:
        entity, identifier = self.entity(plural), self.identifier(record_id)
        raw = self.body({"ids"}).get("ids")
        if not isinstance(raw, list) or not 1 <= len(raw) <= linking.MOST_AT_ONCE:
            raise Malformed("request.malformed", f"1 to {linking.MOST_AT_ONCE} ids are needed.", field="ids")
        ids = [i for i in (as_uuid(one) for one in raw) if i is not None]
        if len(ids) != len(raw):
            raise Malformed("value.not_an_id", "ids is a list of ids.", field="ids")
        added = linking.link(entity, identifier, _linkable(entity, relationship), ids, self.actor)
        return self.answer({"added": added})


class RelatedRecordEndpoint(Endpoint):
    """DELETE /{objects}/{id}/{relationship}/{other id}"""

    def delete(
        self, request: Any, plural: str, record_id: str, relationship: str, other_id: str
    ) -> HttpResponse:
        entity = self.entity(plural)
        linking.unlink(
            entity, self.identifier(record_id), _linkable(entity, relationship), self.identifier(other_id), self.actor
        )  # fmt: skip
        return self.answer(None, 204)


def _linkable(entity: Entity, name: str) -> Relationship:
    """A many-to-many relationship of the object. Raises NotFound, Conflict `relationship.one_to_many` or `relationship.by_action`."""
    relation = next((r for r in entity.relationships if r.name == name), None)
    if relation is None:
        raise NotFound("relationship.unknown", "There is no such related list.")
    if not relation.link:
        raise Conflict("relationship.one_to_many", "These records are linked by a field of theirs.")
    if relation.managed:
        raise Conflict(
            "relationship.by_action", "Members are added and removed by the actions of their list."
        )
    return relation


class RollUpEndpoint(Endpoint):
    """POST /{objects}/{id}/roll_ups/{name}: compute it now."""

    def post(self, request: Any, plural: str, record_id: str, name: str) -> HttpResponse:
        self.body(set())
        return self.answer(
            roll_ups.renew_one(self.entity(plural), self.identifier(record_id), name, self.actor)
        )


class TimelineEndpoint(Endpoint):
    """GET /{objects}/{id}/timeline"""

    parameters = frozenset({"cursor", "kinds", "limit"})

    def get(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        entity, identifier = self.entity(plural), self.identifier(record_id)
        Query(entity, self.actor).one(identifier, [entity.primary])
        wanted = list_request({k: v for k, v in request._request.GET.dict().items() if k != "kinds"})
        kinds = [k for k in request._request.GET.get("kinds", "").split(",") if k]
        return self.answer(
            timeline.read(
                entity,
                identifier,
                self.actor,
                cursor=wanted.get("cursor"),
                kinds=kinds or None,
                limit=wanted.get("limit", 30),
            )
        )


class DuplicatesEndpoint(Endpoint):
    """POST /{objects}/duplicates"""

    reads = True

    def post(self, request: Any, plural: str) -> HttpResponse:
        entity, body = self.entity(plural), self.body({"values", "id"})
        values = body.get("values")
        if not isinstance(values, dict):
            raise Malformed("request.malformed", "values is an object.", field="values")
        access.require(entity, self.actor, "read")
        return self.answer(duplicates.find_raw(entity, values, self.actor, exclude=as_uuid(body.get("id"))))


class ActionEndpoint(Endpoint):
    """POST /{objects}/{id}/actions/{action} and POST /{objects}/actions/{action}"""

    def post(self, request: Any, plural: str, action: str, record_id: str | None = None) -> HttpResponse:
        entity = self.entity(plural)
        identifier = self.identifier(record_id) if record_id is not None else None
        if identifier is not None and action == "restore":
            service.restore(entity, identifier, self.actor)
            return self.answer(
                {"record": whole_record(entity, identifier, self.actor), "result": None, "warnings": []}
            )
        written, result = service.run_action(
            entity, action, identifier, self.body(), self.actor, version=self.if_match()
        )
        record = None
        if written is not None:
            try:
                record = whole_record(entity, written.id, self.actor)
            except NotFound:
                record = None  # the caller gave the record to somebody whose records he may not see
        answered = {"record": record, "result": result, "warnings": written.warnings if written else []}
        if written is not None and written.job_id is not None:
            answered["job"] = job_json(jobs.find(written.job_id, self.actor))
        return self.answer(answered)


class MergeEndpoint(Endpoint):
    """POST /{objects}/merge"""

    def post(self, request: Any, plural: str) -> HttpResponse:
        entity = self.entity(plural)
        body = self.body({"master", "subordinate", "values", "fill_empty", "ignore_parent"})
        master, subordinate = as_uuid(body.get("master")), as_uuid(body.get("subordinate"))
        if master is None or subordinate is None:
            raise Malformed("value.not_an_id", "master and subordinate are ids.", field="master")
        values = body.get("values") or {}
        if not isinstance(values, dict):
            raise Malformed("request.malformed", "values is an object.", field="values")
        written, moved = service.merge(
            entity, master, subordinate, self.actor, values=values,
            fill_empty=body.get("fill_empty", True) is not False, ignore_parent=body.get("ignore_parent") is True,
        )  # fmt: skip
        return self.answer(
            {
                "record": whole_record(entity, written.id, self.actor),
                "moved": moved,
                "job": str(written.job_id),
            }
        )


class MergePreviewEndpoint(Endpoint):
    """POST /{objects}/merge/preview"""

    reads = True

    def post(self, request: Any, plural: str) -> HttpResponse:
        entity, body = self.entity(plural), self.body({"master", "subordinate"})
        master, subordinate = as_uuid(body.get("master")), as_uuid(body.get("subordinate"))
        if master is None or subordinate is None:
            raise Malformed("value.not_an_id", "master and subordinate are ids.", field="master")
        return self.answer(merging.preview(entity, master, subordinate, self.actor))


class AccessEndpoint(Endpoint):
    """GET /{objects}/{id}/access: why the caller, or with `user` anybody, can see the record"""

    parameters = frozenset({"user"})

    def get(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        user = request._request.GET.get("user")
        wanted = self.identifier(user) if user else None
        found = explanation.explain(self.entity(plural), self.identifier(record_id), self.actor, wanted)
        return self.answer(found)


class PeopleWithAccessEndpoint(Endpoint):
    """GET /{objects}/{id}/access/people: everybody who can see the record, and why"""

    parameters = frozenset({"q", "cursor", "limit"})

    def get(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        given = request._request.GET
        limit = _number(given.get("limit"), "limit", explanation.PEOPLE_PER_PAGE)
        if not 1 <= limit <= MOST_PEOPLE:
            raise Malformed("request.limit", f"1 to {MOST_PEOPLE} people.", field="limit")
        page = explanation.people_with_access(
            self.entity(plural), self.identifier(record_id), self.actor,
            text=given.get("q", "")[:200], start=_number(given.get("cursor"), "cursor", 0), limit=limit,
        )  # fmt: skip
        following = None if page.next is None else str(page.next)
        return self.answer({"rows": page.rows, "total": page.total, "next": following})


def _number(text: str | None, name: str, otherwise: int) -> int:
    """A parameter that is a number. Raises Malformed `request.<name>`."""
    if not text:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Malformed(f"request.{name}", f"{name} is a number.", field=name)
    return int(text)


class SharesEndpoint(Endpoint):
    """GET /{objects}/{id}/shares"""

    def get(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        rows = explanation.shares_of(self.entity(plural), self.identifier(record_id), self.actor)
        return self.answer({"rows": rows})


class PresenceEndpoint(Endpoint):
    """POST and DELETE /{objects}/{id}/presence: who else has the record open"""

    reads = True

    def post(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        editing = self.body({"editing"}).get("editing", False)
        if not isinstance(editing, bool):
            raise Malformed("request.malformed", "editing is true or false.", field="editing")
        entity, identifier = self.entity(plural), self.identifier(record_id)
        return self.answer({"people": presence.note(entity, identifier, self.own, editing=editing)})

    def delete(self, request: Any, plural: str, record_id: str) -> HttpResponse:
        presence.leave(self.entity(plural), self.identifier(record_id), self.own)
        return self.answer(None, 204)
