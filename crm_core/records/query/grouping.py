"""One grouping of an aggregate: by an attribute, for dates by period, with the filter that opens exactly its records."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import DateField, F, Func, Min
from django.db.models.functions import Trunc, TruncDate, Upper

from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.temporal import _STEP, FIRST_YEAR, LAST_YEAR
from crm_core.records.query import calculated
from crm_core.records.query.query import Query
from crm_core.records.query.selecting import names_of
from crm_core.security import access

PERIODS = ("day", "week", "month", "quarter", "year")
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
        # days by which this person's weeks begin after Monday, as in filters
        self.week_shift = query.actor.week_start - 1
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
        if self.by == "week":
            day = TruncDate(self._value, tzinfo=self.zone) if self.kind == "datetime" else self._value
            return Func(day, template=self.cut("(%(expressions)s)"), output_field=DateField())
        if self.kind == "datetime":
            return Trunc(self._value, self.by, tzinfo=self.zone)
        return Trunc(self._value, self.by) if self.kind == "date" else self._value

    def cut(self, day: str) -> str:
        """SQL of the first day of the period that the SQL `day` lies in."""
        if self.by != "week" or not self.week_shift:
            return f"date_trunc('{self.by}', {day}::timestamp)::date"
        shift = f"interval '{self.week_shift} days'"
        return f"(date_trunc('week', {day}::timestamp - {shift}) + {shift})::date"

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
            end = min(start + _STEP[self.by] - dt.timedelta(days=1), dt.date(LAST_YEAR, 12, 31))
            start = max(
                start, dt.date(FIRST_YEAR, 1, 1)
            )  # no filter names days before, and no record has them
            return {"and": [
                {"attribute": name, "operator": "on_or_after", "value": start.isoformat()},
                {"attribute": name, "operator": "on_or_before", "value": end.isoformat()},
            ]}  # fmt: skip
        plain = value if isinstance(value, (bool, int, str)) else str(value)
        return {"attribute": name, "operator": "eq", "value": plain}
