"""How well duplicates are told from records that only look alike: measured on the labelled set (PEERS 3.8)."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence

import pytest

from crm_core.metadata.searching import fold
from crm_core.metadata.types.text import phone_digits
from crm_core.records.duplicates import normalising
from crm_core.records.duplicates.profiles import german
from crm_core.records.duplicates.scoring import PUBLIC_MAIL, SUGGEST_FROM, Profile, blocking_keys, score
from tests.records.labelled_records import Labelled, companies, people


def profile(values: dict[str, str]) -> Profile:
    """The profile the reader makes of such a record."""
    mails = {normalising.email(values["email"])} if "email" in values else set()
    domains = {m.rpartition("@")[2] for m in mails} - PUBLIC_MAIL
    domains |= {normalising.domain(values["website"])} if "website" in values else set()
    phones = {phone_digits(v, "DE") for k, v in values.items() if k.endswith("phone")}
    text = {
        k: german(fold(values.get(v, "")).replace("-", " "))
        for k, v in (("first", "first_name"), ("last", "last_name"), ("city", "city"))
    }
    return Profile(
        name=german(normalising.company(values.get("name", ""))), company=german(normalising.company(values.get("company_name", ""))),
        emails=frozenset(mails), phones=frozenset(phones), domains=frozenset(domains), **text,
    )  # fmt: skip


def measure(records: Sequence[Labelled]) -> tuple[float, float]:
    """(precision, recall) of what is suggested, over candidates that meet by a blocking key as in a scan."""
    profiles = [profile(r.values) for r in records]
    blocks: dict[str, list[int]] = defaultdict(list)
    for index, each in enumerate(profiles):
        for key in blocking_keys(each):
            blocks[key].append(index)
    pairs = {
        pair
        for members in blocks.values()
        if len(members) <= 40
        for pair in itertools.combinations(members, 2)
    }
    suggested = {(a, b) for a, b in pairs if score(profiles[a], profiles[b])[0] >= SUGGEST_FROM}
    things: dict[int, list[int]] = defaultdict(list)
    for index, record in enumerate(records):
        things[record.thing].append(index)
    true = {pair for members in things.values() for pair in itertools.combinations(members, 2)}
    return len(suggested & true) / len(suggested), len(suggested & true) / len(true)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_suggested_people_are_the_same(seed: int, record_property: pytest.FixtureRequest) -> None:
    precision, recall = measure(people(2000, seed))
    record_property("precision", precision)
    record_property("recall", recall)
    assert precision >= 0.95 and recall >= 0.75, (precision, recall)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_suggested_companies_are_the_same(seed: int, record_property: pytest.FixtureRequest) -> None:
    precision, recall = measure(companies(2000, seed))
    record_property("precision", precision)
    record_property("recall", recall)
    assert precision >= 0.95 and recall >= 0.75, (precision, recall)


def test_a_score_does_not_depend_on_the_order() -> None:
    some = [profile(r.values) for r in people(60, 9)]
    for one, other in itertools.combinations(some, 2):
        assert score(one, other) == score(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nord Marine GmbH & Co. KG", "NORD MARINE"),
        ("ООО Ромашка", "Ромашка"),
        ("Fjord Trading Ltd.", "Fjord Trading AB"),
        ("Kowalski Sp. z o.o.", "Kowalski"),
        ("Müller und Söhne OHG", "Müller & Söhne"),
        ("Iberia S.A.", "Iberia"),
    ],
)
def test_legal_forms_say_nothing(one: str, other: str) -> None:
    assert normalising.company(one) == normalising.company(other)


@pytest.mark.parametrize(("one", "other"), [("GmbH", "AG"), ("Nord AG", "Süd AG"), ("Holding Nord", "Nord")])
def test_different_companies_stay_different(one: str, other: str) -> None:
    assert normalising.company(one) != normalising.company(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Meier", "Mayr"), ("Schmidt", "Schmitt"), ("Philipp", "Filip"), ("Müller", "Miller")]
)
def test_names_that_sound_alike(one: str, other: str) -> None:
    assert normalising.phonetic(one) == normalising.phonetic(other)


def test_similarity_is_the_database_s(workspace: object) -> None:
    from django.db import connection

    for one, other in [
        ("nord marine", "nord marin"),
        ("lindberg", "lindbergh"),
        ("halle 2", "halle 3"),
        ("kiel", "köln"),
    ]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT similarity(%s, %s)", [one, other])
            assert abs(cursor.fetchone()[0] - normalising.similarity(one, other)) < 1e-6
