"""Where a subscription's periods begin and end (SAAS.md §3.1: from the anchor, so that the 31st comes back)."""

from __future__ import annotations

from datetime import datetime

from dateutil.relativedelta import relativedelta


def boundary(anchor: datetime, interval: str, number: int) -> datetime:
    """Start of period `number` (0 is the first). Counted from the anchor: 31 Jan, 28 Feb, 31 Mar.

    Raises ValueError for an interval other than `month` and `year`.
    """
    if interval == "month":
        return anchor + relativedelta(months=number)
    if interval == "year":
        return anchor + relativedelta(years=number)
    raise ValueError(interval)


def following(anchor: datetime, interval: str, end: datetime) -> datetime:
    """The boundary after `end`, itself a boundary of `anchor`."""
    number = 1
    while boundary(anchor, interval, number) <= end:
        number += 1
    return boundary(anchor, interval, number)
