"""The calendar: the records of a list that touch some days, in the order of their beginnings (PEERS 5.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from crm_core.metadata.errors import Malformed
from crm_core.records.query.query import Query

#: Days one question may span; a month with its neighbours, a quarter, a year of an agenda.
MAX_DAYS = 400
#: More than this nobody reads on one page; the answer says that there are more.
MAX_EVENTS = 1000


def calendar(
    query: Query, first: dt.date, last: dt.date, paths: Sequence[str], *, limit: int = MAX_EVENTS
) -> dict[str, Any]:
    """`{"rows", "more"}`: records of `query` that touch the days `first` to `last` (both included, in the actor's time zone).

    What only has an end (something that is due) stands at its end, what has no date at all on no day. Raises Malformed
    `calendar.none` for objects that have no dates to plan by, `calendar.days` for days in the wrong order or too many.
    """
    entity = query.entity
    if entity.calendar is None:
        raise Malformed("calendar.none", f"{entity.label_plural} have no calendar.")
    if not 0 <= (last - first).days < MAX_DAYS:
        raise Malformed("calendar.days", f"A calendar shows 1 to {MAX_DAYS} days.", field="to")
    start, end = entity.calendar
    touching = query.filter(during(start, end, first, last)).order([start, end])
    page = touching.page(list(dict.fromkeys([entity.primary, start, end, *paths])), limit=limit)
    return {"rows": page.rows, "more": page.next is not None}


def during(start: str, end: str, first: dt.date, last: dt.date) -> dict[str, Any]:
    """Filter: begins or lasts on one of the days, or is due on one of them."""

    def one(attribute: str, operator: str, day: dt.date | None = None) -> dict[str, Any]:
        return {"attribute": attribute, "operator": operator, **({"value": day.isoformat()} if day else {})}

    begun = one(start, "on_or_before", last)
    within = {"and": [begun, one(start, "on_or_after", first)]}
    lasting = {"and": [begun, one(end, "on_or_after", first)]}
    due = {"and": [one(start, "empty"), one(end, "on_or_after", first), one(end, "on_or_before", last)]}
    return {"or": [within, lasting, due]}
