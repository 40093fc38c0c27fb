"""Filtering by id: chosen records, and all but some (deploy/docs/api.md, Filter language)."""

from __future__ import annotations

import uuid

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


def test_records_of_an_import_are_found(boat: Entity, admin: Actor) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    service.create_many(boat, [{"name": "Möwe"}, {"name": "Adler"}], admin, import_id=first)
    service.create_many(boat, [{"name": "Falke"}], admin, import_id=second)
    service.create(boat, {"name": "Typed"}, admin)

    def names(operator: str, value: object) -> set[str]:
        tree = {"attribute": "import_id", "operator": operator, "value": value}
        return {row["name"] for row in Query(boat, admin).filter(tree).page(["name"]).rows}

    assert names("eq", str(first)) == {"Möwe", "Adler"}
    assert names("in", [str(first), str(second)]) == {"Möwe", "Adler", "Falke"}
    assert names("ne", str(first)) == {"Falke", "Typed"}


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
