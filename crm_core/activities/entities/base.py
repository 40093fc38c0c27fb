"""What the data sheets of all activity types share (CUS-5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_core.activities import rules
from crm_core.activities.services.closing import closing_actions
from crm_core.activities.services.conversion import conversion_actions
from crm_core.metadata.conditions import MINE, all_of, condition
from crm_core.metadata.declaration import declare, regarding_attribute
from crm_core.metadata.entity import (
    RECORD_FEATURES,
    Action,
    Attribute,
    Entity,
    Parameter,
    Section,
    State,
    View,
)
from crm_core.metadata.record import Record

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
DESCRIPTION = Section(_("Description"), ("description",), columns=1)
SORTING = Section(_("Administration"), ("category", "sub_category", "owner", "status_reason", "external_key"))


def declare_activity(
    model: type[Record],
    states: tuple[State, ...],
    *,
    columns: tuple[str, ...],
    due: str,
    lists: tuple[Any, Any, Any],
    facts: tuple[str, ...] = (),
    features: frozenset[str] = frozenset(),
    extra: tuple[Attribute, ...] = (),
    views: tuple[View, ...] = (),
    rules: tuple[Any, ...] = (),
    result: tuple[Parameter, ...] = (),
    actions: tuple[Action, ...] = (),
    converts: bool = True,
    derived: Mapping[str, tuple[str, ...]] = {},
    **own: Any,
) -> Entity:
    """Declare an activity type: what all of them have, and its `own` data sheet.

    `columns` are those of its lists, `due` the attribute that says when, `lists` what my open ones, open ones and all are
    called, `result` what closing one asks for, `actions` come before those every activity has; one that `converts`
    becomes a lead, an opportunity or a case.
    """
    return declare(
        model,
        group="activities",
        primary="subject",
        states=states,
        features=ACTIVITY_FEATURES | features,
        is_activity=True,
        calendar=("scheduled_start", "scheduled_end"),
        facts=facts or ("regarding", due),
        extra=(regarding(), *extra),
        views=(*activity_views(states, columns, due=due, lists=lists), *views),
        rules=activity_rules(*rules),
        derived={"actual_duration": ("scheduled_duration",), **derived},
        actions=(
            *actions,
            *closing_actions(states, *result),
            *(conversion_actions(states) if converts else ()),
        ),
        **own,
    )


def regarding() -> Attribute:
    """What the activity is about; deleting that deletes the activity with it (CUS-1.5)."""
    return regarding_attribute(on_delete="cascade")


def activity_rules(*more: Any) -> tuple[Any, ...]:
    """The rules every activity type has, and `more`."""
    return (rules.regarding_allows, rules.end_not_before_start, *more, rules.contact_dates_follow)


def activity_views(
    states: tuple[State, ...], columns: tuple[str, ...], *, due: str, lists: tuple[Any, Any, Any]
) -> tuple[View, ...]:
    """My open, overdue, this week, open, completed and all; `due` is the attribute that says when."""
    mine, open_, every = lists
    still_open = condition("state", "in", [s.value for s in states if not s.closed])
    overdue = condition(due, "older_than_n_days", 0)
    return (
        View(mine, columns, filter=all_of(still_open, MINE), order=(due,), default=True, key="mine"),
        View(_("Overdue"), columns, filter=all_of(still_open, overdue), order=(due,), key="overdue"),
        View(
            _("Due this week"),
            columns,
            filter=all_of(still_open, condition(due, "this_week")),
            order=(due,),
            key="week",
        ),
        View(open_, columns, filter=still_open, order=(due,), key="open"),
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
        View(every, (*columns, "state"), key="all"),
    )
