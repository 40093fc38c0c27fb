"""Keyset paging: a cursor holds the sort values and the id of the last row, so page 800 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, When
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce, Lower

from crm_core.metadata.entity import Attribute, Entity
from crm_core.metadata.errors import Malformed
from crm_core.records.query import calculated
from crm_core.records.query.filters import base_rows
from crm_core.records.query.paths import Branch, resolve
from crm_core.security import access
from crm_core.security.actor import Actor
from tenants.postgresql.statement import slot

MAX_ORDER = 4
NEVER_NULL = {"created_at", "modified_at"}


# What stands in a kept statement for a sort value of its kind; nobody can guess them, so no filter holds the same.
_TOKEN = uuid.uuid4()
_EARLY = dt.datetime(2, 3, 4, 5, 6, 7, _TOKEN.int % 1_000_000, tzinfo=dt.UTC)
_PLACES: dict[type, Callable[[int], Any]] = {
    str: lambda index: f"{_TOKEN.hex}{index}",
    dt.datetime: lambda index: _EARLY + dt.timedelta(days=index),
    dt.date: lambda index: _EARLY.date() + dt.timedelta(days=index),
    Decimal: lambda index: Decimal(_TOKEN.int + index),
    uuid.UUID: lambda index: slot(index + 1),
}


@dataclass(frozen=True)
class Position:
    """The sort values and the id of the row a page begins behind."""

    values: tuple[Any, ...]
    identifier: uuid.UUID

    @property
    def kinds(self) -> tuple[type | None, ...] | None:
        """The kind of each value, None for an empty one; None altogether when their SQL cannot be kept."""
        for value in self.values:
            if value is not None and (type(value) not in _PLACES or not _ordinary(value)):
                return None
        return tuple(None if value is None else type(value) for value in self.values)

    def place(self) -> Position:
        """A position of the same kinds to compile with."""
        values = (None if v is None else _PLACES[type(v)](i) for i, v in enumerate(self.values))
        return Position(tuple(values), slot(0))

    def given(self, place: Position) -> dict[Any, Any]:
        """What stands for what, for `Statement.run`."""
        pairs = zip((*place.values, place.identifier), (*self.values, self.identifier), strict=True)
        return {theirs: ours for theirs, ours in pairs if theirs is not None}


def _ordinary(value: Any) -> bool:
    """Whether the database takes the value as it is: fields convert moments without a zone and refuse NaN."""
    if isinstance(value, dt.datetime):
        return value.tzinfo is not None
    return value.is_finite() if isinstance(value, Decimal) else True


@dataclass(frozen=True)
class Sort:
    """One sort column: `alias` is the annotated expression, `descending` its direction; empty values come last."""

    path: str
    alias: str
    expression: Any
    descending: bool
    nullable: bool


class Ordering:
    """The order of a list, always ending with the id so that it is total."""

    def __init__(self, entity: Entity, order: Sequence[str], actor: Actor):
        if len(order) > MAX_ORDER:
            raise Malformed("order.too_long", f"At most {MAX_ORDER} sort columns.", field="order")
        self.sorts = [self._sort(entity, item, index, actor) for index, item in enumerate(order)]
        self.descending_id = bool(self.sorts) and self.sorts[0].descending
        self.signature = ",".join(("-" if s.descending else "") + s.path for s in self.sorts)

    def _sort(self, entity: Entity, item: Any, index: int, actor: Actor) -> Sort:
        if not isinstance(item, str) or not item.strip("-"):
            raise Malformed(
                "order.malformed", "Sort by attribute names, “-” before a name sorts down.", field="order"
            )
        descending, path = item.startswith("-"), item.removeprefix("-")
        branch = resolve(entity, path, actor)[0]
        attribute = branch.attribute
        if not attribute.sortable or attribute.type.name in ("memo", "multi", "parties", "file"):
            raise Malformed("order.not_sortable", f"{attribute.label} cannot be sorted.", field=path)
        expression = calculated.sort_key(branch.entity, attribute, branch.prefix, actor)
        if attribute.type.name in ("text", "auto", "lookup", "owner", "customer", "regarding"):
            expression = (
                Lower(expression) if attribute.type.name != "lookup" or not attribute.custom else expression
            )
        if (condition := _only_seen(branch, actor)) is not None:
            expression = Case(
                When(condition, then=F(expression) if isinstance(expression, str) else expression)
            )
        plain = isinstance(expression, str)
        if plain and not branch.prefix:
            field = entity.model._meta.get_field(expression)
            nullable = field.null
        else:
            nullable = branch.prefix != "" or attribute.custom or _may_be_empty(entity, attribute)
        return Sort(path, f"_s{index}", F(expression) if plain else expression, descending, nullable)

    @property
    def annotations(self) -> dict[str, Any]:
        return {s.alias: s.expression for s in self.sorts}

    def order_by(self, *, walked: bool = True) -> list[Any]:
        """The terms of ORDER BY; unless the rows may be `walked`, in a form no index has."""
        found: list[Any] = []
        for sort in self.sorts:
            last = True if sort.nullable else None
            by = F(sort.alias) if walked else Coalesce(F(sort.alias), F(sort.alias))
            found.append(by.desc(nulls_last=last) if sort.descending else by.asc(nulls_last=last))
        return [*found, F("pk").desc() if self.descending_id else F("pk").asc()]

    def after(self, position: Position) -> Q:
        """Condition for the rows behind `position`."""
        values, identifier = position.values, position.identifier
        if len(self.sorts) == 1 and not self.sorts[0].nullable:
            lookup = TupleLessThan if self.sorts[0].descending else TupleGreaterThan
            return Q(lookup((F(self.sorts[0].alias), F("pk")), (values[0], identifier)))
        found = Q()
        equal = Q()
        for sort, value in zip(self.sorts, values, strict=True):
            if value is not None:
                beyond = Q((f"{sort.alias}__{'lt' if sort.descending else 'gt'}", value))
                if sort.nullable:
                    beyond |= Q((f"{sort.alias}__isnull", True))
                found |= equal & beyond
            equal &= Q((f"{sort.alias}__isnull", True)) if value is None else Q((sort.alias, value))
        return found | equal & Q(("pk__lt" if self.descending_id else "pk__gt", identifier))

    def cursor(self, values: Sequence[Any], identifier: uuid.UUID) -> str:
        """Cursor behind the row with these sort values."""
        payload = json.dumps(
            [self.signature, [_pack(v) for v in values], str(identifier)], separators=(",", ":")
        )
        return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")

    def position(self, cursor: str) -> Position:
        """Where `cursor` points to. Raises Malformed `cursor.invalid`."""
        try:
            raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
            signature, values, identifier = json.loads(raw)
            unpacked = [_unpack(v) for v in values]
            if signature != self.signature or len(unpacked) != len(self.sorts):
                raise ValueError
            return Position(tuple(unpacked), uuid.UUID(identifier))
        except (
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            ArithmeticError,
            binascii.Error,
            RecursionError,
        ):
            raise invalid_cursor() from None


def invalid_cursor() -> Malformed:
    """The refusal of a cursor that points nowhere in this list."""
    return Malformed("cursor.invalid", "This cursor does not belong to this list.", field="cursor")


def _may_be_empty(entity: Entity, attribute: Attribute) -> bool:
    """Whether rows without a value can exist: a workspace may require a field that older records lack."""
    if attribute.column is None:
        return True
    return bool(entity.model._meta.get_field(attribute.column).null)


def _only_seen(branch: Branch, actor: Actor) -> Q | None:
    """Sorting by a value of a parent one may not read would reveal it (and the cursor carries it): it counts as empty."""
    if not branch.key or branch.entity.name == "user" or branch.attribute.name == branch.entity.primary:
        return None
    if access.visible(branch.entity, actor) is None:
        return None
    return Q((f"{branch.key}__in", base_rows(branch.entity, actor).values("pk")))


def _pack(value: Any) -> list[Any]:
    for kind, known in (("t", dt.datetime), ("d", dt.date), ("n", Decimal), ("u", uuid.UUID)):
        if isinstance(value, known):
            return [kind, value.isoformat() if isinstance(value, dt.date) else str(value)]
    return ["v", value]


_READERS: dict[str, Callable[[Any], Any]] = {
    "t": dt.datetime.fromisoformat,
    "d": dt.date.fromisoformat,
    "n": Decimal,
    "u": uuid.UUID,
}


def _unpack(packed: list[Any]) -> Any:
    kind, value = packed
    if kind == "v" and (value is None or isinstance(value, (str, int, float, bool))):
        if isinstance(value, str):
            value.encode()  # half a surrogate pair is a ValueError too
            if "\x00" in value:
                raise ValueError
        return value
    return _READERS[kind](value)
