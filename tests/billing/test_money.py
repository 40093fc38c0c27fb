"""Arithmetic of money, with the exact figures of AC-02 and rules that hold for every input."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import tax
from billing.money.discounts import Discount, covers, for_interval, taken_off
from billing.money.periods import boundary, following
from billing.money.proration import Period, period_line, plan_lines, prorate, seat_lines
from billing.money.rounding import part, percent, to_minor

START = datetime(2026, 4, 1, tzinfo=UTC)
THIRTY = Period(START, START + timedelta(days=30))
money = st.integers(0, 10**9)
moments = st.integers(0, 30 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))


def test_two_seats_for_half_a_period_cost_thirty_euro() -> None:
    (line,) = seat_lines(3000, 2, THIRTY, THIRTY.end - timedelta(days=15))
    assert (line.quantity, line.unit_minor, line.net_minor, line.is_proration) == (2, 3000, 3000, True)
    assert period_line(3000, 12, THIRTY, "x").net_minor == 36000


@pytest.mark.parametrize(
    ("unit", "seats", "left", "expected"),
    [
        (3000, 1, timedelta(days=30), 3000),
        (3000, 1, timedelta(0), 0),
        (3000, 1, timedelta(days=-5), 0),
        (3000, 1, timedelta(days=31), 3000),
        (3000, 3, timedelta(days=10), 3000),
        (1500, 1, timedelta(seconds=864), 1),  # 0.5 cent goes up
        (1500, 1, timedelta(seconds=863), 0),
        (34500, 7, timedelta(days=11, hours=3, minutes=7, seconds=1), 89595),
    ],
)
def test_proration_by_remaining_seconds(unit: int, seats: int, left: timedelta, expected: int) -> None:
    assert prorate(unit, seats, THIRTY, THIRTY.end - left) == expected


def test_plan_up_credits_the_unused_part_and_charges_the_rest() -> None:
    credit, charge = plan_lines(("s", 1500, 10), ("p", 3000, 10), THIRTY, THIRTY.end - timedelta(days=10))
    assert (credit.net_minor, charge.net_minor) == (-5000, 10000)


@given(money, st.integers(1, 500), moments)
def test_a_part_is_never_more_than_the_whole_and_off_by_less_than_a_cent(
    unit: int, seats: int, at: datetime
) -> None:
    got = prorate(unit, seats, THIRTY, at)
    exact = Fraction(unit * seats * THIRTY.remaining(at), THIRTY.seconds)
    assert 0 <= got <= unit * seats
    assert abs(got - exact) <= Fraction(1, 2)


@given(money, st.integers(1, 500), moments)
def test_changing_to_the_same_plan_is_free(unit: int, seats: int, at: datetime) -> None:
    assert sum(line.net_minor for line in plan_lines(("a", unit, seats), ("a", unit, seats), THIRTY, at)) == 0


@given(money, moments, moments)
def test_later_costs_no_more(unit: int, one: datetime, other: datetime) -> None:
    early, late = sorted([one, other])
    assert prorate(unit, 1, THIRTY, late) <= prorate(unit, 1, THIRTY, early)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_a_credit_mirrors_its_charge(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    assert to_minor(-exact) == -to_minor(exact)
    assert part(numerator, 1, denominator) == to_minor(exact)


def test_half_a_cent_goes_away_from_zero() -> None:
    assert [to_minor(Fraction(n, 2)) for n in (1, -1, 3, -3, 2)] == [1, -1, 2, -2, 1]
    assert percent(3333, Decimal("19")) == 633  # 633.27
    assert percent(50, Decimal("25.5")) == 13  # 12.75


def test_periods_come_back_to_the_31st() -> None:
    anchor = datetime(2026, 1, 31, 10, tzinfo=UTC)
    ends = [boundary(anchor, "month", n).date().isoformat() for n in range(4)]
    assert ends == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert following(anchor, "month", boundary(anchor, "month", 1)) == boundary(anchor, "month", 2)
    leap = datetime(2028, 2, 29, tzinfo=UTC)
    assert boundary(leap, "year", 4) == datetime(2032, 2, 29, tzinfo=UTC)
    with pytest.raises(ValueError, match="week"):
        boundary(anchor, "week", 1)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)), st.sampled_from(["month", "year"]))
def test_periods_follow_one_another_without_gap(naive: datetime, interval: str) -> None:
    anchor = naive.replace(tzinfo=UTC)
    end = anchor
    for number in range(1, 6):
        end = following(anchor, interval, end)
        assert end == boundary(anchor, interval, number)


def test_coupons() -> None:
    lines = [period_line(3000, 3, THIRTY, "x")]
    assert taken_off(Discount("A", percent_off=Decimal("33.33")), lines) == 3000  # 2999.7
    assert taken_off(Discount("B", amount_off_minor=10_000), lines) == 9000
    assert (
        taken_off(Discount("C", percent_off=Decimal(10)), plan_lines(("a", 9, 9), ("b", 1, 1), THIRTY, START))
        == 0
    )
    once, some, always = (Discount("D", duration=d, months=3) for d in ("once", "repeating", "forever"))
    assert covers(once, 0, 0) and not covers(once, 0, 1)
    assert covers(some, 2, 9) and not covers(some, 3, 9)
    assert covers(always, 99, 99)


def test_a_coupon_for_months_discounts_twelfths_of_a_year() -> None:
    year = [period_line(30001, 1, THIRTY, "x")]
    three = Discount("M", percent_off=Decimal(50), duration="repeating", months=3)
    assert for_interval(three, "month", 2) == three
    assert taken_off(for_interval(three, "year"), year) == 3750  # 3750.125: 3/12 of a half, rounded once
    assert taken_off(for_interval(three, "year"), [period_line(30004, 1, THIRTY, "x")]) == 3751  # 3750.5
    assert taken_off(for_interval(three, "year", 2), year) == 1250  # the month that is left
    assert taken_off(for_interval(three, "year", 12), year) == 0
    long = Discount("L", percent_off=Decimal(100), duration="repeating", months=18)
    assert [for_interval(long, "year", months).twelfths for months in (0, 12)] == [12, 6]
    amount = Discount("E", amount_off_minor=10_000, duration="repeating", months=3)
    assert taken_off(for_interval(amount, "year"), year) == 7500  # no more than what it holds for costs
    assert taken_off(for_interval(amount, "year"), [period_line(90000, 1, THIRTY, "x")]) == 10_000
    always = Discount("A", percent_off=Decimal(50), duration="forever")
    assert for_interval(always, "year", 12) == always


@pytest.mark.parametrize(
    ("seller", "country", "tax_id", "rate", "treatment"),
    [
        ("DE", "DE", "", "19", "standard"),
        ("DE", "DE", "DE136695976", "19", "standard"),  # a number at home changes nothing
        ("DE", "AT", "", "20", "standard"),
        ("DE", "AT", "ATU13585627", "0", "reverse_charge"),
        ("DE", "AT", "ATU13585626", "20", "standard"),  # wrong check digit
        ("DE", "AT", "DE136695976", "20", "standard"),  # another country's number
        ("DE", "GR", "EL094259216", "0", "reverse_charge"),
        ("DE", "FI", "", "25.5", "standard"),
        ("DE", "CH", "", "0", "out_of_scope"),
        ("DE", "US", "ATU13585627", "0", "out_of_scope"),
        ("CH", "DE", "", "0", "out_of_scope"),
    ],
)
def test_vat(seller: str, country: str, tax_id: str, rate: str, treatment: str) -> None:
    got = tax.decide(seller, country, tax_id)
    assert (got.rate, got.treatment) == (Decimal(rate), treatment)


def test_every_member_state_has_a_rate() -> None:
    assert len(tax.EU_RATES) == 27
    assert all(Decimal(15) <= rate <= Decimal(27) for rate in tax.EU_RATES.values())


@pytest.mark.parametrize(
    ("country", "raw", "clean"),
    [
        ("AT", " atu 1358 5627 ", "ATU13585627"),
        ("AT", "U13585627", "ATU13585627"),
        ("GR", "094259216", "EL094259216"),
        ("AT", "", None),
        ("AT", "'; drop table", None),
        ("US", "123", None),
        ("DE", "DE" + "1" * 4000, None),
    ],
)
def test_tax_ids_are_cleaned_or_refused(country: str, raw: str, clean: str | None) -> None:
    assert tax.normalized_tax_id(country, raw) == clean
