"""Dates and instants, with relative filters that count in the user's time zone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dateutil import parser as free_parser
from dateutil.relativedelta import relativedelta
from django.db.models import DateField, DateTimeField, Q

from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.base import AttributeType, FilterContext, Ordered

FIRST_YEAR, LAST_YEAR = 1753, 9998

RELATIVE = (
    "today", "yesterday", "tomorrow",
    "this_week", "last_week", "next_week",
    "this_month", "last_month", "next_month",
    "this_quarter", "last_quarter", "next_quarter",
    "this_year", "last_year", "next_year",
    "this_fiscal_quarter", "last_fiscal_quarter", "next_fiscal_quarter",
    "this_fiscal_year", "last_fiscal_year", "next_fiscal_year",
)  # fmt: skip
#: operators with a number of days, weeks … as their value
COUNTED = (
    "last_n_days", "last_n_weeks", "last_n_months", "last_n_years",
    "next_n_days", "next_n_weeks", "next_n_months", "next_n_years",
    "older_than_n_days", "older_than_n_weeks", "older_than_n_months", "older_than_n_years",
)  # fmt: skip
_MOST = {"day": 36_500, "week": 5_200, "month": 1_200, "year": 100}
_STEP = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "quarter": relativedelta(months=3),
    "year": relativedelta(years=1),
}


def period_start(day: dt.date, period: str, *, week_start: int = 1, year_start: int = 1) -> dt.date:
    """First day of the week, month, quarter or year that `day` lies in.

    `week_start` is a day of the week (Monday 1 … Sunday 7), `year_start` the month in which years begin.
    """
    if period == "week":
        return day - dt.timedelta(days=(day.isoweekday() - week_start) % 7)
    months = {"month": 1, "quarter": 3, "year": 12}.get(period)
    if months is None:
        return day
    return day.replace(day=1) - relativedelta(months=(day.month - year_start) % months)


def counted(operator: str) -> tuple[str, str]:
    """What an operator such as `last_n_weeks` says and counts: ("last", "week")."""
    which, unit = operator.split("_n_")
    return which, unit.removesuffix("s")


def relative_range(
    operator: str, today: dt.date, n: int = 0, *, week_start: int = 1, fiscal_start: int = 1
) -> tuple[dt.date | None, dt.date]:
    """Half-open range of days [from, to) that a relative operator means on `today`."""
    if operator in COUNTED:
        which, unit = counted(operator)
        away = n * _STEP[unit]
        tomorrow = today + dt.timedelta(days=1)
        return {
            "last": (today - away, tomorrow),
            "next": (today, tomorrow + away),
            "older_than": (None, today - away),
        }[which]
    if operator in ("today", "yesterday", "tomorrow"):
        start = today + dt.timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[operator])
        return start, start + dt.timedelta(days=1)
    which, _, period = operator.partition("_")
    fiscal, period = period.startswith("fiscal_"), period.removeprefix("fiscal_")
    start = period_start(today, period, week_start=week_start, year_start=fiscal_start if fiscal else 1)
    start += {"this": 0, "last": -1, "next": 1}[which] * _STEP[period]
    return start, start + _STEP[period]


class Temporal(Ordered, AttributeType):
    customizable = True
    aggregates = ("min", "max")
    operators = (
        "eq", "ne", "gt", "ge", "lt", "le", "between", "on", "on_or_before", "on_or_after",
        *RELATIVE, *COUNTED, "empty", "not_empty",
    )  # fmt: skip

    def condition(self, attribute, ref, operator, value, context) -> Q:
        if operator in RELATIVE or operator in COUNTED:
            n = self.count(attribute, operator, value) if operator in COUNTED else 0
            start, end = relative_range(
                operator,
                context.today,
                n,
                week_start=context.week_start,
                fiscal_start=context.fiscal_start,
            )
            return self.within(ref, start, end, context)
        if operator in ("on", "on_or_before", "on_or_after"):
            day = Date().operand(attribute, value, context)
            after = day + dt.timedelta(days=1)
            ranges: dict[str, tuple[dt.date | None, dt.date | None]] = {
                "on": (day, after), "on_or_before": (None, after), "on_or_after": (day, None),
            }  # fmt: skip
            return self.within(ref, *ranges[operator], context)
        return super().condition(attribute, ref, operator, value, context)

    def count(self, attribute, operator: str, value: Any) -> int:
        unit = counted(operator)[1]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST[unit]:
            raise Malformed(
                "filter.invalid_value",
                f"{attribute.label}: a number of {unit}s from 0 to {_MOST[unit]} is needed.",
                field=attribute.name,
            )
        return value

    def within(self, ref: str, start: dt.date | None, end: dt.date | None, context: FilterContext) -> Q:
        condition = Q()
        if start is not None:
            condition &= Q((f"{ref}__gte", self.boundary(start, context)))
        if end is not None:
            condition &= Q((f"{ref}__lt", self.boundary(end, context)))
        return condition

    def boundary(self, day: dt.date, context: FilterContext) -> Any:
        return day

    def checked_year(self, attribute, value: Any) -> Any:
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise self.wrong(attribute, f"years {FIRST_YEAR} to {LAST_YEAR}.", "value.out_of_range")
        return value

    def free_text(self, attribute, text: str, date_format: str | None) -> dt.datetime:
        try:
            if date_format:
                return dt.datetime.strptime(text, date_format)
            return free_parser.isoparse(text)
        except (ValueError, OverflowError):
            raise self.wrong(
                attribute, f"“{text[:40]}” is no date in the stated format.", "value.not_a_date"
            ) from None


class Date(Temporal):
    name = "date"
    json_output = DateField

    def parse(self, attribute, raw: Any) -> dt.date | None:
        if raw is None:
            return None
        if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
            return self.checked_year(attribute, raw)
        try:
            value = dt.date.fromisoformat(raw) if isinstance(raw, str) and len(raw) == 10 else None
        except ValueError:
            value = None
        if value is None:
            raise self.wrong(attribute, "a date such as 2026-01-31 is needed.", "value.not_a_date")
        return self.checked_year(attribute, value)

    def parse_text(self, attribute, text, *, date_format=None, decimal_comma=False):
        text = text.strip()
        return (
            self.checked_year(attribute, self.free_text(attribute, text, date_format).date())
            if text
            else None
        )

    def to_json(self, attribute, value: Any) -> str | None:
        return value.isoformat() if value else None

    to_text = lambda self, attribute, value: self.to_json(attribute, value) or ""  # noqa: E731


class DateTime(Temporal):
    name = "datetime"
    json_output = DateTimeField

    def parse(self, attribute, raw: Any) -> dt.datetime | None:
        if raw is None:
            return None
        value: Any = raw
        if isinstance(raw, str) and 10 <= len(raw) <= 40:
            try:
                value = dt.datetime.fromisoformat(raw)
            except ValueError:
                value = None
        if not isinstance(value, dt.datetime):
            raise self.wrong(
                attribute, "an instant such as 2026-01-31T09:00:00Z is needed.", "value.not_a_date"
            )
        self.checked_year(attribute, value)
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)

    def parse_text(self, attribute, text, *, date_format=None, decimal_comma=False):
        text = text.strip()
        return self.parse(attribute, self.free_text(attribute, text, date_format)) if text else None

    def to_json(self, attribute, value: Any) -> str | None:
        if value is None:
            return None
        return (
            value.astimezone(dt.UTC)
            .isoformat(timespec="microseconds" if value.microsecond else "seconds")
            .replace("+00:00", "Z")
        )

    to_text = lambda self, attribute, value: self.to_json(attribute, value) or ""  # noqa: E731

    def boundary(self, day: dt.date, context: FilterContext) -> Any:
        return dt.datetime.combine(day, dt.time(), context.time_zone).astimezone(dt.UTC)
