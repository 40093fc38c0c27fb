"""Lists of records: GET with parameters or POST /query with the same keys."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from django.http import HttpResponse

from crm_core.api.base import Endpoint
from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.records.query import Query
from crm_core.records.query.aggregate import aggregate
from crm_core.records.query.board import board
from crm_core.records.query.calendar import MAX_EVENTS, calendar
from crm_core.search import views as saved_views
from crm_core.security import access
from crm_core.security.actor import Actor

LIST_KEYS = {"view", "fields", "filter", "order", "q", "limit", "cursor", "count", "sums"}


def _names(value: Any, key: str) -> list[str] | None:
    """A list of names, or a comma-separated text of them."""
    if value is None:
        return None
    found = [v.strip() for v in value.split(",")] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(v, str) and v for v in found):
        raise Malformed("request.invalid_parameter", f"{key} is a list of names.", field=key)
    return found


def list_request(parameters: dict[str, Any]) -> dict[str, Any]:
    """Address parameters as the body keys of POST /query. Raises Malformed for an unusable value."""
    found: dict[str, Any] = dict(parameters)
    if "filter" in found:
        try:
            found["filter"] = orjson.loads(found["filter"])
        except orjson.JSONDecodeError:
            raise Malformed("filter.malformed", "The filter is no JSON.", field="filter") from None
    if "limit" in found:
        raw = found["limit"]
        if not (raw.isascii() and raw.isdigit() and len(raw) <= 5):
            raise Malformed("request.limit", "The limit is a number.", field="limit")
        found["limit"] = int(raw)
    return found


def default_columns(entity: Entity) -> list[str]:
    """Columns of the default view."""
    view = next((v for v in entity.views if v.default), entity.views[0] if entity.views else None)
    return list(view.columns) if view else [entity.primary]


def run_list(query: Query, wanted: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    """The answer of a list: rows, cursor, count and sums."""
    entity = query.entity
    view = saved_views.find(entity, wanted["view"], endpoint.actor) if wanted.get("view") else None
    if view is not None and view["broken"]:
        return {
            "rows": [],
            "next": None,
            "previous": None,
            "count": {"value": 0, "exact": True},
            "sums": None,
            "broken": view["broken"],
        }
    if view is not None and view["filter"]:
        query = query.filter(view["filter"])
    if wanted.get("filter") is not None:
        query = query.filter(wanted["filter"])
    query = query.search(_text(wanted.get("q"), "q"))
    fields = _names(wanted.get("fields"), "fields")
    if fields is None:
        fields = [c["name"] for c in view["columns"]] if view else default_columns(entity)
    order = _names(wanted.get("order"), "order")
    if order is None:
        order = list(view["order"]) if view else ["-created_at"]
    limit = wanted.get("limit", 50)
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise Malformed("request.limit", "The limit is a number.", field="limit")
    mode = wanted.get("count", "none")
    if mode not in ("none", "capped", "exact"):
        raise Malformed("request.invalid_parameter", "count is none, capped or exact.", field="count")
    query = query.order(order)
    count = query.count(mode)
    page = query.page(
        list(dict.fromkeys([entity.primary, *fields])),
        limit=limit,
        cursor=_text(wanted.get("cursor"), "cursor"),
        found=count["value"] if count else None,
    )
    sums = _names(wanted.get("sums"), "sums")
    return {
        "rows": page.rows,
        "next": page.next,
        "previous": None,
        "count": count,
        "sums": query.sums(sums) if sums else None,
    }


def _text(value: Any, key: str) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > 4000):
        raise Malformed("request.invalid_parameter", f"{key} is a text.", field=key)
    return value or None


class QueryEndpoint(Endpoint):
    """POST /{objects}/query"""

    reads = True

    def post(self, request: Any, plural: str) -> HttpResponse:
        return self.answer(run_list(Query(self.entity(plural), self.actor), self.body(LIST_KEYS), self))


class AggregateEndpoint(Endpoint):
    """POST /{objects}/aggregate"""

    reads = True

    def post(self, request: Any, plural: str) -> HttpResponse:
        body = self.body({"filter", "view", "q", "group", "measures", "limit"})
        query = narrowed(Query(self.entity(plural), self.actor), body, self)
        limit = body.get("limit", 200)
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= 1000:
            raise Malformed("request.limit", "1 to 1,000 groups.", field="limit")
        return self.answer(
            aggregate(query, body.get("group", []), body.get("measures", [{"fn": "count"}]), limit=limit)
        )


def _if_readable(entity: Entity, name: str | None, actor: Actor) -> str | None:
    """The attribute's name, or nothing when the actor may not see it."""
    return name if name and access.readable(entity, entity.attribute(name), actor) else None


