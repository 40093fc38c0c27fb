"""Filtering by id: chosen records, and all but some (deploy/docs/api.md, Filter language)."""

from __future__ import annotations

import pytest

from crm_core.metadata.entity import Entity
from crm_core.metadata.errors import Malformed
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.security.actor import Actor


def test_ids_choose_and_except_records(boat: Entity, admin: Actor) -> None:
    made = {name: str(service.create(boat, {"name": name}, admin).id) for name in ("Möwe", "Adler", "Falke")}

    def names(tree: dict) -> set[str]:
        return {row["name"] for row in Query(boat, admin).filter(tree).page(["name"]).rows}

    chosen = {"attribute": "id", "operator": "in", "value": [made["Möwe"], made["Adler"]]}
    assert names(chosen) == {"Möwe", "Adler"}
    assert names({"and": [chosen, {"attribute": "name", "operator": "begins", "value": "A"}]}) == {"Adler"}
    assert names({"attribute": "id", "operator": "not_in", "value": [made["Möwe"]]}) == {"Adler", "Falke"}
    assert names({"attribute": "id", "operator": "eq", "value": made["Falke"]}) == {"Falke"}


def test_ids_that_are_none_are_refused(boat: Entity, admin: Actor) -> None:
    for operator, value, code in (
        ("in", [], "filter.invalid_value"),
        ("in", ["no id"], "filter.invalid_value"),
        ("in", [None], "filter.invalid_value"),
        ("eq", {"id": 1}, "filter.invalid_value"),
        ("contains", "x", "filter.unknown_operator"),
    ):
        with pytest.raises(Malformed) as refused:
            Query(boat, admin).filter({"attribute": "id", "operator": operator, "value": value})
        assert refused.value.code == code
