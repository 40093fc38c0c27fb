"""What a change within a paid period costs, by remaining seconds (ASP-20.1, ASP-20.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from billing.money.rounding import part
from billing.money.tax import Taxation


@dataclass(frozen=True)
class Period:
    """A paid period, `start` included, `end` not."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    def remaining(self, at: datetime) -> int:
        """Seconds left at a moment; never negative, never more than the period."""
        left = int((self.end - at).total_seconds())
        return max(0, min(left, self.seconds))


@dataclass(frozen=True)
class Line:
    """A line of an invoice before tax. `net_minor` may be negative (credit for unused time)."""

    kind: str
    quantity: int
    unit_minor: int
    net_minor: int
    period: Period
    is_proration: bool = False
    #: Code and interval of the plan the line is about, for its text.
    lookup_key: str = ""
    #: How what a credit gives back was taxed; None: as on the day of the document.
    tax: Taxation | None = None


def prorate(unit_minor: int, quantity: int, period: Period, at: datetime) -> int:
    """Price of `quantity` units from `at` to the end of the period, rounded once over the whole line.

    AC-02: 2 × 3000 with 15 of 30 days left is 3000.
    """
    return part(unit_minor * quantity, period.remaining(at), period.seconds)


def seat_lines(unit_minor: int, added: int, period: Period, at: datetime, lookup_key: str = "") -> list[Line]:
    """The line for `added` seats in the middle of a period. Raises ValueError when none are added."""
    if added < 1:
        raise ValueError("Seats are removed at renewal, without a line.")
    net = prorate(unit_minor, added, period, at)
    return [Line("seats_added", added, unit_minor, net, Period(at, period.end), True, lookup_key)]


def addon_lines(
    units: Mapping[str, int], old: Mapping[str, int], new: Mapping[str, int], period: Period, at: datetime
) -> list[Line]:
    """Lines for add-ons of which there are more in the middle of a period, by lookup key.

    `units` are the prices of one. Raises ValueError when there are fewer of one: those go at the renewal, without a line.
    """
    if any(new.get(key, 0) < quantity for key, quantity in old.items()):
        raise ValueError("Add-ons are removed at renewal, without a line.")
    rest = Period(at, period.end)
    return [
        Line("addon_added", added, units[key], prorate(units[key], added, period, at), rest, True, key)
        for key in sorted(new)
        if (added := new[key] - old.get(key, 0)) > 0
    ]


def addons_unused(
    units: Mapping[str, int], old: Mapping[str, int], period: Period, at: datetime
) -> list[Line]:
    """Credits for the rest of the period of all add-ons, when another interval begins."""
    rest = Period(at, period.end)
    return [
        Line(
            "addon_unused", old[key], units[key], -prorate(units[key], old[key], period, at), rest, True, key
        )
        for key in sorted(old)
        if old[key]
    ]


def addon_period_lines(units: Mapping[str, int], addons: Mapping[str, int], period: Period) -> list[Line]:
    """The lines of add-ons for a whole period."""
    return [
        Line("addon_period", addons[key], units[key], units[key] * addons[key], period, False, key)
        for key in sorted(addons)
        if addons[key]
    ]


def plan_lines(
    old: tuple[str, int, int], new: tuple[str, int, int], period: Period, at: datetime
) -> list[Line]:
    """Credit for the unused part of the old plan and charge for the rest of the period on the new one.

    `old` and `new` are (lookup key, price of a seat, seats); both prices are for the same interval.
    """
    rest = Period(at, period.end)
    old_key, old_unit, old_seats = old
    new_key, new_unit, new_seats = new
    credit = -prorate(old_unit, old_seats, period, at)
    charge = prorate(new_unit, new_seats, period, at)
    return [
        Line("plan_unused", old_seats, old_unit, credit, rest, True, old_key),
        Line("plan_remaining", new_seats, new_unit, charge, rest, True, new_key),
    ]


def usage_line(unit_minor: int, used: int, pack: int, period: Period, lookup_key: str) -> Line:
    """The line for `used` units of a meter sold by `pack`; a pack that was begun counts. Raises ValueError below one."""
    if used < 1 or pack < 1:
        raise ValueError("Nothing was used.")
    packs = -(-used // pack)
    return Line("usage", packs, unit_minor, unit_minor * packs, period, False, lookup_key)


def period_line(unit_minor: int, seats: int, period: Period, lookup_key: str) -> Line:
    """The line of a whole period."""
    return Line("period", seats, unit_minor, unit_minor * seats, period, False, lookup_key)