def narrowed(query: Query, body: dict[str, Any], endpoint: Endpoint) -> Query:
    """`query` narrowed by view, filter and search text of a body; a broken view matches nothing."""
    if body.get("view"):
        view = saved_views.find(query.entity, body["view"], endpoint.actor)
        if view["broken"]:
            return query.filter({"or": []})
        query = query.filter(view["filter"] or None)
    if body.get("filter") is not None:
        query = query.filter(body["filter"])
    return query.search(_text(body.get("q"), "q"))


class BoardEndpoint(Endpoint):
    """POST /{objects}/board"""

    reads = True

    def post(self, request: Any, plural: str) -> HttpResponse:
        entity = self.entity(plural)
        body = self.body({"attribute", "filter", "view", "q", "fields", "limit", "order", "sum", "weighted"})
        sheet = entity.board
        attribute = body.get("attribute") or (sheet.attribute if sheet else None)
        if attribute is None:
            raise Malformed("board.no_options", f"{entity.label_plural} have no board.", field="attribute")
        query = narrowed(Query(entity, self.actor), body, self)
        if sheet and sheet.filter and body.get("filter") is None and not body.get("view"):
            query = query.filter(sheet.filter)
        # who asks for a sum he may not see is told so; what the board itself would add up is left out
        delivered = [
            _if_readable(entity, n, self.actor)
            for n in ((sheet.sum, sheet.weighted) if sheet else (None, None))
        ]
        sums = [n for n in (body.get("sum", delivered[0]), body.get("weighted", delivered[1])) if n]
        fields = _names(body.get("fields"), "fields") or (
            [entity.primary, *sheet.card] if sheet else [entity.primary]
        )
        limit = body.get("limit", 50)
        if isinstance(limit, bool) or not isinstance(limit, int):
            raise Malformed("request.limit", "The limit is a number.", field="limit")
        order = _names(body.get("order"), "order") or ["-created_at"]
        columns = board(
            query.order(order),
            attribute,
            list(dict.fromkeys([entity.primary, *fields])),
            sums=sums,
            limit=limit,
        )
        for column in columns:
            totals = column.pop("sums")
            column["sum"] = totals[0] if totals else None
            column["weighted"] = totals[1] if len(totals) > 1 else None
        return self.answer({"columns": columns, "attribute": attribute, "sum": sums[0] if sums else None})


def _day(value: Any, key: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed("request.invalid_parameter", f"{key} is a day, YYYY-MM-DD.", field=key) from None


class CalendarEndpoint(Endpoint):
    """POST /{objects}/calendar"""

    reads = True

    def post(self, request: Any, plural: str) -> HttpResponse:
        body = self.body({"from", "to", "filter", "view", "q", "fields", "limit"})
        query = narrowed(Query(self.entity(plural), self.actor), body, self)
        limit = body.get("limit", MAX_EVENTS)
        if isinstance(limit, bool) or not isinstance(limit, int):
            raise Malformed("request.limit", "The limit is a number.", field="limit")
        first, last = _day(body.get("from"), "from"), _day(body.get("to"), "to")
        fields = _names(body.get("fields"), "fields") or []
        return self.answer(calendar(query, first, last, fields, limit=limit))
