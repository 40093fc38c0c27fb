"""Dates and numbers of files: every format read back exactly, and found from the values of a column."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crm_core.exchange.analysis.dates import DateEvidence, full_year, reader
from crm_core.exchange.analysis.profile import ColumnProfile
from crm_core.exchange.conversion import split_name
from crm_core.metadata.errors import Malformed
from crm_core.metadata.types.number import number_text

FORMATS = [
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%y",
    "%d %b %Y",
    "%Y%m%d",
    "%m-%d-%y",
    "%B %d, %Y",
]
days = st.dates(dt.date(1970, 1, 1), dt.date(2040, 12, 31))
recent = st.dates(dt.date(2012, 1, 1), dt.date(2026, 11, 22))


def formats_of(values: list[str], *, month_first: bool = False) -> list[str]:
    evidence = DateEvidence()
    evidence.add(dict.fromkeys(values))
    return evidence.formats(month_first=month_first)


@given(days, st.sampled_from(FORMATS))
def test_a_written_date_is_read_back(day: dt.date, date_format: str) -> None:
    assert reader(date_format)(day.strftime(date_format)).date() == day


@given(
    st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2040, 1, 1)),
    st.sampled_from(["%H:%M:%S", "%I:%M:%S %p"]),
)
def test_a_time_may_follow(moment: dt.datetime, clock: str) -> None:
    moment = moment.replace(microsecond=0)
    assert reader("%d.%m.%Y")(moment.strftime(f"%d.%m.%Y {clock}")) == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T09:00:00Z", dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC)),
        (
            "2026-01-31 09:00:00.250+02:00",
            dt.datetime(2026, 1, 31, 9, 0, 0, 250_000, dt.timezone(dt.timedelta(hours=2))),
        ),
        ("2026-01-31", dt.datetime(2026, 1, 31)),
    ],
)
def test_iso_instants(text: str, expected: dt.datetime) -> None:
    assert reader("%Y-%m-%d")(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "31.02.2020",
        "00.01.2020",
        "1.13.2020",
        "1.1.2020 25:00",
        "yesterday",
        "1.1",
        "12.12.12.12",
        "١.١.٢٠٢٠x",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        reader("%d.%m.%Y")(text)


@pytest.mark.parametrize("date_format", ["", "%d", "%d.%m", "%d.%d.%Y", "day", "%H:%M"])
def test_formats_without_day_month_and_year_are_refused(date_format: str) -> None:
    with pytest.raises(Malformed):
        reader(date_format)


def test_month_names_in_german_and_english() -> None:
    read = reader("%d %b %Y")
    assert read("3. März 2017").date() == dt.date(2017, 3, 3)
    assert read("3 Mar 2017").date() == read("3-mrz-2017").date() == dt.date(2017, 3, 3)
    assert reader("%B %d, %Y")("December 24, 2020").date() == dt.date(2020, 12, 24)


def test_two_digit_years_reach_twenty_years_ahead() -> None:
    ahead = (dt.date.today().year + 20) % 100
    assert full_year(ahead, 2) == dt.date.today().year + 20
    assert full_year((ahead + 1) % 100, 2) == dt.date.today().year - 79
    assert full_year(17, 4) == 17


@settings(max_examples=60)
@given(
    st.lists(recent, min_size=40, max_size=80, unique=True),
    st.sampled_from(["%d-%m-%y", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d"]),
)
def test_the_format_is_found_from_all_values(values: list[dt.date], date_format: str) -> None:
    assume(any(v.day > 12 for v in values) and len({v.day for v in values}) > 12)
    assert formats_of([v.strftime(date_format) for v in values])[0] == date_format


def test_day_month_two_digit_year_is_told_from_year_month_day() -> None:
    days_of_2016_and_17 = [dt.date(2016, 10, 20) + dt.timedelta(days=n) for n in range(300)]
    assert formats_of([d.strftime("%d-%m-%y") for d in days_of_2016_and_17]) == ["%d-%m-%y", "%y-%m-%d"]


def test_where_no_value_decides_the_country_does() -> None:
    values = ["01/02/2020", "03/04/2020"]
    assert formats_of(values)[0] == "%d/%m/%Y"
    assert formats_of(values, month_first=True)[0] == "%m/%d/%Y"


def test_text_is_not_taken_for_dates() -> None:
    assert formats_of(["12", "Main street 5", "2020-01-01"] * 9) == []
    assert formats_of([f"A-{n}-17" for n in range(30)]) == []


# numbers --------------------------------------------------------------------------------------------------------------
def profile(*values: str) -> ColumnProfile:
    found = ColumnProfile("amount")
    found.add(values)
    return found


def german(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", "#").replace(".", ",").replace("#", ".")


@given(st.decimals(-(10**9), 10**9, places=2))
def test_numbers_with_grouping_are_read_back(value: Decimal) -> None:
    assert Decimal(number_text(f"{value:,.2f}", False)) == value
    assert Decimal(number_text(german(value), True)) == value
    assert Decimal(number_text(f"€ {german(value)}", True)) == value


@given(st.lists(st.decimals(1, 10**7, places=2), min_size=5, max_size=20))
def test_the_decimal_comma_is_found(values: list[Decimal]) -> None:
    assert profile(*map(german, values)).decimal_comma() is True
    assert profile(*(f"{v:,.2f}" for v in values)).decimal_comma() is False


def test_ambiguous_groups_follow_the_country() -> None:
    found = profile("1,234", "5,678")
    assert found.kind() == "number"
    assert found.decimal_comma(customary=True) is True and found.decimal_comma(customary=False) is False


@pytest.mark.parametrize(
    ("values", "kind", "looks"),
    [
        (("007", "0123", "05"), "text", None),
        (("1", "2.5", "-3"), "number", None),
        (("12 %", "7%"), "number", None),
        (("a@b.de", "c@d.org"), "text", "email"),
        (("+49 30 123456", "030/987654"), "text", "phone"),
        (("www.x.de", "https://y.org/z"), "text", "url"),
        (("ja", "nein"), "text", "bool"),
        (("", ""), "empty", None),
    ],
)
def test_kinds_of_columns(values: tuple[str, ...], kind: str, looks: str | None) -> None:
    found = profile(*values)
    assert (found.kind(), found.looks_like()) == (kind, looks)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Anna Müller", "Anna", "Müller"),
        ("Müller, Anna Maria", "Anna Maria", "Müller"),
        ("Cher", "", "Cher"),
        ("Dr. Jo de Vries", "Dr. Jo de", "Vries"),
    ],
)
def test_names_are_split(text: str, first: str, last: str) -> None:
    assert split_name(text) == {"first_name": first, "last_name": last}
