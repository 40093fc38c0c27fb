"""Readers that ask together: few round trips, and refusals as if one had read after the other."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from crm_core.api.records import whole_record
from crm_core.metadata import registry
from crm_core.metadata.errors import Forbidden, NotFound
from crm_core.records import service, timeline
from crm_core.records.query import related, rounds
from crm_core.records.query.prepared import Statement
from crm_core.security.actor import Actor, actor_for
from crm_core.security.models import Role
from crm_core.security.services import create_system_user
from tenants.postgresql.base import DatabaseWrapper
from tests.sales_people import make, refers

ALL = ("timeline", "related")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many statements each round trip of compiled statements carried."""
    found: list[int] = []
    fetch, together = DatabaseWrapper.fetch, DatabaseWrapper.fetch_together

    def one(self: Any, *asked: Any) -> Any:
        found.append(1)
        return fetch(self, *asked)

    def several(self: Any, asked: Any) -> Any:
        if len(asked) > 1:  # fewer are sent by `fetch`
            found.append(len(asked))
        return together(self, asked)

    monkeypatch.setattr(DatabaseWrapper, "fetch", one)
    monkeypatch.setattr(DatabaseWrapper, "fetch_together", several)
    return found


def stranger(**depths: dict[str, int]) -> Actor:
    """Somebody who reads what is his own, but for what `depths` say of an object."""
    role = Role.objects.create(name="Stranger", privileges={"*": {"read": 1}, **depths})
    found = actor_for(create_system_user("Sid", "sid@example.com", roles=[str(role.pk)]).pk, "screen")
    assert found is not None
    return found


def busy_account(admin: Actor, number: int) -> uuid.UUID:
    account = make("account", admin, name="Nord")
    for n in range(number):
        deal = make("opportunity", admin, topic=f"O{n}", customer=refers("account", account))
        make("task", admin, subject=f"T{n}", regarding=refers("opportunity", deal))
        make("phone_call", admin, subject=f"P{n}", regarding=refers("account", account))
    return account


@pytest.mark.parametrize(("number", "expected"), [(0, 2), (1, 3), (7, 3)])
def test_a_record_is_opened_in_as_few_rounds(
    admin: Actor, sent: list[int], number: int, expected: int
) -> None:
    account, entity = busy_account(admin, number), registry.get("account")
    first = whole_record(entity, account, admin, ALL)  # compiles
    sent.clear()
    again = whole_record(entity, account, admin, ALL)
    assert again == first and len(sent) == expected, sent
    assert again["related"]["opportunities"]["count"] == number == len(again["timeline"]["open"]) // 2
    assert len(again["related"]["opportunities"]["rows"]) == min(number, related.FIRST_ROWS)


def test_together_they_show_what_each_shows(admin: Actor) -> None:
    account, entity = busy_account(admin, 3), registry.get("account")
    row = whole_record(entity, account, admin, ALL)
    assert row["timeline"] == timeline.read(entity, account, admin)
    assert row["related"] == related.related_lists(entity, account, admin)
    assert service.whole(entity, account, admin).items() <= row.items()
    assert list(row)[-4:] == ["object", "allowed_actions", "timeline", "related"]


def test_an_invisible_record_is_not_found_whatever_is_asked_of_it(admin: Actor) -> None:
    account, entity = busy_account(admin, 1), registry.get("account")
    actor = stranger(task={"read": 5}, opportunity={"read": 5})
    for include in ((), ALL, ALL[:1], ALL[1:]):
        for record_id in (account, uuid.uuid4()):
            with pytest.raises(NotFound):
                whole_record(entity, record_id, actor, include)


def test_without_the_right_to_read_nothing_is_asked(admin: Actor, sent: list[int]) -> None:
    account = busy_account(admin, 0)
    actor = stranger(account={"read": 0})
    sent.clear()
    with pytest.raises(Forbidden):
        whole_record(registry.get("account"), account, actor, ALL)
    assert sent == []


class _Reader:
    """Records what happens to readers made of it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def asking(self, name: str, number: int, refusal: Exception | None = None) -> rounds.Reader[str]:
        for n in range(number):
            self.told.append(f"{name}{n}")
            rows = yield [(_people(), {})] * (n + 1)
            assert [len(some) for some in rows] == [1] * (n + 1)
        if refusal is not None:
            raise refusal
        return name


def _people() -> Statement:
    role = Role.objects.order_by("pk").values_list("pk")[:1]
    return Statement(role)


def test_each_gets_the_answers_to_its_own_questions(admin: Actor, sent: list[int]) -> None:
    script = _Reader()
    some = [script.asking(name, number) for name, number in (("a", 2), ("b", 0), ("c", 3))]
    sent.clear()
    assert rounds.run(rounds.together(*some)) == ["a", "b", "c"]
    assert script.told == ["a0", "c0", "a1", "c1", "c2"] and sent == [2, 4, 3]
    nested = rounds.together(script.asking("d", 1), rounds.together(script.asking("e", 1)))
    assert rounds.run(nested) == ["d", ["e"]]
    assert rounds.run(rounds.together()) == []


def test_the_first_readers_refusal_comes_first(admin: Actor) -> None:
    script = _Reader()
    late = script.asking("a", 2, NotFound())
    early = script.asking("b", 0, Forbidden("privilege.missing", "No."))
    with pytest.raises(NotFound):
        rounds.run(rounds.together(late, early, script.asking("c", 1)))
    assert script.told == ["a0", "a1"]  # what comes after a refusal is not asked
    with pytest.raises(Forbidden):
        rounds.run(
            rounds.together(
                script.asking("d", 1), script.asking("e", 1, Forbidden("privilege.missing", "No."))
            )
        )


def test_a_mistake_is_no_refusal(admin: Actor) -> None:
    script = _Reader()
    with pytest.raises(ZeroDivisionError):
        rounds.run(
            rounds.together(script.asking("a", 2, NotFound()), script.asking("b", 1, ZeroDivisionError()))
        )
    assert script.told == ["a0", "b0", "a1"]
