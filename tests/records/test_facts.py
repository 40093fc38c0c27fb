"""What stands beside a record's name in search, pickers and duplicates is written as people write it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils.translation import override

from crm_core.metadata import registry
from crm_core.records.facts import fact_texts
from crm_core.security.actor import Actor


@pytest.mark.parametrize(
    ("language", "moment", "amount"),
    [("en", "26 Nov 2026, 16:00", "27.000,50"), ("de", "26.11.2026, 16:00", "27.000,50"),
     ("xx", "Nov 26, 2026, 4:00\u202fPM", "27,000.50")],
)  # fmt: skip
def test_facts_are_on_the_persons_clock_and_in_his_language(
    admin: Actor, language: str, moment: str, amount: str
) -> None:
    berlin = replace(admin, time_zone_name="Europe/Berlin")
    row = {
        "scheduled_end": "2026-11-26T15:00:00Z",
        "regarding": {"object": "account", "id": "x", "name": "Nord AG"},
        "priority": None,
    }
    with override(language):
        task = fact_texts(registry.get("task"), ["regarding", "scheduled_end", "priority"], row, berlin)
        deal = fact_texts(
            registry.get("opportunity"), ["estimated_revenue"], {"estimated_revenue": "27000.50"}, berlin
        )
    assert (task, deal) == (["Nord AG", moment], [amount])


def test_a_value_of_nought_is_a_fact_and_an_empty_one_is_not(admin: Actor) -> None:
    entity = registry.get("opportunity")
    assert fact_texts(
        entity, ["estimated_revenue", "topic"], {"estimated_revenue": "0.00", "topic": ""}, admin
    ) == ["0,00"]
