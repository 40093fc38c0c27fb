"""Counts and sums by groups, with the filter that opens exactly those records (drill-down)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, F, Max, Min, QuerySet, Sum
from django.db.models.functions import Trunc, Upper

from crm_core.metadata.entity import Attribute
from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.temporal import _STEP
from crm_core.records.query import calculated, rollup
from crm_core.records.query.measuring import measured
from crm_core.records.query.prepared import Statement, kept
from crm_core.records.query.query import Query
from crm_core.records.query.selecting import names_of
from crm_core.security import access

PERIODS = ("day", "week", "month", "quarter", "year")
# how the sums, counts … of days become those of a longer period
_ADDED = {"count": "sum({})::bigint", "sum": "sum({})", "min": "min({})", "max": "max({})"}
FUNCTIONS = {"sum": Sum, "avg": Avg, "min": Min, "max": Max}
GROUPABLE = (
    "pick",
    "bool",
    "state",
    "status_reason",
    "lookup",
    "customer",
    "owner",
    "date",
    "datetime",
    "int",
    "text",
)


class Group:
    """One grouping: an attribute, for dates by period."""

    def __init__(self, query: Query, spec: Any, index: int):
        if not isinstance(spec, dict) or set(spec) - {"attribute", "by"}:
            raise Malformed("aggregate.malformed", "A group has attribute and by.", field=f"group.{index}")
        self.attribute = query.entity.attribute(spec.get("attribute"), field_path=f"group.{index}.attribute")
        access.require_readable(query.entity, self.attribute, query.actor)
        self.entity, self.actor = query.entity, query.actor
        self.kind = self.attribute.type.name
        self.states = query.entity.states
        self.by: Any = spec.get("by")
        self.zone = query.actor.time_zone
        if self.kind not in GROUPABLE or (self.by is not None and self.kind not in ("date", "datetime")):
            raise Malformed(
                "aggregate.not_groupable",
                f"{self.attribute.label} cannot be grouped so.",
                field=f"group.{index}",
            )
        if self.kind in ("date", "datetime"):
            self.by = self.by or "month"
            if not isinstance(self.by, str) or self.by not in PERIODS:
                raise Malformed(
                    "aggregate.unknown_period",
                    "Periods are day, week, month, quarter and year.",
                    field=f"group.{index}.by",
                )
        self.alias = f"_g{index}"
        self.is_reference = self.kind in ("owner", "lookup", "customer")
        # the name stands in a joined table; that of a custom lookup is looked up once the groups are known
        self.name_alias = f"_n{index}" if self.is_reference and not self.attribute.custom else None
        # texts that differ in case only are equal in every filter, so they are one group, shown in one of its spellings
        self.spelling_alias = f"_s{index}" if self.kind == "text" else None

    @property
    def name(self) -> Any:
        """The referred record's name, which groups of references are shown and ordered by."""
        found = calculated.sort_key(self.entity, self.attribute, "", self.actor)
        return F(found) if isinstance(found, str) else found

    def names(self, rows: list[dict[str, Any]]) -> dict[str, str]:
        """Names of the records these groups refer to, by id."""
        if self.name_alias:
            return {str(row[self.alias]): row[self.name_alias] for row in rows if row[self.name_alias]}
        if not self.is_reference:
            return {}
        ids = {str(row[self.alias]) for row in rows if row[self.alias] is not None}
        return names_of(self.attribute.targets[0], ids)

    @property
    def by_day(self) -> Any:
        """The date itself, when it is cut into longer periods; None for everything else."""
        if self.kind != "date" or self.by == "day":
            return None
        return self._value

    @property
    def _value(self) -> Any:
        found = calculated.expression(self.entity, self.attribute, "", self.actor)
        return F(found) if isinstance(found, str) else found

    @property
    def spelling(self) -> Any:
        """How a group of texts is written: the first of its spellings."""
        return Min(self._value)

    @property
    def expression(self) -> Any:
        if self.kind == "text":
            return Upper(self._value)
        if self.kind == "datetime":
            return Trunc(self._value, self.by, tzinfo=self.zone)
        return Trunc(self._value, self.by) if self.kind == "date" else self._value

    def key(self, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, dt.datetime):
            return value.astimezone(self.zone).date().isoformat()
        return value.isoformat() if isinstance(value, dt.date) else str(value)

    def label(self, value: Any, name: str | None) -> str:
        if value is None:
            return ""
        if self.kind in ("pick", "status_reason"):
            return self.attribute.type.to_text(self.attribute, value)
        if self.kind == "state":
            return next((str(state.label) for state in self.states if state.value == value), str(value))
        if self.kind in ("date", "datetime"):
            return self._period_label(
                value.astimezone(self.zone).date() if isinstance(value, dt.datetime) else value
            )
        return name or str(value)

    def _period_label(self, day: dt.date) -> str:
        if self.by == "year":
            return str(day.year)
        if self.by == "quarter":
            return f"{day.year} Q{(day.month + 2) // 3}"
        return f"{day:%Y-%m}" if self.by == "month" else day.isoformat()

    def condition(self, value: Any) -> dict[str, Any]:
        """The filter tree that selects exactly this group's records."""
        name = self.attribute.name
        if value is None:
            return {"attribute": name, "operator": "empty"}
        if self.kind in ("date", "datetime"):
            start = value.astimezone(self.zone).date() if isinstance(value, dt.datetime) else value
            end = start + _STEP[self.by] - dt.timedelta(days=1)
            return {"and": [
                {"attribute": name, "operator": "on_or_after", "value": start.isoformat()},
                {"attribute": name, "operator": "on_or_before", "value": end.isoformat()},
            ]}  # fmt: skip
        plain = value if isinstance(value, (bool, int, str)) else str(value)
        return {"attribute": name, "operator": "eq", "value": plain}


