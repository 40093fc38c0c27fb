"""Groups and sums answered from an object's roll-up where it can tell them exactly (decision 0021)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Case, QuerySet, Sum, When
from django.db.models.lookups import GreaterThan

from crm_core.metadata import registry
from crm_core.metadata.entity import SummaryTable
from crm_core.records.query.filters import compile_filter
from crm_core.security import access

if TYPE_CHECKING:
    from crm_core.records.query.aggregate import Measure
    from crm_core.records.query.grouping import Group
    from crm_core.records.query.query import Query

FILLED = "_filled"
_PERIODS = ("month", "quarter", "year")


def rows(query: Query, by: Sequence[Group], what: Sequence[Measure]) -> QuerySet | None:
    """The rows of the roll-up that stand for the query's; None when it cannot tell what is asked.

    It can when rights, filter and groups speak of nothing but its keys, and counts and sums are asked. Rights are the same
    condition over columns of the same names; what is shared record by record it does not know.
    """
    sheet, actor = query.entity.rollup, query.actor
    if sheet is None or query.trees is None or query.entity.name in actor.shared_objects:
        return None
    if not all(_is_kept_by(sheet, group) for group in by) or not all(_adds_up(sheet, m) for m in what):
        return None
    found = sheet.model._default_manager.all()
    condition = access.visible(query.entity, actor)
    found = found if condition is None else found.filter(condition)
    for tree in query.trees:
        if not _names(tree) <= sheet.keys:
            return None
        narrowed, _aliases = compile_filter(query.entity, tree, actor)
        found = found.filter(narrowed)
    return found


def _is_kept_by(sheet: SummaryTable, group: Group) -> bool:
    name = group.attribute.name
    return name in sheet.keys or (name in sheet.months and group.by in _PERIODS)


def _adds_up(sheet: SummaryTable, measure: Measure) -> bool:
    if measure.attribute is None:
        return True
    return measure.fn == "sum" and measure.attribute.name in sheet.sums


def _names(tree: Any) -> set[str]:
    for key in ("and", "or"):
        if key in tree:
            return set().union(*map(_names, tree[key]))
    return _names(tree["not"]) if "not" in tree else {tree["attribute"]}


def measured(measure: Measure) -> Any:
    """A count or sum over rows of the roll-up; no amount anywhere is no sum, as over the records themselves."""
    if measure.attribute is None:
        return Sum("records")
    name = measure.attribute.name
    return Case(When(GreaterThan(Sum(f"{name}{FILLED}"), 0), then=Sum(name)))


def draw_together() -> None:
    """Make one row of the rows of each key, where many have gathered; for the sweep.

    One statement takes the rows it sees and writes what they add up to, so whoever reads or writes meanwhile finds
    the same sums before and after.
    """
    for entity in registry.all():
        if entity.rollup is not None and _is_scattered(entity.rollup):
            with connection.cursor() as cursor:
                cursor.execute(_drawing(entity.rollup))


def _columns(sheet: SummaryTable) -> tuple[list[str], list[str]]:
    """Columns of the key and columns that add up."""
    names = [f.column for f in sheet.model._meta.concrete_fields if not f.primary_key]
    added = ["records", *[f"{name}{end}" for name in sheet.sums for end in ("", FILLED)]]
    return [n for n in names if n not in added], added


def _is_scattered(sheet: SummaryTable) -> bool:
    keys, _added = _columns(sheet)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) > 100 + 2 * count(DISTINCT ({', '.join(keys)})) FROM {sheet.model._meta.db_table}"  # noqa: S608
        )
        return bool(cursor.fetchone()[0])


def _drawing(sheet: SummaryTable) -> str:
    keys, added = _columns(sheet)
    table, kept = sheet.model._meta.db_table, ", ".join(keys)
    return (
        f"WITH gone AS (DELETE FROM {table} RETURNING *) INSERT INTO {table} ({kept}, {', '.join(added)})"  # noqa: S608
        f" SELECT {kept}, {', '.join(f'sum({name})' for name in added)} FROM gone GROUP BY {kept}"
        f" HAVING {' OR '.join(f'sum({name}) <> 0' for name in added)}"
    )
