"""Figures kept day by day: what cannot be read from today's rows any more (ASP-30 Figures)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, timedelta

from django.utils import timezone

from tenants.context import activate_public
from tenants.models import FigureDay

#: ``measure()`` gives {unit: value} as it stands now; a unit that had a value before and has none now is 0.
Measure = Callable[[], dict[str, int]]
_measures: dict[str, Measure] = {}


def register_measure(name: str, measure: Measure) -> None:
    """Have a figure kept every day. Register in ``AppConfig.ready``; the same name replaces."""
    _measures[name] = measure


def keep(day: date | None = None) -> int:
    """Sweep: write down today's figures; the last writing of a day counts. Returns how many rows."""
    day = day or timezone.now().astimezone(UTC).date()
    with activate_public():
        rows = [
            FigureDay(name=name, day=day, unit=unit, value=value)
            for name, measure in sorted(_measures.items())
            for unit, value in _with_gone(name, measure()).items()
        ]
        FigureDay.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["name", "unit", "day"], update_fields=["value"]
        )
    return len(rows)


def _with_gone(name: str, values: dict[str, int]) -> dict[str, int]:
    known = FigureDay.objects.filter(name=name).values_list("unit", flat=True).distinct()
    return {**dict.fromkeys(known, 0), **values}


def weekly(name: str, weeks: int, today: date | None = None) -> dict[str, list[tuple[date, int]]]:
    """By unit: (Monday, the last value kept in that week), oldest first; weeks nothing was kept in are left out."""
    today = today or timezone.now().astimezone(UTC).date()
    first = today - timedelta(days=today.weekday(), weeks=weeks - 1)
    with activate_public():
        rows = FigureDay.objects.filter(name=name, day__gte=first, day__lte=today).order_by("unit", "day")
        found: dict[str, dict[date, int]] = {}
        for unit, day, value in rows.values_list("unit", "day", "value"):
            found.setdefault(unit, {})[day - timedelta(days=day.weekday())] = value
    return {unit: sorted(weeks_of.items()) for unit, weeks_of in found.items()}