class Measure:
    """count, or sum, avg, min, max of a number; money is summed in the base currency."""

    def __init__(self, query: Query, spec: Any, index: int):
        if not isinstance(spec, dict) or set(spec) - {"fn", "attribute"}:
            raise Malformed(
                "aggregate.malformed", "A measure has fn and attribute.", field=f"measures.{index}"
            )
        self.fn = spec.get("fn", "count")
        self.alias = f"_m{index}"
        self.attribute: Attribute | None = None
        self.entity, self.actor = query.entity, query.actor
        if self.fn == "count":
            return
        if not isinstance(self.fn, str) or self.fn not in FUNCTIONS:
            raise Malformed(
                "aggregate.unknown_function",
                "Functions are count, sum, avg, min and max.",
                field=f"measures.{index}.fn",
            )
        attribute = query.entity.attribute(spec.get("attribute"), field_path=f"measures.{index}.attribute")
        access.require_readable(query.entity, attribute, query.actor)
        attribute, self._sql = measured(query.entity, attribute, query.actor)
        if self.fn not in attribute.type.aggregates or attribute.type.name in ("date", "datetime"):
            raise Malformed(
                "aggregate.not_a_number", f"{attribute.label} has no {self.fn}.", field=f"measures.{index}"
            )
        self.attribute = attribute

    @property
    def expression(self) -> Any:
        if self.attribute is None:
            return Count("pk")
        return FUNCTIONS[self.fn](self._sql)

    def value(self, raw: Any) -> Any:
        return raw if self.attribute is None else self.attribute.type.to_json(self.attribute, raw)


def aggregate(
    query: Query, groups: Sequence[Any], measures: Sequence[Any], *, limit: int = 200
) -> dict[str, Any]:
    """`{"groups": [{keys, labels, values, filter}], "totals": [...]}`, ordered by the groups' keys.

    Raises Malformed for unknown attributes, functions and periods. Only rows the actor may read are counted.
    """
    if not isinstance(groups, list) or len(groups) > 3:
        raise Malformed("aggregate.malformed", "At most three groups.", field="group")
    if not isinstance(measures, list) or not 1 <= len(measures) <= 10:
        raise Malformed("aggregate.malformed", "One to ten measures.", field="measures")
    by = [Group(query, spec, i) for i, spec in enumerate(groups)]
    what = [Measure(query, spec, i) for i, spec in enumerate(measures)]
    found = _grouped(query, by, what, limit) if by else []
    columns = [*[g.alias for g in by], *_name_aliases(by), *_spellings(by), *[m.alias for m in what]]
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    for alias, spelling in ((g.alias, g.spelling_alias) for g in by if g.spelling_alias):
        for row in rows:
            row[alias] = row[spelling]
    names = [g.names(rows) for g in by]
    totals = _totals(query, what, rows, complete=bool(by) and len(rows) < limit)
    answer: dict[str, Any] = {"groups": [], "totals": [m.value(t) for m, t in zip(what, totals, strict=True)]}
    told: list[dict[Any, tuple[str | None, str, dict[str, Any]]]] = [{} for _group in by]
    for row in rows:
        parts = []
        for group, name, known in zip(by, names, told, strict=True):
            value = row[group.alias]
            if value not in known:  # a stage or a month stands in many rows, and is put into words once
                known[value] = (
                    group.key(value),
                    group.label(value, name.get(str(value))),
                    group.condition(value),
                )
            parts.append(known[value])
        answer["groups"].append({
            "keys": [key for key, _label, _condition in parts],
            "labels": [label for _key, label, _condition in parts],
            "values": [m.value(row[m.alias]) for m in what],
            "filter": {"and": [condition for _key, _label, condition in parts]},
        })  # fmt: skip
    return answer


