"""What an import may be told: mappings, saved maps, corrected rows, another object or format."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.exchange.services import imports
from crm_core.exchange.services.maps import create as save_map
from crm_core.metadata.errors import Conflict, Malformed, NotFound
from tests.exchange.wizards import model


def test_only_the_corrected_row_and_its_repetitions_are_checked_again(wizard: Any) -> None:
    text = "Name,E-mail\nA,one@example.com\nB,one@example.com\nC,not a mail\nD,two@example.com\n"
    import_ = wizard.upload(text, "accounts.csv", "account")
    assert wizard.act(import_, "check").stats == {
        "new": 2,
        "update": 0,
        "duplicate": 1,
        "error": 1,
        "creates": {},
    }
    answer = imports.edit_row(import_.pk, 4, {"1": "c@example.com"}, wizard.actor)
    assert (answer["row"]["status"], answer["row"]["values"]["1"], answer["stats"]["error"]) == (
        "new",
        "c@example.com",
        0,
    )
    answer = imports.edit_row(import_.pk, 2, {"1": "other@example.com"}, wizard.actor)
    assert answer["stats"] == {"new": 4, "update": 0, "duplicate": 0, "error": 0, "creates": {}}
    assert wizard.act(import_, "run").stats["created"] == 4
    assert model("account").get(name="A").email == "other@example.com"
    with pytest.raises(Conflict):
        imports.edit_row(import_.pk, 2, {"1": "late@example.com"}, wizard.actor)


@pytest.mark.parametrize(
    "values", [None, {}, {"9": "x"}, {"x": "y"}, {"0": 5}, {"0": "a\x00b"}, {"0": "x" * 100_001}]
)
def test_unusable_corrections_are_refused(wizard: Any, values: Any) -> None:
    import_ = wizard.upload("Name\nA\n", "accounts.csv", "account")
    with pytest.raises(Malformed):
        imports.edit_row(import_.pk, 2, values, wizard.actor)
    with pytest.raises(NotFound):
        imports.edit_row(import_.pk, 77, {"0": "x"}, wizard.actor)


def test_what_the_mapping_may_not_say(wizard: Any) -> None:
    import_ = wizard.upload("Name,Founded\nA,1990\n", "accounts.csv", "account")
    wrong = [
        ({"columns": {"7": {"attribute": "name"}}}, "mapping.columns.7"),
        ({"columns": {"0": {"attribute": "nope"}}}, "mapping.columns.0.attribute"),
        ({"columns": {"0": {"attribute": "version_"}}}, "mapping.columns.0.attribute"),
        (
            {"columns": {"0": {"attribute": "name"}, "1": {"attribute": "name"}}},
            "mapping.columns.1.attribute",
        ),
        ({"columns": {"0": {"attribute": "name", "surprise": 1}}}, "mapping.columns.0.surprise"),
        ({"columns": {"1": {"attribute": "year_established", "scale": "-1"}}}, "mapping.columns.1.scale"),
        ({"columns": {"0": {"attribute": "name", "on_missing": "maybe"}}}, "mapping.columns.0.on_missing"),
        ({"columns": {"0": {"attribute": "owner", "lookup_by": "password"}}}, "mapping.columns.0.lookup_by"),
        ({"columns": {"0": {"attribute": "name", "date_format": "%d%d"}}}, "date_format"),
        ({"constants": {"exchange_rate": 5}}, "mapping.constants.exchange_rate"),
        ({"constants": {"industry": 99_999}}, "mapping.constants.industry"),
        ({"missing_customer": "hope"}, "mapping.missing_customer"),
        ([], "mapping."),
    ]
    for mapping, field in wrong:
        with pytest.raises(Malformed) as refusal:
            wizard.change(import_, mapping=mapping)
        assert refusal.value.field == field, mapping
    for match, field in (
        ({"mode": "replace"}, "match.mode"),
        ({"mode": "update", "keys": []}, "match.keys"),
        ({"keys": ["phone"]}, "match.keys"),
        ({"surprise": 1}, "match.surprise"),
    ):
        with pytest.raises(Malformed) as refusal:
            wizard.change(import_, match=match)
        assert refusal.value.field == field, match


def test_another_object_maps_anew_and_format_reads_anew(wizard: Any) -> None:
    import_ = wizard.upload("Name|City\nA|Bonn\n", "list.csv")
    changed = wizard.change(import_, object="contact")
    assert changed.mapping["columns"]["0"]["attribute"] == "full_name"
    changed = wizard.change(changed, format={"delimiter": ","})
    assert [c["header"] for c in changed.columns] == ["Name|City"]
    changed = wizard.change(changed, format={"delimiter": "|", "header": False})
    assert changed.row_count == 2
    with pytest.raises(Malformed):
        wizard.change(changed, format={"quote": "x"})


def test_saved_maps_are_used_for_the_same_headers(wizard: Any) -> None:
    import_ = wizard.upload("Firma X,Kürzel\nA,1\n", "a.csv", "account")
    mapping = {
        "columns": {"0": {"attribute": "name"}, "1": {"attribute": "account_number"}},
        "constants": {"rating": 2},
    }
    save_map(
        {
            "name": "ERP",
            "object": "account",
            "headers": ["Firma X", "Kürzel"],
            "mapping": mapping,
            "match": {"mode": "both", "keys": ["account_number"]},
        },
        wizard.actor,
    )
    again = wizard.upload("Firma X,Kürzel\nB,2\n", "b.csv", "account")
    assert again.mapping["columns"]["1"]["attribute"] == "account_number" and again.mapping["constants"] == {
        "rating": 2
    }
    assert again.match["mode"] == "both"
    assert import_.mapping["columns"].get("1") is None


def test_a_saved_map_that_no_longer_fits_is_left_aside(wizard: Any) -> None:
    mapping = {"columns": {"0": {"attribute": "gone_for_good"}}}
    save_map({"name": "Old", "object": "account", "headers": ["Name"], "mapping": mapping}, wizard.actor)
    assert wizard.upload("Name\nB\n", "b.csv", "account").mapping["columns"]["0"]["attribute"] == "name"
