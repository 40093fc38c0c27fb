"""Requests are told to the cache in portions, and one by one near the limit (SAAS.md §5.2)."""

from __future__ import annotations

from typing import Any

import pytest

from tenants import counters, rates
from tenants.ids import uuid7
from tenants.models import Tenant


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the cache was told, which adds it up to what another process counted."""
    found: list[int] = []

    def add(_key: str, amount: int, **_more: Any) -> int:
        found.append(amount)
        return sum(found)

    monkeypatch.setattr(counters, "add", add)
    monkeypatch.setattr(rates, "TELL_SECONDS", 3600.0)
    return found


def tenant(most: int) -> Tenant:
    return Tenant(id=uuid7(), schema_name="t_rates", name="Rates", requests_per_minute=most)


def test_far_from_the_limit_few_are_told_and_none_is_lost(told: list[int], time_machine: Any) -> None:
    time_machine.move_to("2026-11-22T10:00:05Z", tick=False)
    busy = tenant(6000)
    assert [rates.seconds_to_wait(busy) for _n in range(1000)] == [0] * 1000
    assert len(told) < 15 and 1000 - sum(told) <= 6000 // 50


def test_a_second_later_it_is_told(
    told: list[int], time_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_machine.move_to("2026-11-22T10:00:05Z", tick=False)
    monkeypatch.setattr(rates, "TELL_SECONDS", 0.0)
    calm = tenant(6000)
    assert [rates.seconds_to_wait(calm) for _n in range(3)] == [0] * 3
    assert told == [1, 1, 1]


@pytest.mark.parametrize("most", [1, 10, 70])
def test_the_limit_itself_is_exact(told: list[int], time_machine: Any, most: int) -> None:
    time_machine.move_to("2026-11-22T10:00:05Z", tick=False)
    small = tenant(most)
    waits = [rates.seconds_to_wait(small) for _n in range(most + 3)]
    assert waits[:most] == [0] * most and waits[most:] == [55] * 3
    time_machine.move_to("2026-11-22T10:01:05Z", tick=False)
    told.clear()
    assert rates.seconds_to_wait(small) == 0, "a new minute"


def test_nobody_is_refused_while_the_cache_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counters, "add", lambda *_a, **_k: None)
    small = tenant(1)
    assert [rates.seconds_to_wait(small) for _n in range(5)] == [0] * 5