def _name_aliases(by: list[Group]) -> list[str]:
    return [g.name_alias for g in by if g.name_alias]


def _spellings(by: list[Group]) -> dict[str, Any]:
    return {g.spelling_alias: g.spelling for g in by if g.spelling_alias}


def _order(by: list[Group]) -> list[str]:
    """References by name, everything else by its value."""
    return [alias for g in by for alias in (g.name_alias, g.alias) if alias]


def _grouped(query: Query, by: list[Group], what: list[Measure], limit: int) -> list[tuple[Any, ...]]:
    def make() -> Statement:
        if (summed := rollup.rows(query, by, what)) is not None:
            return _rolled_up(summed, by, what, limit)
        if any(g.by_day for g in by) and not _spellings(by) and all(m.fn != "avg" for m in what):
            return _by_days_first(query, by, what, limit)
        rows = query.rows_.order_by().annotate(**{g.alias: g.expression for g in by})
        rows = rows.annotate(**{g.name_alias: g.name for g in by if g.name_alias})
        rows = rows.values_list(*[g.alias for g in by], *_name_aliases(by))
        rows = rows.annotate(**_spellings(by), **{m.alias: m.expression for m in what})
        return Statement(rows.order_by(*[F(a).asc(nulls_last=True) for a in _order(by)])[:limit])

    if query.signature is None:
        return make().run()
    # dates are cut into periods in the actor's time zone, so it belongs to the key
    groups = tuple((g.attribute.name, g.by, str(g.zone)) for g in by)
    measures = tuple((m.fn, m.attribute.name if m.attribute else None) for m in what)
    return kept(query.actor, ("groups", query.signature, groups, measures, limit), make).run()


def _rolled_up(rows: QuerySet, by: list[Group], what: list[Measure], limit: int) -> Statement:
    rows = rows.order_by().annotate(**{g.alias: g.expression for g in by})
    rows = rows.annotate(**{g.name_alias: g.name for g in by if g.name_alias})
    rows = rows.values_list(*[g.alias for g in by], *_name_aliases(by))
    rows = rows.annotate(**{m.alias: rollup.measured(m) for m in what})
    rows = rows.alias(_live=Sum("records")).filter(
        _live__gt=0
    )  # what came and went leaves rows that are nothing
    return Statement(rows.order_by(*[F(a).asc(nulls_last=True) for a in _order(by)])[:limit])


def _by_days_first(query: Query, by: list[Group], what: list[Measure], limit: int) -> Statement:
    """Sums by day, which an index over the day gives in its order, added up to periods: half the price of cutting every row's date."""
    quote, names = connection.ops.quote_name, _name_aliases(by)
    rows = query.rows_.order_by().annotate(**{g.alias: g.by_day or g.expression for g in by})
    rows = rows.annotate(**{g.name_alias: g.name for g in by if g.name_alias})
    rows = rows.values_list(*[g.alias for g in by], *names).annotate(**{m.alias: m.expression for m in what})
    columns = [
        f"date_trunc('{g.by}', {quote(g.alias)}::timestamp)::date" if g.by_day else quote(g.alias) for g in by
    ]
    columns += map(quote, names)
    keys = ", ".join(str(n + 1) for n in range(len(columns)))
    columns += [_ADDED[m.fn].format(quote(m.alias)) for m in what]
    places = {alias: n + 1 for n, alias in enumerate([*[g.alias for g in by], *names])}
    order = ", ".join(f"{places[alias]} NULLS LAST" for alias in _order(by))
    return Statement(rows).within(
        f"SELECT {', '.join(columns)} FROM", f"GROUP BY {keys} ORDER BY {order} LIMIT {int(limit)}"
    )


def _totals(query: Query, what: list[Measure], rows: list[dict[str, Any]], *, complete: bool) -> list[Any]:
    """Counts and sums over everything: added up from the groups where these are complete, else asked for."""
    if complete and all(m.fn in ("count", "sum") for m in what):
        return [_added([row[m.alias] for row in rows], counted=m.fn == "count") for m in what]
    found = query.rows_.order_by().aggregate(**{m.alias: m.expression for m in what})
    return [found[m.alias] for m in what]


def _added(values: list[Any], *, counted: bool) -> Any:
    given = [v for v in values if v is not None]
    return sum(given) if given or counted else None
