"""Words inside notes, mails and descriptions: in their forms, as far as rights allow, shown as plain text (PLT-45.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from crm_core.activities.models import Note
from crm_core.metadata import registry
from crm_core.metadata.bodies import excerpt
from crm_core.records import securing, service
from crm_core.records.query import Query
from crm_core.search.find import search
from crm_core.security.actor import Actor
from tests.sales_people import make, refers


def found(text: str, actor: Actor) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for group in search(text, actor) for row in group["rows"]}


def shown(row: dict[str, Any]) -> str:
    """The excerpt with what matched in brackets."""
    return "".join(f"[{p['text']}]" if p["hit"] else p["text"] for p in row["excerpt"])


@pytest.fixture
def texts(admin: Actor) -> None:
    make("note", admin, title="Harbour", body="<p>Die <b>Häuser</b> am Kai brauchen neue Verträge.</p>")
    make("email", admin, subject="Offer", body="<p>Two contracts were signed by max.muster@example.com yesterday.</p>")  # fmt: skip
    make("task", admin, subject="Ring", description="Ask about the café terrace & its <awning>")


@pytest.mark.parametrize(
    ("text", "name", "piece"),
    [
        ("haus", "Harbour", "Die [Häuser] am Kai brauchen neue Verträge."),
        ("Häusern", "Harbour", "Die [Häuser] am Kai brauchen neue Verträge."),
        ("vertrag", "Harbour", "Die Häuser am Kai brauchen neue [Verträge]."),
        ("contract", "Offer", "Two [contracts] were signed by max.muster@example.com yesterday."),
        ("signed contracts", "Offer", "Two [contracts] were [signed] by max.muster@example.com yesterday."),
        ("muster", "Offer", "Two contracts were signed by max.[muster]@example.com yesterday."),
        ("cafe", "Ring", "Ask about the [café] terrace & its <awning>"),
        ("terr", "Ring", "Ask about the café [terrace] & its <awning>"),
    ],
)
def test_words_are_found_in_their_forms(admin: Actor, texts: None, text: str, name: str, piece: str) -> None:
    hits = found(text, admin)
    assert name in hits
    assert shown(hits[name]) == piece


def test_names_come_first_and_carry_no_excerpt(admin: Actor, texts: None) -> None:
    make("note", admin, title="Contract of the ferry", body="nothing else")
    make("note", admin, title="Zebra", body="a contract")
    notes = next(g for g in search("contract", admin) if g["object"] == "note")
    assert [row["name"] for row in notes["rows"]] == ["Contract of the ferry", "Zebra"]
    assert "excerpt" not in notes["rows"][0] and "excerpt" in notes["rows"][1]


@pytest.mark.parametrize(
    "text", ["'", "a'b:*", "!(haus", "& | !", "<->", "haus:*'", "%%", "__", "\\", "haus & !kai"]
)
def test_signs_of_the_query_language_are_only_text(admin: Actor, texts: None, text: str) -> None:
    assert isinstance(search(text, admin), list)
    Query(registry.get("note"), admin).search(text).page(["title"])


def test_the_list_finds_what_the_search_finds(admin: Actor, texts: None) -> None:
    rows = Query(registry.get("note"), admin).search("vertrag").page(["title"]).rows
    assert [row["title"] for row in rows] == ["Harbour"]


def test_a_changed_and_a_deleted_text_is_found_no_longer(admin: Actor) -> None:
    note = registry.get("note")
    made = make("note", admin, title="Plan", body="quarterdeck")
    assert "Plan" in found("quarterdeck", admin)
    service.update(note, made, {"body": "foredeck"}, admin)
    assert "Plan" not in found("quarterdeck", admin) and "Plan" in found("foredeck", admin)
    service.delete(note, made, admin)
    assert "Plan" not in found("foredeck", admin)


def test_a_hit_inside_needs_the_right_to_both(admin: Actor, rep: Actor) -> None:
    secret = make("account", admin, name="Secret AG")
    open_ = make("account", admin, name="Open AG")
    for account in (secret, open_):
        make("note", admin, title=f"About {account}", body="bilge pump", regarding=refers("account", account))
    make("note", admin, title="About nothing", body="bilge pump")
    reads = replace(rep, depths={**rep.depths, "note": {"read": 5}, "account": {"read": 1}})
    service.assign(registry.get("account"), open_, str(rep.user_id), admin)
    both = {f"About {open_}", "About nothing"}
    assert set(found("bilge", reads)) == both
    listed = Query(registry.get("note"), reads).search("bilge").page(["title"]).rows
    assert {row["title"] for row in listed} == both
    blind = replace(rep, depths={**rep.depths, "note": {"read": 1}, "account": {"read": 5}})
    assert found("bilge pump", blind) == {}
    assert set(found("bilge", admin)) == both | {f"About {secret}"}


def test_a_secured_text_is_never_searched(admin: Actor, texts: None) -> None:
    assert "Ring" in found("terrace", admin)
    securing.secure({"task.description": True}, admin)
    registry.forget()
    assert "Ring" not in found("terrace", admin), "not even for those who may read it: ranks would tell"
    assert "Offer" in found("contract", admin)


def test_an_excerpt_is_text_whatever_the_body_says() -> None:
    body = "<p>x</p><script>alert(1)</script> &lt;img src=x onerror=alert(2)&gt; harbour" + " and on" * 100
    parts = excerpt(body, ["harbour"], rich=True)
    assert {"text": "harbour", "hit": True} in parts
    assert all(set(p) == {"text", "hit"} and len(p["text"]) < 400 for p in parts)
    assert "<script>" not in "".join(p["text"] for p in parts)
    assert excerpt("", ["x"]) == []
    assert not any(p["hit"] for p in excerpt("nothing here", ["harbour"]))


def test_the_index_serves_the_search(admin: Actor) -> None:
    """The expression of the query is that of the index; else every search would read every text."""
    Note.objects.bulk_create(Note(title=f"N {n}", body=f"text {n}") for n in range(2000))
    rows = Query(registry.get("note"), admin).search("quarterdeck").rows_.order_by().values_list("pk")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE activities_note")
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, parameters = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "note_body_words" in plan and "note_search" in plan, plan
