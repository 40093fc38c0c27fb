"""Cells of an import become values: states, numbers, dates, names, constants."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from crm_core.exchange.services import column_values, imports
from crm_core.metadata.errors import Malformed
from tests.exchange.wizards import make, map_columns, model


def test_stages_states_and_reasons_of_one_column(wizard: Any) -> None:
    text = "Topic,Account,Status\nA,X,Won\nB,X,engaging\nC,X,Out-sold\nD,X,shipped\nE,X,gone\n"
    make(wizard, "account", {"name": "X"})
    import_ = wizard.upload(text, "deals.csv", "opportunity")
    column = import_.mapping["columns"]["2"]
    assert column["attribute"] == "stage_or_state"
    column["values"] = {"shipped": {"state": "won"}, "gone": {"state": "nowhere"}}
    import_ = wizard.change(import_, mapping=import_.mapping)
    wizard.act(import_, "run")
    found = {t: (s, r) for t, s, r in model("opportunity").values_list("topic", "state", "status_reason")}
    assert found == {"A": ("won", 3), "B": ("open", 1), "C": ("lost", 5), "D": ("won", 3)}
    assert model("opportunity").get(topic="B").stage == 2
    assert wizard.codes(import_, "failed") == {6: [("stage_or_state", "state.unknown")]}


def test_closed_records_can_only_be_updated_by_nobody(wizard: Any) -> None:
    (one,) = make(wizard, "account", {"name": "X"})
    import_ = wizard.upload(
        "Topic,Account,Status,Opportunity number\nA,X,Won,N1\n", "deals.csv", "opportunity"
    )
    wizard.act(import_, "run")
    again = wizard.upload("Topic,Opportunity number\nRenamed,N1\n", "deals.csv", "opportunity")
    again = wizard.change(again, match={"mode": "update", "keys": ["opportunity_number"]})
    wizard.act(again, "run")
    assert wizard.codes(again, "failed") == {2: [("topic", "record.read_only")]}
    assert one


def test_numbers_scales_commas_and_dates(wizard: Any) -> None:
    text = "Name;Umsatz;Mitarbeiter\nA;1.100,04;1.200\nB;2,5;30\nC;zwei;7\n"
    import_ = wizard.upload(text, "firmen.csv", "account")
    columns = import_.mapping["columns"]
    assert columns["1"]["decimal_comma"] is True and columns["2"]["attribute"] == "number_of_employees"
    columns["1"]["scale"] = 1_000_000
    import_ = wizard.change(import_, mapping=import_.mapping)
    wizard.act(import_, "run")
    found = dict(model("account").values_list("name", "annual_revenue"))
    assert found == {"A": Decimal("1100040000"), "B": Decimal("2500000")}
    assert dict(model("account").values_list("name", "number_of_employees")) == {"A": 1200, "B": 30}
    assert wizard.codes(import_, "failed") == {4: [("annual_revenue", "value.wrong_type")]}


def test_constants_and_templates(wizard: Any) -> None:
    make(wizard, "account", {"name": "X"})
    import_ = wizard.upload("Account,Product name,Code\nX,Boat,7\nX,,8\n", "deals.csv", "opportunity")
    import_ = map_columns(wizard, import_, Account="customer")
    constants = {"topic": "{product name} – {code}", "rating": 1, "stage_or_state": {"state": "won"}}
    import_ = wizard.change(import_, mapping={**import_.mapping, "constants": constants})
    wizard.act(import_, "run")
    assert sorted(model("opportunity").values_list("topic", "rating", "state")) == [
        ("8", 1, "won"),
        ("Boat – 7", 1, "won"),
    ]


def test_full_names_are_split(wizard: Any) -> None:
    import_ = wizard.upload(
        'Name,E-mail\nAnna Maria Müller,a@example.com\n"Stone, Ben",b@example.com\nCher,\n',
        "contacts.csv",
        "contact",
    )
    assert import_.mapping["columns"]["0"] == {"attribute": "full_name"}
    assert imports.describe(import_, wizard.actor)["missing"] == []
    wizard.act(import_, "run")
    assert sorted(model("contact").values_list("last_name", "first_name")) == [
        ("Cher", None),
        ("Müller", "Anna Maria"),
        ("Stone", "Ben"),
    ]


def test_distinct_values_with_what_they_become(wizard: Any) -> None:
    import_ = wizard.upload(
        "Name,Sector\nA,technolgy\nB,Retail\nC,Retail\nD,nonsense\n", "accounts.csv", "account"
    )
    found = {v["value"]: v for v in column_values.distinct_values(import_, 1, wizard.actor)["values"]}
    assert found["Retail"]["count"] == 2 and found["Retail"]["known"] and found["Retail"]["label"] == "Retail"
    assert found["technolgy"]["label"] == "Technology" and found["technolgy"]["known"]
    assert found["nonsense"] == {
        "value": "nonsense",
        "count": 1,
        "target": None,
        "label": None,
        "known": False,
        "guess": None,
    }
    with pytest.raises(Malformed):
        column_values.distinct_values(import_, 9, wizard.actor)


def test_problems_of_reading_are_row_errors_until_corrected(wizard: Any) -> None:
    content = b"Name,City\nA\nB,Bonn,extra\nC\x00D,Ulm\n" + b"E,Rome\n" * 3
    import_ = wizard.upload(content, "accounts.csv", "account")
    wizard.act(import_, "check")
    assert {n: [c for _f, c in codes] for n, codes in wizard.codes(import_).items()} == {
        2: ["row.too_few_cells"],
        3: ["row.too_many_cells"],
        4: ["value.bad_characters"],
    }
    fixed = imports.edit_row(import_.pk, 2, {"1": "Berlin"}, wizard.actor)
    assert fixed["row"]["status"] == "new" and fixed["stats"]["error"] == 2
    imports.edit_row(import_.pk, 4, {"0": "CD"}, wizard.actor)
    done = wizard.act(import_, "run")
    assert done.stats["failed"] == 1
    assert model("account").get(name="A").address1_city == "Berlin"
