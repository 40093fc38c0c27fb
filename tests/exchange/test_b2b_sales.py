"""The four real files beside the repository, with every figure their README states."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count, Sum
from django.db.models.functions import TruncQuarter

from crm_core.metadata import registry

FOLDER = Path(
    os.environ.get(
        "KONTOR_SAMPLE_DATA", Path(__file__).resolve().parents[3] / "shared" / "data" / "b2b_sales"
    )
)
pytestmark = [
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason=f"the real data set is not beside the repository ({FOLDER.name})"
    ),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


def file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def by_header(import_: Any) -> dict[str, dict[str, Any] | None]:
    columns = import_.mapping["columns"]
    return {c["header"]: columns.get(str(i)) for i, c in enumerate(import_.columns)}


def attributes(import_: Any) -> dict[str, str | None]:
    return {header: options and options["attribute"] for header, options in by_header(import_).items()}


def model(name: str) -> Any:
    return registry.get(name).model.objects


def test_all_four_files_give_the_stated_figures_and_undo_leaves_nothing(
    wizard: Any, fingerprint: Any
) -> None:
    before = fingerprint()
    done = [_people(wizard), _products(wizard), _accounts(wizard), _pipeline(wizard)]
    _figures()
    for import_ in reversed(done):
        undone = wizard.act(import_, "undo")
        assert undone.job.state == "undone"
        assert undone.job.result["undo_conflicts"] == 0, list(
            undone.job.failures.values_list("name", "message")[:5]
        )
    assert fingerprint() == before


def _people(wizard: Any) -> Any:
    import_ = wizard.upload(file("sales_teams.csv"), "sales_teams.csv")
    assert import_.object == "user"
    assert attributes(import_) == {
        "sales_agent": "full_name",
        "manager": "manager",
        "regional_office": "region",
    }
    import_.mapping["columns"]["1"]["on_missing"] = "create"
    import_ = wizard.change(import_, mapping=import_.mapping)
    checked = wizard.act(import_, "check")
    assert checked.stats == {"new": 35, "update": 0, "duplicate": 0, "error": 0, "creates": {"user": 6}}
    done = wizard.act(import_, "run")
    assert done.stats == {"created": 35, "updated": 0, "duplicate": 0, "failed": 0}
    people = model("user")
    assert people.filter(region__isnull=False).count() == 35
    assert people.filter(manager__isnull=False).values("manager").distinct().count() == 6
    assert people.filter(login=None).count() == 35 + 6 + 1  # nobody can sign in before an invitation
    return done


def _products(wizard: Any) -> Any:
    import_ = wizard.upload(file("products.csv"), "products.csv")
    assert import_.object == "product"
    assert attributes(import_) == {"product": "name", "series": "family", "sales_price": "list_price"}
    done = wizard.act(wizard.act(import_, "check"), "run")
    assert done.stats["created"] == 7
    assert model("product").get(name="GTX Pro").list_price == Decimal(4821)
    return done


def _accounts(wizard: Any) -> Any:
    import_ = wizard.upload(file("accounts.csv"), "accounts.csv")
    assert import_.object == "account"
    assert attributes(import_) == {
        "account": "name", "sector": "industry", "year_established": "year_established", "revenue": "annual_revenue",
        "employees": "number_of_employees", "office_location": "address1_country", "subsidiary_of": "parent_account",
    }  # fmt: skip
    mapping = by_header(import_)
    technology = next(
        o.value
        for o in registry.get("account").attributes["industry"].options
        if str(o.label) == "Technology"
    )
    assert mapping["sector"]["values"] == {"technolgy": technology}
    assert mapping["office_location"]["values"] == {"Philipines": "Philippines"}
    mapping["revenue"]["scale"] = 1_000_000
    import_ = wizard.change(import_, mapping=import_.mapping)
    checked = wizard.act(import_, "check")
    assert (checked.stats["new"], checked.stats["error"]) == (85, 0), wizard.codes(import_)
    done = wizard.act(import_, "run")
    assert done.stats["created"] == 85
    accounts = model("account")
    acme = accounts.get(name="Acme Corporation")
    assert acme.annual_revenue == Decimal("1100040000") and acme.industry == technology
    assert accounts.filter(parent_account__isnull=False).count() == 15
    assert accounts.filter(parent_account=acme).count() == 4
    assert accounts.filter(address1_country="Philippines").count() == 1
    return done


def _pipeline(wizard: Any) -> Any:
    import_ = wizard.upload(file("sales_pipeline.csv"), "sales_pipeline.csv")
    assert import_.object == "opportunity" and import_.row_count == 8800
    assert attributes(import_) == {
        "opportunity_id": "opportunity_number", "sales_agent": "owner", "product": "product", "account": "customer",
        "deal_stage": "stage_or_state", "engage_date": "started_on", "close_date": "actual_close_date", "close_value": "actual_revenue",
        "engage_quarter": None, "close_quarter": None,
    }  # fmt: skip
    mapping = by_header(import_)
    assert mapping["engage_date"]["date_format"] == "%d-%m-%y" == mapping["close_date"]["date_format"]
    assert mapping["product"]["values"] == {"GTXPro": "GTX Pro"}
    without = wizard.act(import_, "check")
    assert without.stats["error"] == 1425
    assert set(wizard.codes(without)[next(iter(wizard.codes(without)))]) == {("customer", "value.required")}
    import_.mapping["missing_customer"] = "placeholder"
    import_ = wizard.change(import_, mapping=import_.mapping)
    checked = wizard.act(import_, "check")
    assert checked.stats == {"new": 8800, "update": 0, "duplicate": 0, "error": 0, "creates": {"account": 1}}
    done = wizard.act(import_, "run")
    assert done.stats == {"created": 8800, "updated": 0, "duplicate": 0, "failed": 0}
    return done


def _figures() -> None:
    deals = model("opportunity")
    stages = {o.value: str(o.label) for o in registry.get("opportunity").attributes["stage"].options}
    states = dict(deals.values_list("state").annotate(n=Count("pk")))
    assert (states["won"], states["lost"]) == (4238, 2473)
    assert {
        stages[s]: n for s, n in deals.filter(state="open").values_list("stage").annotate(n=Count("pk"))
    } == {"Engaging": 1589, "Prospecting": 500}
    won = deals.filter(state="won")
    assert won.aggregate(total=Sum("actual_revenue"))["total"] == 10_005_534
    quarters = (
        won.annotate(q=TruncQuarter("actual_close_date"))
        .values_list("q")
        .annotate(total=Sum("actual_revenue"))
        .order_by("q")
    )
    assert [(q.isoformat(), int(total)) for q, total in quarters] == [
        ("2017-01-01", 1_134_672), ("2017-04-01", 3_086_111), ("2017-07-01", 2_982_255), ("2017-10-01", 2_802_496),
    ]  # fmt: skip
    regions = (
        won.values_list("owner__system_user__region").annotate(total=Sum("actual_revenue")).order_by("-total")
    )
    assert [(r, int(t)) for r, t in regions] == [
        ("West", 3_568_647),
        ("Central", 3_346_293),
        ("East", 3_090_594),
    ]
    sellers = won.values_list("owner__name").annotate(total=Sum("actual_revenue")).order_by("-total")
    assert sellers[0] == ("Darcel Schlecht", Decimal(1_153_214))
    unknown = model("account").get(name="Unknown customer")
    assert deals.filter(customer_account=unknown).count() == 1425
    assert deals.filter(product__name="GTX Pro").count() == 1480
    assert deals.filter(started_on=None).count() == 500
