"""What was compiled for one text finds any other of its shape; among many records the same is found by other ways (PLT-45.1)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.metadata import registry
from crm_core.metadata.searching import fold
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.records.query import query as querying
from crm_core.records.query.searching import read_text
from crm_core.search import asking, hits, indexing
from crm_core.search.find import search
from crm_core.security.actor import Actor
from tests.sales_people import make, refers

ODD = [
    "100 % linen",
    "snake_case",
    "back\\slash",
    "O'Neill",
    'double"quote',
    "per%cent",
    "Ümläut",
    "per%%cent",
    "%s",
]


def found(text: str, actor: Actor) -> list[str]:
    return [
        row["name"] for group in search(text, actor, objects=["account"], limit=20) for row in group["rows"]
    ]


def listed(text: str, actor: Actor) -> list[str]:
    query = Query(registry.get("account"), actor).order(["name"]).search(text)
    page = query.page(["name"])
    assert query.count() == {"value": len(page.rows), "exact": True}
    assert len(query.ids()) == len(page.rows)
    return [row["name"] for row in page.rows]


def test_signs_that_mean_something_to_the_database_are_only_signs(admin: Actor) -> None:
    for name in ODD:
        make("account", admin, name=name)
    pieces = {
        p for name in ODD for p in (name, name[:4], name[2:]) if max(map(len, p.split()), default=0) > 1
    }
    for piece in sorted(pieces):
        expected = sorted(n for n in ODD if all(word in fold(n) for word in fold(piece).split()))
        assert sorted(found(piece, admin)) == expected, piece
        assert sorted(listed(piece, admin)) == expected, piece


def test_a_text_behind_another_of_its_shape_finds_its_own(admin: Actor) -> None:
    for n in range(12):
        make("account", admin, name=f"Nord {n:02} AG")
    make("account", admin, name="Süd 01 AG")
    query = Query(registry.get("account"), admin).order(["name"])
    first = query.search("nord").page(["name"], limit=5)
    assert [r["name"] for r in query.search("sud").page(["name"], limit=5).rows] == ["Süd 01 AG"]
    second = query.search("nord").page(["name"], limit=5, cursor=first.next)
    assert [r["name"] for r in second.rows] == [f"Nord {n:02} AG" for n in range(5, 10)]
    assert found("sud", admin) == ["Süd 01 AG"]


@pytest.mark.real_commit
def test_large_objects_are_searched_by_other_ways_with_the_same_hits(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["Keller AG", "Keller Bau", "Anna Keller", "Bern Keller Bau", "Kellerei", "Nord"]
    for name in names:
        make("account", admin, name=name, phone="+49 431 5550")
    texts = ["keller", "kell", "keller bau", "bau keller", "nord", "4315550", "+49 431", "zzz", "ag"]
    before = {text: found(text, admin) for text in texts}
    assert before["keller"] == ["Kellerei", "Keller Bau", "Keller AG", "Bern Keller Bau", "Anna Keller"]

    monkeypatch.setattr(indexing, "WALKED_FROM_ROWS", -1)
    indexing.index_filters()
    assert "account" in indexing.walkable([registry.get("account")])
    monkeypatch.setattr(
        hits, "_KEPT_SECONDS", 1800
    )  # what was compiled before the indexes is of another hour
    assert {text: found(text, admin) for text in texts} == before
    # the latest alone are not enough: the word index is asked for the rest
    monkeypatch.setattr(asking, "LATEST", 2)
    monkeypatch.setattr(hits, "_KEPT_SECONDS", 1200)
    assert {text: found(text, admin) for text in texts} == before


def test_short_texts_are_found_where_the_index_of_words_knows_nothing(admin: Actor) -> None:
    make("account", admin, name="A-B C-D")
    for text in ("a-b", "c-d", "a-b c-d", "-b"):
        assert read_text(text) is not None
        assert not read_text(text).indexed
        assert found(text, admin) == ["A-B C-D"], text
    assert read_text("abc").indexed
    assert read_text("a-b nord").indexed


def test_few_found_are_sorted_and_many_walked_in_the_same_order(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        make("account", admin, name=f"Nord {n} AG", address1_city=["Kiel", "Bonn", None][n % 3])
    for order in (
        ["name"],
        ["-created_at"],
        ["address1_city", "-name"],
        ["-address1_city"],
        ["owner", "name"],
    ):
        asked = Query(registry.get("account"), admin).order(order).search("nord")
        pages = []
        for most in (querying.SORTED, 0):
            with monkeypatch.context() as patch:
                patch.setattr(querying, "SORTED", most)
                pages.append(_three_pages(asked))
        assert pages[0] == pages[1], order
        assert len(set(pages[0])) == 7


def test_many_found_are_counted_only_so_far_until_somebody_asks(
    admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        make("account", admin, name=f"Nord {n} AG", address1_city=["Kiel", "Bonn"][n % 2])
    monkeypatch.setattr(querying, "SORTED", 4)
    every = Query(registry.get("account"), admin)
    in_kiel = {"attribute": "address1_city", "operator": "eq", "value": "Kiel"}
    for asked in (
        every.search("nord"),
        every.filter({"not": {"attribute": "name", "operator": "empty"}}).search("nord"),
    ):
        assert asked.count() == {"value": 4, "exact": False}
        assert asked.count("exact") == {"value": 5, "exact": True}
        assert asked.filter(in_kiel).count() == {"value": 3, "exact": True}
    assert every.filter({"attribute": "name", "operator": "contains", "value": "nord"}).count() == {
        "value": 5,
        "exact": True,
    }


def _three_pages(asked: Query) -> list[str]:
    names: list[str] = []
    cursor = None
    for _number in range(3):
        page = asked.page(["name"], limit=3, cursor=cursor, found=7)
        names += [row["name"] for row in page.rows]
        cursor = page.next
    assert cursor is None
    return names


def test_long_texts_behind_many_unreadable_ones_are_found(
    admin: Actor, rep: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "CONSIDERED", 3)
    mine = make("account", admin, name="Mine")
    theirs = make("account", admin, name="Theirs")
    make("note", admin, title="Open", body="about the quarterdeck", regarding=refers("account", mine))
    for n in range(5):
        make(
            "note",
            admin,
            title=f"Closed {n}",
            body="about the quarterdeck",
            regarding=refers("account", theirs),
        )
    service.assign(registry.get("account"), mine, str(rep.user_id), admin)
    reads = replace(rep, depths={**rep.depths, "note": {"read": 5}, "account": {"read": 1}})
    names = [r["name"] for g in search("quarterdeck", reads, objects=["note"]) for r in g["rows"]]
    assert names == ["Open"]
    assert len(search("quarterdeck", admin, objects=["note"])[0]["rows"]) == 5


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1, max_size=40))
def test_any_text_is_a_search_or_says_why_not(admin: Actor, text: str) -> None:
    from crm_core.metadata.errors import Malformed

    try:
        search(text, admin)
        listed(text, admin)
    except Malformed as error:
        assert error.code == "search.malformed"
