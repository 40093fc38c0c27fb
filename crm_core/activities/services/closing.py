"""Completing, cancelling and reopening activities (CUS-5.1 to CUS-5.3)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_core.activities.option_lists import INCOMING
from crm_core.metadata.entity import Action, Parameter, State
from crm_core.metadata.errors import Invalid

# the reason of the completed state that says “received”
RECEIVED = {"phone_call": 3, "letter": 3, "email": 5, "fax": 4}
ALREADY_CLOSED = "activity.already_closed"
NOT_CLOSED = "activity.not_closed"


def complete(context) -> None:
    """Close as done. The actual end is now unless given; the actual duration is given, else what was planned.

    Raises Invalid `activity.end_before_start` when the given end lies before the actual start.
    """
    values = context.values
    context.set_state("completed", values.get("status_reason") or _received(context))
    context.update(actual_end=values.get("actual_end") or context.get("actual_end") or timezone.now())
    duration = values.get("actual_duration")
    if duration is None:
        duration = context.get("actual_duration")
    context.update(actual_duration=context.get("scheduled_duration") if duration is None else duration)
    if "percent_complete" in context.entity.attributes:
        context.update(percent_complete=100)
    if values.get("result") is not None:
        context.update(result=values["result"])


def _received(context) -> int | None:
    """The reason that says “received” when the activity came in and nothing else was said."""
    incoming = "direction" in context.entity.attributes and context.get("direction") == INCOMING
    return RECEIVED.get(context.entity.name) if incoming else None


def cancel(context) -> None:
    """Close without counting any time."""
    context.set_state("canceled", context.values.get("status_reason"))
    context.update(actual_duration=None)


def reopen(context) -> None:
    """Open again, with the right to; actual end and duration are forgotten. Raises Forbidden `privilege.missing`."""
    context.actor.require("reopen_activities")
    state = context.entity.states[0]
    context.set_state(state.value, state.default_reason)
    context.update(actual_end=None, actual_duration=None)
    if context.entity.name == "task" and context.get("percent_complete") == 100:
        context.update(percent_complete=0)


def check_in(context) -> None:
    """Say that one is there: when, and where if the position is given. Raises Invalid `visit.position_incomplete`."""
    latitude, longitude = context.values.get("latitude"), context.values.get("longitude")
    if (latitude is None) != (longitude is None):
        raise Invalid(
            "visit.position_incomplete", _("A position has latitude and longitude."), field="latitude"
        )
    now = timezone.now()
    context.update(checked_in_at=now, check_in_latitude=latitude, check_in_longitude=longitude)
    if context.get("actual_start") is None:
        context.update(actual_start=now)


def closing_actions(states: Iterable[State], *more: Parameter) -> tuple[Action, Action, Action]:
    """complete, cancel and reopen for an activity type with these states; `more` are parameters of complete."""
    states = tuple(states)
    still_open = tuple(s.value for s in states if not s.closed)
    return (
        Action(
            "complete",
            gettext_lazy("Complete"),
            complete,
            states=still_open,
            refusal=ALREADY_CLOSED,
            primary=True,
            icon="check",
            bulk=True,
            parameters=(
                Parameter("status_reason", gettext_lazy("Outcome"), "pick", reasons_of="completed"),
                *more,
                Parameter("actual_end", gettext_lazy("Ended at"), "datetime"),
                Parameter("actual_duration", gettext_lazy("Duration in minutes"), "duration", min=0),
            ),
        ),
        Action(
            "cancel",
            gettext_lazy("Cancel activity"),
            cancel,
            states=still_open,
            refusal=ALREADY_CLOSED,
            icon="x",
            bulk=True,
            parameters=(Parameter("status_reason", gettext_lazy("Reason"), "pick", reasons_of="canceled"),),
        ),
        Action(
            "reopen",
            gettext_lazy("Reopen"),
            reopen,
            states=tuple(s.value for s in states if s.closed),
            refusal=NOT_CLOSED,
            icon="refresh",
        ),
    )


CHECK_IN = Action(
    "check_in",
    gettext_lazy("Check in"),
    check_in,
    states=("open",),
    refusal=ALREADY_CLOSED,
    icon="map-pin",
    parameters=(
        Parameter("latitude", gettext_lazy("Latitude"), "dec", precision=6, min=-90, max=90),
        Parameter("longitude", gettext_lazy("Longitude"), "dec", precision=6, min=-180, max=180),
    ),
)
