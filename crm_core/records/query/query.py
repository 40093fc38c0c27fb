"""The query: what every list, board, export, report and related list is made of (PLT-62)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed, NotFound
from crm_core.metadata.searching import fold
from crm_core.records.query.filters import base_rows, compile_filter
from crm_core.records.query.paging import Ordering
from crm_core.records.query.selecting import Selection
from crm_core.security import access
from crm_core.security.actor import Actor

COUNT_CAP = 10_000
MAX_LIMIT = 1000
MAX_FIELDS = 100


@dataclass
class Page:
    """Rows as JSON values, and the cursor behind the last one."""

    rows: list[dict[str, Any]]
    next: str | None = None
    masked: list[str] = field(default_factory=list)


class Query:
    """A read of one object by one actor. Each method returns a new query."""

    def __init__(self, entity: Entity, actor: Actor, *, privilege: str = "read", deleted: bool = False):
        access.require(entity, actor, privilege)
        self.entity = entity
        self.actor = actor
        self.rows_: QuerySet = base_rows(entity, actor, privilege, deleted=deleted)
        self.order_: tuple[str, ...] = ()

    def _with(self, rows: QuerySet) -> Query:
        clone = object.__new__(Query)
        clone.__dict__.update(self.__dict__)
        clone.rows_ = rows
        return clone

    def filter(self, tree: Any) -> Query:
        """Narrow by a filter tree. Raises Malformed for anything unknown."""
        condition, aliases = compile_filter(self.entity, tree, self.actor)
        return self._with(self.rows_.alias(**aliases).filter(condition)) if condition or aliases else self

    def where(self, condition: Q) -> Query:
        """Narrow by a condition over model columns; for kernel code only."""
        return self._with(self.rows_.filter(condition))

    def search(self, text: str | None) -> Query:
        """Narrow to records found by all words of `text` (names, e-mails, numbers, phone digits)."""
        words = search_words(text)
        rows = self.rows_
        for word in words:
            rows = rows.filter(search_text__contains=word)
        return self._with(rows) if words else self

    def order(self, order: Sequence[str]) -> Query:
        clone = self._with(self.rows_)
        clone.order_ = tuple(order)
        return clone

    def page(self, paths: Sequence[str], *, limit: int = 50, cursor: str | None = None) -> Page:
        """One page of `paths`. Raises Malformed for a limit outside 1–1,000 or a foreign cursor."""
        if not 1 <= limit <= MAX_LIMIT:
            raise Malformed("request.limit", f"1 to {MAX_LIMIT} rows.", field="limit")
        if len(paths) > MAX_FIELDS:
            raise Malformed("request.too_many_fields", f"At most {MAX_FIELDS} attributes.", field="fields")
        selection = Selection(self.entity, paths, self.actor)
        ordering = Ordering(self.entity, self.order_, self.actor)
        rows = self.rows_.alias(**ordering.annotations)
        if cursor:
            rows = rows.filter(ordering.after(cursor))
        sort_columns = [F(s.alias) for s in ordering.sorts]
        raw = list(
            rows.order_by(*ordering.order_by()).values_list(*selection.columns, *sort_columns)[: limit + 1]
        )
        more = len(raw) > limit
        raw = raw[:limit]
        following = None
        if more:
            last = raw[-1]
            following = ordering.cursor(last[len(last) - len(sort_columns) :], last[0])
        return Page(selection.rows(raw), following, selection.masked)

    def all_pages(self, paths: Sequence[str], *, size: int = 1000) -> Iterator[list[dict[str, Any]]]:
        """All rows in pages of `size`, for exports and jobs."""
        cursor = None
        while True:
            page = self.page(paths, limit=size, cursor=cursor)
            if page.rows:
                yield page.rows
            cursor = page.next
            if cursor is None:
                return

    def count(self, mode: str = "capped") -> dict[str, Any] | None:
        """`{"value", "exact"}`; mode none, capped (at 10,000) or exact."""
        if mode == "none":
            return None
        if mode == "exact":
            return {"value": self.rows_.order_by().count(), "exact": True}
        value = self.rows_.order_by().values("pk")[: COUNT_CAP + 1].count()
        return {"value": min(value, COUNT_CAP), "exact": value <= COUNT_CAP}

    def sums(self, names: Sequence[str]) -> dict[str, str | None]:
        """Sums of number attributes over all rows."""
        wanted = {}
        for name in names:
            attribute = self.entity.attribute(name)
            access.require_readable(self.entity, attribute, self.actor)
            if "sum" not in attribute.type.aggregates:
                raise Malformed("aggregate.not_a_number", f"{attribute.label} cannot be summed.", field=name)
            wanted[name] = attribute
        sums = {f"sum{i}": Sum(a.type.expression(a)) for i, a in enumerate(wanted.values())}
        found = self.rows_.order_by().aggregate(**sums)
        return {n: a.type.to_json(a, found[f"sum{i}"]) for i, (n, a) in enumerate(wanted.items())}

    def ids(self, limit: int | None = None) -> list[uuid.UUID]:
        """Ids of the rows in stable order."""
        rows = self.rows_.order_by("pk").values_list("pk", flat=True)
        return list(rows[:limit] if limit else rows)

    def exists(self) -> bool:
        return self.rows_.exists()

    def one(self, record_id: uuid.UUID, paths: Sequence[str] | None = None) -> dict[str, Any]:
        """One whole record as JSON values. Raises NotFound when absent or not visible."""
        names = list(paths) if paths is not None else list(self.entity.attributes)
        selection = Selection(self.entity, names, self.actor)
        raw = list(self.rows_.filter(pk=record_id).values_list(*selection.columns)[:1])
        if not raw:
            raise NotFound()
        row = selection.rows(raw)[0]
        row.setdefault("masked", [])
        return row

    def instance(self, record_id: uuid.UUID, *, lock: bool = False) -> Any:
        """The model instance of one record; kernel code only. Raises NotFound."""
        rows = self.rows_.filter(pk=record_id)
        if lock:
            # only the record's own row is locked, not the parents that rights may join
            rows = self.entity.model.objects.filter(pk__in=rows.values("pk")).select_for_update(of=("self",))
        found = rows.first()
        if found is None:
            raise NotFound()
        return found


def search_words(text: str | None) -> list[str]:
    """At most eight folded words of a search; phone-like text becomes its digits. Raises Malformed for unusable text."""
    if not text:
        return []
    if not isinstance(text, str) or len(text) > 200 or "\x00" in text:
        raise Malformed("search.malformed", "Search for at most 200 characters.", field="q")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed(
            "search.malformed", "The search has characters that cannot be used.", field="q"
        ) from None
    if re.fullmatch(r"[+()\d\s./-]{4,}", text) and len(digits := re.sub(r"\D", "", text)) >= 4:
        return [digits.lstrip("0")]
    return fold(text).split()[:8]
