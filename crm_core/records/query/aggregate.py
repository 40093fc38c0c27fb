"""Counts and sums by groups, with the filter that opens exactly those records (drill-down)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, F, Max, Min, QuerySet, Sum

from crm_core.metadata.entity import Attribute
from crm_core.metadata.errors import Malformed
from crm_core.records.query import rollup
from crm_core.records.query.grouping import Group
from crm_core.records.query.measuring import measured
from crm_core.records.query.prepared import Statement, kept
from crm_core.records.query.query import Query
from crm_core.security import access

# how the sums, counts … of days become those of a longer period
_ADDED = {"count": "sum({})::bigint", "sum": "sum({})", "min": "min({})", "max": "max({})"}
FUNCTIONS = {"sum": Sum, "avg": Avg, "min": Min, "max": Max}


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
    # dates are cut into periods in the actor's time zone and weeks, so they belong to the key
    groups = tuple((g.attribute.name, g.by, str(g.zone), g.week_shift) for g in by)
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
    columns = [g.cut(quote(g.alias)) if g.by_day else quote(g.alias) for g in by]
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
