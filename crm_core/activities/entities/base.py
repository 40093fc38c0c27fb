"""What the data sheets of all activity types share (CUS-5)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_core.activities import rules
from crm_core.metadata.conditions import MINE, all_of, condition
from crm_core.metadata.declaration import regarding_attribute
from crm_core.metadata.entity import RECORD_FEATURES, Attribute, Section, State, View

ACTIVITY_FEATURES = RECORD_FEATURES - {"activities"}
PLANNING = Section(
    _("Planning"),
    (
        "scheduled_start",
        "scheduled_end",
        "scheduled_duration",
        "actual_start",
        "actual_end",
        "actual_duration",
        "is_billed",
    ),
)
SORTING = Section(_("Administration"), ("category", "sub_category", "owner", "status_reason", "external_key"))


def regarding() -> Attribute:
    """What the activity is about; deleting that deletes the activity with it (CUS-1.5)."""
    return regarding_attribute(on_delete="cascade")


def activity_rules(*more: Any) -> tuple[Any, ...]:
    """The rules every activity type has, and `more`."""
    return (rules.regarding_allows, rules.end_not_before_start, *more, rules.contact_dates_follow)


def activity_views(
    states: tuple[State, ...], columns: tuple[str, ...], *, due: str, names: dict[str, Any]
) -> tuple[View, ...]:
    """My open, overdue, this week, open, completed and all; `due` is the attribute that says when."""
    still_open = condition("state", "in", [s.value for s in states if not s.closed])
    overdue = condition(due, "older_than_n_days", 0)
    return (
        View(names["mine"], columns, filter=all_of(still_open, MINE), order=(due,), default=True, key="mine"),
        View(_("Overdue"), columns, filter=all_of(still_open, overdue), order=(due,), key="overdue"),
        View(
            _("Due this week"),
            columns,
            filter=all_of(still_open, condition(due, "this_week")),
            order=(due,),
            key="week",
        ),
        View(names["open"], columns, filter=still_open, order=(due,), key="open"),
        View(
            _("Recently created"),
            (*columns, "created_at"),
            filter=condition("created_at", "last_n_days", 30),
            key="recent",
        ),
        View(
            _("Completed"),
            (*columns, "actual_end"),
            filter=condition("state", "eq", "completed"),
            order=("-actual_end",),
            key="completed",
        ),
        View(names["all"], (*columns, "state"), key="all"),
    )
