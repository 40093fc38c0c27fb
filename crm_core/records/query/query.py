"""The query: what every list, board, export, report and related list is made of (PLT-62)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import F, Q, QuerySet, Sum

from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Malformed, NotFound
from crm_core.records.query import list_sizes
from crm_core.records.query.by_key import without_joins
from crm_core.records.query.filters import base_rows, compile_filter
from crm_core.records.query.lasting import lasting
from crm_core.records.query.measuring import measured
from crm_core.records.query.paging import Ordering, Position, invalid_cursor
from crm_core.records.query.prepared import Statement, kept, slot
from crm_core.records.query.searching import SearchText, matching, read_text
from crm_core.records.query.selecting import Selection
from crm_core.security import access
from crm_core.security.actor import Actor

COUNT_CAP = 10_000
#: so many rows found by a text are sorted; more are met sooner by walking all rows in the order of the list, and are
#: not counted further: each of them has to be read to know that it holds the text
SORTED = 2_000
MAX_LIMIT = 1000
MAX_FIELDS = 100
# What fields raise for a cursor's value that their column cannot have.
_NO_VALUE = (ValidationError, TypeError, ValueError, ArithmeticError)


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
        self._build: Callable[[], QuerySet] = lambda: base_rows(entity, actor, privilege, deleted=deleted)
        self._rows: QuerySet | None = None
        self.narrowed = False
        self.counted = COUNT_CAP
        self.order_: tuple[str, ...] = ()
        # What the rows are narrowed by, where that alone decides the SQL; None when it does not.
        self.signature: Hashable | None = (entity.name, privilege, deleted)
        # The filter trees that narrow what may be read; None where something else narrows the rows as well.
        self.trees: tuple[Any, ...] | None = None if deleted or privilege != "read" else ()
        # The same rows for any text of the same shape, and what was searched for.
        self._pattern: Query | None = None
        self._texts: dict[str, str] = {}

    @property
    def rows_(self) -> QuerySet:
        """The rows as a queryset; built when somebody needs it, which a kept statement does not."""
        if self._rows is None:
            self._rows = self._build()
        return self._rows

    def _with(self, rows: QuerySet | Callable[[], QuerySet], signature: Hashable | None = None) -> Query:
        clone = object.__new__(Query)
        clone.__dict__.update(self.__dict__)
        clone._rows = None if callable(rows) else rows
        if callable(rows):
            clone._build = rows
        clone.signature = signature
        clone.trees = None
        clone._pattern, clone._texts = None, {}
        clone.narrowed = True
        return clone

    def filter(self, tree: Any) -> Query:
        """Narrow by a filter tree. Raises Malformed for anything unknown."""
        if tree in (None, {}):
            return self

        def compiled() -> QuerySet:
            condition, aliases = compile_filter(self.entity, tree, self.actor)
            return self.rows_.alias(**aliases).filter(condition) if condition or aliases else self.rows_

        if self.signature is None or not lasting(self.entity, tree):
            return self._with(compiled())
        signature = (self.signature, "filter", json.dumps(tree, sort_keys=True))
        # a tree that compiled once for this person compiles again: what is wrong with it is said here and now
        kept(self.actor, ("compiles", signature), lambda: compiled() is not None)
        narrowed = self._with(compiled, signature)
        narrowed.trees = None if self.trees is None else (*self.trees, tree)
        return narrowed

    def where(self, condition: Q) -> Query:
        """Narrow by a condition over model columns; for kernel code only."""
        return self._with(self.rows_.filter(condition))

    def search(self, text: str | None) -> Query:
        """Narrow to records found by all words of `text`: names, e-mails, numbers, phone digits, long texts."""
        asked = read_text(text)
        if asked is None:
            return self

        def found(asked: SearchText) -> Callable[[], QuerySet]:
            return lambda: self.rows_.filter(matching(self.entity, self.actor, asked))

        signature = None if self.signature is None else (self.signature, "search", asked)
        narrowed = self._with(found(asked), signature)
        narrowed.counted = SORTED
        if signature is None:
            return narrowed
        narrowed._pattern = self._with(found(asked.places()), (self.signature, "searches", asked.shape))
        narrowed._texts = asked.given()
        return narrowed

    def _kept_as(self) -> Query:
        """The query statements are kept for; what was searched for is given to them when they run."""
        return self if self._pattern is None else self._pattern.order(self.order_)

    def order(self, order: Sequence[str]) -> Query:
        clone = object.__new__(Query)
        clone.__dict__.update(self.__dict__)
        clone.order_ = tuple(order)
        return clone

    def page(
        self,
        paths: Sequence[str],
        *,
        limit: int = 50,
        cursor: str | None = None,
        most_fields: int = MAX_FIELDS,
        found: int | None = None,
    ) -> Page:
        """One page of `paths`; `found` says how many rows there are, where that is known.

        Raises Malformed for a limit outside 1–1,000, too many paths or a foreign cursor.
        """
        if not 1 <= limit <= MAX_LIMIT:
            raise Malformed("request.limit", f"1 to {MAX_LIMIT} rows.", field="limit")
        if len(paths) > most_fields:
            raise Malformed("request.too_many_fields", f"At most {most_fields} attributes.", field="fields")
        if self.signature is None:
            behind = Ordering(self.entity, self.order_, self.actor).position(cursor) if cursor else None
            selection, ordering, raw = self._asked(paths, limit, behind)
        else:
            few = self._pattern is not None and found is not None and found <= SORTED
            selection, ordering, raw = self._kept_as()._kept_page(paths, limit, cursor, self, few=few)
        return self._paged(selection, ordering, raw, limit)

    def _page(
        self, paths: Sequence[str], limit: int, behind: Position | None, *, few: bool = False
    ) -> tuple[Selection, Ordering, QuerySet]:
        selection = Selection(self.entity, paths, self.actor)
        ordering = Ordering(self.entity, self.order_, self.actor)
        rows = self.rows_.alias(**ordering.annotations)
        if behind is not None:
            rows = rows.filter(ordering.after(behind))
        if self.narrowed:
            # first which rows, then their names from other tables: thousands of hits are not joined to sort fifty
            chosen = rows.order_by(*ordering.order_by(walked=not few)).values("pk")[: limit + 1]
            rows = self.entity.model.objects.filter(pk__in=chosen).alias(**ordering.annotations)
        sort_columns = [F(s.alias) for s in ordering.sorts]
        rows = rows.order_by(*ordering.order_by()).values_list(*selection.columns, *sort_columns)
        return selection, ordering, rows[: limit + 1]

    def _kept_page(
        self, paths: Sequence[str], limit: int, cursor: str | None, asked: Query, *, few: bool
    ) -> tuple[Selection, Ordering, list[tuple]]:
        """A page by a statement kept for this order, whose parameters are the cursor's values and `asked`'s texts."""
        key: tuple[Hashable, ...] = ("page", self.signature, self.order_, tuple(paths), limit, few)
        behind: Position | None = None
        place: Position | None = None
        if cursor:
            ordering = kept(
                self.actor,
                ("ordering", self.entity.name, self.order_),
                lambda: Ordering(self.entity, self.order_, self.actor),
            )
            behind = ordering.position(cursor)
            if behind.kinds is None:
                return asked._asked(paths, limit, behind)
            key, place = (*key, behind.kinds), behind.place()

        def make() -> tuple[Selection, Ordering, Statement | None]:
            if place is None:
                selection, ordering, rows = self._page(paths, limit, None, few=few)
                return selection, ordering, Statement(rows, texts=asked._texts)
            try:
                selection, ordering, rows = self._page(paths, limit, place, few=few)
                statement = Statement(rows, places=place.values, texts=asked._texts)
            except _NO_VALUE:
                selection = Selection(self.entity, paths, self.actor)
                return selection, Ordering(self.entity, self.order_, self.actor), None
            taken = place.given(place).keys() <= set(statement.parameters)
            return selection, ordering, statement if taken else None

        selection, ordering, statement = kept(self.actor, key, make)
        if statement is None:  # a field converts values of this kind
            return asked._asked(paths, limit, behind)
        if behind is None or place is None:
            return selection, ordering, statement.run(texts=asked._texts)
        try:
            return selection, ordering, statement.run(behind.given(place), asked._texts)
        except DataError:
            raise invalid_cursor() from None

    def _asked(
        self, paths: Sequence[str], limit: int, behind: Position | None
    ) -> tuple[Selection, Ordering, list[tuple]]:
        """A page compiled for this very position. Raises Malformed for values the columns cannot have."""
        try:
            selection, ordering, rows = self._page(paths, limit, behind)
            return selection, ordering, list(rows)
        except (*_NO_VALUE, DataError):
            if behind is None:
                raise
            raise invalid_cursor() from None

    def _paged(self, selection: Selection, ordering: Ordering, raw: list[tuple], limit: int) -> Page:
        more, raw = len(raw) > limit, raw[:limit]
        following = None
        if more:
            last = raw[-1]
            following = ordering.cursor(last[len(last) - len(ordering.sorts) :], last[0])
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

    def total(self) -> int:
        """Exact number of rows."""
        return self.rows_.order_by().count()

    def count(self, mode: str = "capped") -> dict[str, Any] | None:
        """`{"value", "exact"}`; mode none, capped (at 10,000, of those found by a text at 2,000) or exact."""
        if mode == "none":
            return None
        if mode == "exact":
            return {"value": self.total(), "exact": True}
        if self.signature is not None:
            same = self._kept_as()
            statement = kept(
                self.actor,
                ("count", same.signature, self.counted),
                lambda: Statement(
                    same.rows_.order_by().values_list("pk")[: self.counted + 1], texts=self._texts
                ),
            )
            value = statement.count(texts=self._texts)
        else:
            value = self.rows_.order_by().values("pk")[: self.counted + 1].count()
        return {"value": min(value, self.counted), "exact": value <= self.counted}

    def sums(self, names: Sequence[str]) -> dict[str, str | None]:
        """Sums of number attributes over all rows; of amounts in the base currency."""
        wanted: dict[str, tuple[Attribute, Any]] = {}
        for name in names:
            attribute = self.entity.attribute(name)
            access.require_readable(self.entity, attribute, self.actor)
            if "sum" not in attribute.type.aggregates:
                raise Malformed("aggregate.not_a_number", f"{attribute.label} cannot be summed.", field=name)
            wanted[name] = measured(self.entity, attribute, self.actor)
        sums = {f"sum{i}": Sum(sql) for i, (_attribute, sql) in enumerate(wanted.values())}
        found = self.rows_.order_by().aggregate(**sums)
        return {n: a.type.to_json(a, found[f"sum{i}"]) for i, (n, (a, _sql)) in enumerate(wanted.items())}

    def ids(self, limit: int | None = None) -> list[uuid.UUID]:
        """Ids of the rows in stable order."""
        rows = self.rows_.order_by("pk").values_list("pk", flat=True)
        return list(rows if limit is None else rows[:limit])

    def exists(self) -> bool:
        return self.rows_.exists()

    def one(self, record_id: uuid.UUID, paths: Sequence[str] | None = None) -> dict[str, Any]:
        """One whole record as JSON values. Raises NotFound when absent or not visible."""
        names = list(paths) if paths is not None else list(self.entity.attributes)

        def make() -> tuple[Selection, Statement]:
            selection = Selection(self.entity, names, self.actor)
            return selection, Statement(
                self.rows_.filter(pk=slot(0)).values_list(
                    *without_joins(self.entity.model, selection.columns)
                )[:1],
                shared=True,
            )

        if self.signature is None:
            selection, statement = make()
        else:
            selection, statement = kept(self.actor, ("one", self.signature, tuple(names)), make)
        raw = statement.run({slot(0): record_id})
        if not raw:
            raise NotFound()
        row = selection.rows(raw)[0]
        row.setdefault("masked", [])
        if self.entity.collects is not None:
            list_sizes.complete(self.entity, row, names, self.actor)
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
