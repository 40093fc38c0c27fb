"""Global search finds notes and mails by what they are called, phone numbers by digits, as far as rights allow (PLT-45.1)."""

from __future__ import annotations

from crm_core.search.find import search
from crm_core.security.actor import Actor
from tests.sales_people import make


def found(text: str, actor: Actor) -> set[tuple[str, str]]:
    return {(group["object"], row["name"]) for group in search(text, actor) for row in group["rows"]}


def test_notes_and_mails_are_found_by_title_and_subject(admin: Actor) -> None:
    make("note", admin, title="About the quarterdeck")
    make("email", admin, subject="Quarterdeck of the ferry")
    expected = {("note", "About the quarterdeck"), ("email", "Quarterdeck of the ferry")}
    assert expected <= found("quarterdeck", admin)


def test_phone_numbers_are_found_by_digits(admin: Actor) -> None:
    make("account", admin, name="Nord AG", phone="+49 (431) 55 501-0")
    assert ("account", "Nord AG") in found("+49431555010", admin)


def test_what_one_may_not_read_is_not_found(admin: Actor, rep: Actor) -> None:
    make("note", admin, title="About the quarterdeck")
    assert found("quarterdeck", admin) != set()
    rep.depths["note"] = {"read": 1}
    assert found("quarterdeck", rep) == set()
