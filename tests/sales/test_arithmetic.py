"""Weighted revenue, lines and percentages (PRODUCT_SPEC 0.5, 2.9)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.sales.arithmetic import decimals_of, line_amounts, net_total, rounded, weighted, win_percentage

MONEY = st.decimals(min_value=0, max_value=10**12, places=2)
QUANTITY = st.decimals(min_value=Decimal("0.00001"), max_value=10**6, places=5)
CENT = Fraction(1, 100)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("0.0049", "0.00"),
        ("-0.004", "0.00"),
        ("2.675", "2.68"),
        ("1.005", "1.01"),
    ],
)
def test_half_goes_away_from_zero(amount: str, expected: str) -> None:
    assert str(rounded(Decimal(amount))) == expected


@pytest.mark.parametrize(
    ("estimated", "probability", "expected"),
    [
        ("10000", 30, "3000.00"),
        ("0.01", 50, "0.01"),
        ("999.99", 33, "330.00"),
        ("100", 0, "0.00"),
        ("100", 100, "100.00"),
    ],
)
def test_weighted_examples(estimated: str, probability: int, expected: str) -> None:
    assert str(weighted(Decimal(estimated), probability)) == expected


@pytest.mark.parametrize(("estimated", "probability"), [(None, 50), (Decimal(10), None), (None, None)])
def test_weighted_needs_both(estimated: Decimal | None, probability: int | None) -> None:
    assert weighted(estimated, probability) is None


@given(MONEY, st.integers(0, 100))
def test_weighted_is_exact_to_half_a_cent_and_never_more_than_the_estimate(
    estimated: Decimal, probability: int
) -> None:
    value = weighted(estimated, probability)
    assert value is not None
    assert abs(Fraction(value) - Fraction(estimated) * probability / 100) <= CENT / 2
    assert 0 <= value <= estimated and value.as_tuple().exponent == -2


@given(MONEY, st.integers(0, 99))
def test_a_higher_probability_never_weighs_less(estimated: Decimal, probability: int) -> None:
    assert weighted(estimated, probability) <= weighted(estimated, probability + 1)


@given(QUANTITY, MONEY, MONEY, MONEY)
def test_line_amounts_add_up(quantity: Decimal, price: Decimal, discount: Decimal, tax: Decimal) -> None:
    line = line_amounts(quantity, price, discount, tax)
    assert line.extended == line.base - discount + tax
    assert abs(Fraction(line.base) - Fraction(quantity) * Fraction(price)) <= CENT / 2


@given(st.lists(st.tuples(MONEY, MONEY), max_size=20))
def test_the_net_total_leaves_the_tax_out(lines: list[tuple[Decimal, Decimal]]) -> None:
    assert net_total([(net + tax, tax) for net, tax in lines]) == sum(
        (net for net, _tax in lines), Decimal(0)
    )


@pytest.mark.parametrize(
    ("quantity", "places"), [("1", 0), ("1.000", 0), ("1.500", 1), ("0.00001", 5), ("100", 0)]
)
def test_places_really_used(quantity: str, places: int) -> None:
    assert decimals_of(Decimal(quantity)) == places


@pytest.mark.parametrize(
    ("won", "closed", "expected"),
    [(0, 0, None), (0, 3, "0.00"), (1, 3, "33.33"), (2, 3, "66.67"), (3, 3, "100.00")],
)
def test_win_percentage(won: int, closed: int, expected: str | None) -> None:
    value = win_percentage(won, closed)
    assert (None if value is None else str(value)) == expected
