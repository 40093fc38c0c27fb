"""The board: per option its count, sums and first cards, in two statements whatever the number of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Value
from django.db.models.fields import IntegerField

from crm_core.metadata.errors import Malformed
from crm_core.records.query.aggregate import aggregate
from crm_core.records.query.paging import Ordering
from crm_core.records.query.prepared import Statement, kept
from crm_core.records.query.query import MAX_LIMIT, Query
from crm_core.records.query.selecting import Selection


def board(
    query: Query, attribute_name: str, paths: Sequence[str], *, sums: Sequence[str] = (), limit: int = 50
) -> list[dict[str, Any]]:
    """Columns of the board over the option attribute `attribute_name`.

    Each has value, label, color, count, one sum per name in `sums`, its first `limit` rows and the cursor for more.
    Raises Malformed when the attribute has no options.
    """
    attribute = query.entity.attribute(attribute_name)
    if attribute.type.name not in ("pick", "status_reason"):
        raise Malformed(
            "board.no_options", f"{attribute.label} has no options to make columns of.", field="attribute"
        )
    if not 1 <= limit <= MAX_LIMIT:
        raise Malformed("request.limit", f"1 to {MAX_LIMIT} cards.", field="limit")
    measures = [{"fn": "count"}, *[{"fn": "sum", "attribute": name} for name in sums]]
    groups = aggregate(query, [{"attribute": attribute_name}], measures)["groups"]
    totals = {g["keys"][0]: g["values"] for g in groups}
    finished = _closed_reasons(query) if attribute.type.name == "status_reason" else frozenset()
    columns: list[tuple[int | None, str, str]] = [
        (o.value, str(o.label), o.color)
        for o in attribute.options
        if str(o.value) in totals or (o.active and o.value not in finished)
    ]
    if None in totals:
        columns.append((None, "", "gray"))
    cards = _cards(
        query, attribute_name, [c[0] for c in columns if str(c[0]) in totals or c[0] is None], paths, limit
    )
    found = []
    for value, label, color in columns:
        values = totals.get(None if value is None else str(value)) or [0, *[None] * len(sums)]
        rows, following = cards.get(value, ([], None))
        found.append(
            {
                "value": value,
                "label": label,
                "color": color,
                "count": values[0],
                "sums": values[1:],
                "rows": rows,
                "next": following,
            }
        )
    return found


def _closed_reasons(query: Query) -> frozenset[int]:
    """Reasons of closed states: nothing is dragged there, an action closes a record (CON-1)."""
    return frozenset(r.value for state in query.entity.states if state.closed for r in state.reasons)


def _cards(
    query: Query, attribute_name: str, values: list[Any], paths: Sequence[str], limit: int
) -> dict[Any, tuple[list, str | None]]:
    """First cards of every column by one UNION ALL of index-friendly pieces."""
    if not values:
        return {}

    def make() -> tuple[Selection, Ordering, Statement]:
        return _cards_statement(query, attribute_name, values, paths, limit)

    if query.signature is None:
        selection, ordering, statement = make()
    else:
        key = ("cards", query.signature, query.order_, attribute_name, tuple(values), tuple(paths), limit)
        selection, ordering, statement = kept(query.actor, key, make)
    sorts = len(ordering.sorts)
    by_value: dict[Any, list[tuple]] = {}
    for row in statement.run():
        by_value.setdefault(row[-1], []).append(row)
    found: dict[Any, tuple[list, str | None]] = {}
    for value in values:
        mine = by_value.get(-1 if value is None else value, [])
        more, mine = len(mine) > limit, mine[:limit]
        following = ordering.cursor(mine[-1][-1 - sorts : -1], mine[-1][0]) if more else None
        found[value] = (selection.rows(mine), following)
    return found


def _cards_statement(
    query: Query, attribute_name: str, values: list[Any], paths: Sequence[str], limit: int
) -> tuple[Selection, Ordering, Statement]:
    attribute = query.entity.attribute(attribute_name)
    expression = attribute.type.expression(attribute)
    selection = Selection(query.entity, [attribute_name, *paths], query.actor)
    ordering = Ordering(query.entity, query.order_ or ("-created_at",), query.actor)
    sort_columns = [F(s.alias) for s in ordering.sorts]
    pieces = []
    for value in values:
        rows = query.rows_.alias(
            _column=F(expression) if isinstance(expression, str) else expression, **ordering.annotations
        )
        rows = rows.filter(_column__isnull=True) if value is None else rows.filter(_column=value)
        tag = Value(-1 if value is None else value, output_field=IntegerField())
        pieces.append(
            rows.order_by(*ordering.order_by()).values_list(*selection.columns, *sort_columns, tag)[
                : limit + 1
            ]
        )
    rows = pieces[0] if len(pieces) == 1 else pieces[0].union(*pieces[1:], all=True)
    return selection, ordering, Statement(rows)
