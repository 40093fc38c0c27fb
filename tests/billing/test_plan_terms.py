"""Terms of a plan survive every way they are kept or shown: JSON, tables, the form; amounts by currency (ASP-1 Plan)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.catalogue import ADD_ONS, PLANS, PRICE_CURRENCIES, USAGE_PRICES
from billing.models import Feature, Plan
from billing.money.amounts import AmountError, minor_of, written
from billing.services import catalogue, plan_terms
from billing.services.plan_terms import Terms
from saas.console.plan_form import LimitField, TermsForm, initial, written_limit

WORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=("Z", "C")),
    min_size=1,
    max_size=40,
)
USERS = st.integers(1, 100_000)


@st.composite
def _terms(draw: st.DrawFn) -> Terms:
    few = draw(USERS)
    return Terms(
        texts={code: {"name": draw(WORDS), "pitch": draw(WORDS)} for code in ("en", "de")},
        prices={
            (interval, currency): draw(st.integers(1, 10**9))
            for interval in ("month", "year")
            for currency in PRICE_CURRENCIES
        },
        features={
            "custom_objects": draw(st.none() | st.integers(0, 10**9)),
            "storage_bytes": draw(st.none() | st.integers(0, 2**40).map(lambda n: n * 128)),
            "field_security": draw(st.booleans()),
        },
        trial_days=draw(st.integers(1, 365)),
        trial_users=draw(USERS),
        min_users=few,
        max_users=draw(st.none() | st.integers(few, 100_000)),
    )


FEATURES = [
    Feature(code="custom_objects", kind="limit", unit="count", labels={"en": "Own objects"}),
    Feature(code="storage_bytes", kind="limit", unit="bytes", labels={"en": "Storage"}),
    Feature(code="field_security", kind="switch", unit="", labels={"en": "Rights"}),
]


@given(_terms())
def test_terms_are_the_same_after_json_and_after_the_form(terms: Terms) -> None:
    assert plan_terms.from_json(terms.as_json()) == terms
    sent = {
        k: "on" if v is True else v for k, v in initial(terms, FEATURES, 1).items() if v not in (None, False)
    }
    form = TermsForm(Plan(code="x", kind="plan"), FEATURES, "en", sent)
    assert form.is_valid(), form.errors
    assert form.terms(terms) == terms


def test_delivered_terms_are_sound_and_the_same_after_the_tables(database: None) -> None:
    catalogue.sync_catalogue()
    for data in (*PLANS, *ADD_ONS, *USAGE_PRICES):
        terms = plan_terms.of_data(data)
        plan_terms.check(data.kind, terms)
        version = catalogue.current_version(data.code, addon=data.kind != "plan")
        assert plan_terms.of_version(version) == terms


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("19.5", "EUR", 1950), ("19,50", "EUR", 1950), ("1950", "JPY", 1950), ("1.005", "BHD", 1005), ("0", "USD", 0)],
)  # fmt: skip
def test_amounts_have_the_places_of_their_currency(text: str, currency: str, minor: int) -> None:
    assert minor_of(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [("19.5", "JPY", "places"), ("1.0005", "BHD", "places"), ("1.005", "EUR", "places"), ("-1", "EUR", "form"),
     ("1,234.50", "EUR", "form"), ("", "EUR", "form"), ("1e3", "EUR", "form"), ("٣", "EUR", "form"), ("NaN", "EUR", "form")],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str, currency: str, code: str) -> None:
    with pytest.raises(AmountError) as refused:
        minor_of(text, currency)
    assert refused.value.code == code


@given(st.integers(0, 10**11), st.sampled_from(["EUR", "JPY", "BHD", "SEK"]))
def test_an_amount_is_read_as_it_was_written(minor: int, currency: str) -> None:
    assert minor_of(written(minor, currency), currency) == minor


@pytest.mark.parametrize("value", [None, 0, 1024, 25 * 1024**2, 5 * 1024**3, 2 * 1024**4, 1536 * 1024])
def test_a_size_is_read_as_it_was_written(value: int | None) -> None:
    assert LimitField(FEATURES[1], "en", needed=False).clean(written_limit(value, "bytes")) == value
