"""The state function: every row of PRODUCT_SPEC §6.3 at its exact day, and laws that hold for all facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.standing import Facts, Standing, standing_at
from tenants.models import TenantState

ZERO = datetime(2026, 4, 1, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at(days: float, **facts: Any) -> tuple[str, str]:
    got = standing_at(Facts(**facts), ZERO + timedelta(days=days))
    return got.state, got.access


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-0.001, ("trialing", "full")),
        (0, ("expired", "read_only")),
        (14.999, ("expired", "read_only")),
        (15, ("expired", "suspended")),
        (59.999, ("expired", "suspended")),
        (60, ("deleted", "closed")),
    ],
)
def test_a_trial_nobody_pays_for(days: float, expected: tuple[str, str]) -> None:
    assert at(days, trial_ends_at=ZERO) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, ("active", "full")),
        (0, ("past_due", "full")),
        (13.999, ("past_due", "full")),
        (14, ("suspended", "suspended")),
        (73.999, ("suspended", "suspended")),
        (74, ("canceled", "export_only")),
        (103.999, ("canceled", "export_only")),
        (104, ("deleted", "closed")),
    ],
)
def test_an_invoice_nobody_pays(days: float, expected: tuple[str, str]) -> None:
    assert at(days, subscribed=True, unpaid_since=ZERO) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, ("active", "full")), (0, ("canceled", "export_only")), (29.9, ("canceled", "export_only")),
     (30, ("deleted", "closed"))],
)  # fmt: skip
def test_a_canceled_subscription(days: float, expected: tuple[str, str]) -> None:
    assert at(days, ended_at=ZERO, trial_ends_at=ZERO - timedelta(days=400)) == expected


def test_what_goes_before_what() -> None:
    everything: dict[str, Any] = {"subscribed": True, "unpaid_since": ZERO - timedelta(days=20)}
    assert at(0, **everything) == ("suspended", "suspended")
    assert at(0, **everything, free_until=ZERO + SECOND) == ("active", "full")
    assert at(0, **everything, free_until=ZERO) == ("suspended", "suspended")
    assert at(0, subscribed=True, closed_at=ZERO) == ("suspended", "closed")
    assert at(0, subscribed=True, closed_at=ZERO + SECOND) == ("active", "full")
    assert at(0, ended_at=ZERO, closed_at=ZERO) == ("suspended", "closed")
    assert at(0, subscribed=True, closed_at=ZERO, deleted_at=ZERO) == ("deleted", "closed")
    assert at(9999) == ("active", "full")


@pytest.mark.parametrize("day", [13, 15, 45, 89])
def test_payment_brings_everything_back_at_once(day: int) -> None:
    """SAAS.md B9: on day 13, 15, 45 and 89 after the failure."""
    unpaid = Facts(subscribed=True, unpaid_since=ZERO)
    now = ZERO + timedelta(days=day)
    assert standing_at(unpaid, now).state != "active"
    assert standing_at(replace(unpaid, unpaid_since=None), now) == Standing("active", "full")


moments = st.integers(-200 * 24, 200 * 24).map(lambda hours: ZERO + timedelta(hours=hours))
maybe = st.none() | moments
facts = st.builds(
    Facts,
    trial_ends_at=maybe,
    subscribed=st.booleans(),
    unpaid_since=maybe,
    ended_at=maybe,
    free_until=maybe,
    closed_at=maybe,
    reopened_at=maybe,
    not_deleted_before=maybe,
    holds=st.lists(st.tuples(moments, maybe), max_size=3).map(tuple),
    deleted_at=maybe,
)
FREEDOM = {"full": 4, "read_only": 3, "suspended": 2, "export_only": 1, "closed": 0}


@given(facts, moments)
def test_every_answer_is_a_state_with_its_access(known: Facts, now: datetime) -> None:
    got = standing_at(known, now)
    allowed = {
        "trialing": {"full"},
        "active": {"full"},
        "past_due": {"full"},
        "expired": {"read_only", "suspended"},
        "suspended": {"suspended", "closed"},
        "canceled": {"export_only"},
        "deleted": {"closed"},
    }
    assert got.access in allowed[got.state]
    assert got.state in TenantState.values


@given(facts, moments)
def test_the_announced_next_step_comes_at_its_time_and_not_before(known: Facts, now: datetime) -> None:
    quiet = replace(known, closed_at=None, deleted_at=None)
    got = standing_at(quiet, now)
    if got.next_at is None:
        return
    assert now < got.next_at
    before, then = standing_at(quiet, got.next_at - SECOND), standing_at(quiet, got.next_at)
    if got.next_at - SECOND >= now:
        assert (before.state, before.access) == (got.state, got.access)
    assert then.state == got.next_state
    assert (then.state, then.access) != (got.state, got.access)


@given(facts, moments, moments)
def test_time_alone_never_gives_back_what_it_took(known: Facts, one: datetime, other: datetime) -> None:
    early, late = sorted([one, other])
    before, after = standing_at(known, early), standing_at(known, late)
    assert FREEDOM[after.access] <= FREEDOM[before.access]


@given(facts, moments)
def test_paying_never_makes_it_worse(known: Facts, now: datetime) -> None:
    paid = replace(known, subscribed=True, unpaid_since=None, ended_at=None)
    assert FREEDOM[standing_at(paid, now).access] >= FREEDOM[standing_at(known, now).access]


@pytest.mark.parametrize("excuse", ["free_until", "reopened_at"])
def test_what_was_excused_is_not_deleted_at_once(excuse: str) -> None:
    """A year free of charge, or closed by mistake: the way to deletion is as long as ever, and begins then."""
    year: dict[str, Any] = {excuse: ZERO + timedelta(days=365)}
    for days, expected in [(365, "expired"), (424.9, "expired"), (425, "deleted")]:
        assert at(days, trial_ends_at=ZERO, **year)[0] == expected
    for days, expected in [(365, "canceled"), (394.9, "canceled"), (395, "deleted")]:
        assert at(days, ended_at=ZERO, **year)[0] == expected
        assert at(days, subscribed=True, unpaid_since=ZERO, **year)[0] == expected


@pytest.mark.parametrize(
    "gone", [{"trial_ends_at": ZERO}, {"ended_at": ZERO}, {"subscribed": True, "unpaid_since": ZERO}]
)
def test_nothing_is_deleted_before_its_owner_was_told(gone: dict[str, Any]) -> None:
    told = {"not_deleted_before": ZERO + timedelta(days=200)}
    assert at(199.9, **gone, **told)[0] != "deleted" and at(200, **gone, **told) == ("deleted", "closed")


WAYS: list[dict[str, Any]] = [
    {"trial_ends_at": ZERO},  # 60 days
    {"ended_at": ZERO + timedelta(days=30)},  # 30 days, from day 30 on
    {"subscribed": True, "unpaid_since": ZERO - timedelta(days=44)},  # canceled on day 30, and 30 days
]


def held(*spans: tuple[float, float | None]) -> dict[str, Any]:
    day = timedelta(days=1)
    return {"holds": tuple((ZERO + a * day, None if b is None else ZERO + b * day) for a, b in spans)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("holds", "gone"),
    [
        (held(), 60),
        (held((-20, -10)), 60),  # over before
        (held((40, 50)), 70),  # with the 20 days that were left
        (held((40, 41), (50, 65)), 76),
        (held((59, 59.5)), 66.5),  # a week at least
        (held((59, 90)), 97),
        (held((61, 80)), 60),  # came too late
    ],
)
def test_the_way_to_deletion_stands_still_while_held(
    way: dict[str, Any], holds: dict[str, Any], gone: float
) -> None:
    assert at(gone - 0.001, **way, **holds)[0] != "deleted"
    assert at(gone, **way, **holds) == ("deleted", "closed")


def test_only_what_lies_on_the_way_is_added() -> None:
    """Held from day 20 to 45: all of it on the way of a trial, 15 days on a way that began on day 30."""
    for way, gone in zip(WAYS, (85, 75, 75), strict=True):
        assert at(gone - 0.001, **way, **held((20, 45)))[0] != "deleted"
        assert at(gone, **way, **held((20, 45)))[0] == "deleted"


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_deleted_while_held_and_nothing_announced(way: dict[str, Any]) -> None:
    for since in (-100, 0, 59.9):
        known = Facts(**way, **held((since, None)))
        for days in (60, 67, 5000):
            got = standing_at(known, ZERO + timedelta(days=days))
            assert got.state in ("expired", "canceled") and (got.next_state, got.next_at) == (None, None)
    # What else time brings it brings all the same, and one that is to begin after the end comes too late.
    assert at(15, trial_ends_at=ZERO, **held((0, None))) == ("expired", "suspended")
    assert at(60, **way, **held((60, None)))[0] == "deleted"


@given(facts, moments)
def test_a_gone_workspace_stays_gone(known: Facts, now: datetime) -> None:
    assert standing_at(replace(known, deleted_at=now), now).state == "deleted"
