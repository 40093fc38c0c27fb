"""Start, end and duration of activities (CUS-5)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from crm_core.activities.option_lists import SHOWN
from crm_core.metadata.errors import Invalid
from crm_core.metadata.rules import rule
from crm_core.records.change import Change

PAIRS = (("scheduled_start", "scheduled_end"), ("actual_start", "actual_end"))
SHOWN_BY_REASON = {place: shown for shown, place in SHOWN.items()}


@rule(on=("create", "update"), attributes=tuple(name for pair in PAIRS for name in pair))
def end_not_before_start(change: Change) -> None:
    """Nothing ends before it starts, neither planned nor actual."""
    for start, end in PAIRS:
        first, last = change.get(start), change.get(end)
        if first is not None and last is not None and last < first:
            raise Invalid("activity.end_before_start", _("The end lies before the start."), field=end)


@rule(on=("create", "update"), attributes=("scheduled_start", "scheduled_end"))
def planned_duration_from_times(change: Change) -> None:
    """Start and end give the planned duration in whole minutes, unless it is stated in the same write."""
    start, end = change.get("scheduled_start"), change.get("scheduled_end")
    if start is not None and end is not None and not change.changed("scheduled_duration"):
        change.set("scheduled_duration", int((end - start).total_seconds() // 60))


@rule(on=("create", "update"), attributes=("show_as", "status_reason"))
def appointment_state_from_show_as(change: Change) -> None:
    """Free and tentative appointments are open, busy and out of office ones scheduled; the two always agree."""
    place = (change.get("state"), change.get("status_reason"))
    if change.entity.state(str(place[0])).closed:
        return  # completed and canceled appointments keep how they were shown
    if _reason_was_chosen(change):
        change.set("show_as", _shown_at(change, place))
        return
    state, reason = SHOWN.get(change.get("show_as"), place)
    if (state, reason) != place:
        change.set("state", state)
        change.set("status_reason", reason)


def _shown_at(change: Change, place: tuple[Any, Any]) -> Any:
    """How time is shown for a reason; one the workspace added leaves it, or has what its state's first reason has."""
    if place in SHOWN_BY_REASON:
        return SHOWN_BY_REASON[place]
    shown = change.get("show_as")
    alike = [each for each, (state, _reason) in SHOWN.items() if state == place[0]]
    return shown if shown in alike or not alike else alike[0]


def _reason_was_chosen(change: Change) -> bool:
    """Whether this write states the reason and not how the time is shown."""
    if change.is_create:
        state = change.entity.states[0]
        return (change.get("state"), change.get("status_reason")) != (state.value, state.default_reason)
    return change.changed("status_reason") and not change.changed("show_as")
