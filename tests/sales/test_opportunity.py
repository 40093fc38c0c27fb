"""Opportunities: stages, probability, revenue, and win, lose, reopen (SAL-3)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from crm_core.metadata import registry, workspace
from crm_core.metadata.conditions import equals
from crm_core.metadata.errors import Conflict, ValidationFailed
from crm_core.metadata.models import Currency, Organization
from crm_core.records import service
from crm_core.records.query import Query
from crm_core.sales.option_lists import STAGES
from crm_core.security.actor import Actor
from tests.sales_people import act, change, everything, make, read, refers


@pytest.fixture
def nord(admin: Actor) -> dict[str, str]:
    return refers("account", make("account", admin, name="Nord AG"))


@pytest.fixture
def deal(admin: Actor, nord: dict) -> Any:
    return make("opportunity", admin, topic="Ferry", customer=nord, estimated_revenue="10000")


@pytest.mark.parametrize(("stage", "meaning"), STAGES.items())
def test_a_stage_sets_probability_category_and_weight(
    admin: Actor, nord: dict, stage: int, meaning: Any
) -> None:
    made = make("opportunity", admin, topic="Ferry", customer=nord, estimated_revenue="10000", stage=stage)
    row = read("opportunity", made, admin)
    assert (row["probability"], row["forecast_category"]) == meaning
    assert row["weighted_revenue"] == f"{100 * meaning.probability}.00" == row["weighted_revenue_base"]


def test_the_delivered_stages_take_the_names_people_use(seeded: Any) -> None:
    stage = registry.get("opportunity").attributes["stage"]
    assert [stage.type.parse_text(stage, name) for name in ("Prospecting", "engaging")] == [1, 2]


def test_moving_the_stage_moves_the_probability_and_the_clock(admin: Actor, deal: Any) -> None:
    entered = read("opportunity", deal, admin)["stage_entered_at"]
    with time_machine.travel(dt.datetime(2027, 1, 5, 12, tzinfo=dt.UTC)):
        change("opportunity", deal, admin, stage=3)
    row = read("opportunity", deal, admin)
    assert (row["probability"], row["forecast_category"], row["weighted_revenue"]) == (60, 2, "6000.00")
    assert row["stage_entered_at"].startswith("2027-01-05T12:00:00") and row["stage_entered_at"] != entered


def test_a_stated_probability_is_kept_until_the_stage_moves(admin: Actor, deal: Any) -> None:
    change("opportunity", deal, admin, probability=45)
    change("opportunity", deal, admin, description="Still on")
    assert read("opportunity", deal, admin)["weighted_revenue"] == "4500.00"
    change("opportunity", deal, admin, stage=2, probability=35)
    assert read("opportunity", deal, admin)["probability"] == 35
    change("opportunity", deal, admin, stage=4)
    assert read("opportunity", deal, admin)["probability"] == 90


@pytest.mark.parametrize("probability", [-1, 101])
def test_probability_is_a_percentage(admin: Actor, deal: Any, probability: int) -> None:
    before = everything()
    with pytest.raises(ValidationFailed) as refused:
        change("opportunity", deal, admin, probability=probability)
    assert refused.value.field == "probability" and everything() == before


def test_weighted_follows_the_estimate(admin: Actor, deal: Any) -> None:
    change("opportunity", deal, admin, estimated_revenue="333.33")
    assert read("opportunity", deal, admin)["weighted_revenue"] == "33.33"
    change("opportunity", deal, admin, estimated_revenue=None)
    row = read("opportunity", deal, admin)
    assert row["weighted_revenue"] is None and row["weighted_revenue_base"] is None


def test_a_customer_is_needed(admin: Actor) -> None:
    before = everything()
    with pytest.raises(ValidationFailed) as refused:
        make("opportunity", admin, topic="Ferry")
    assert (refused.value.code, refused.value.field) == (
        "value.required",
        "customer",
    ) and everything() == before


def test_a_deal_without_topic_takes_its_number_or_what_it_is_about(admin: Actor, nord: dict) -> None:
    product = make("product", admin, name="GTX Pro")
    numbered = make("opportunity", admin, customer=nord, opportunity_number="1C1I7A6R", product=str(product))
    unnumbered = make("opportunity", admin, customer=nord, product=str(product))
    assert read("opportunity", numbered, admin)["topic"] == "1C1I7A6R"
    assert read("opportunity", unnumbered, admin)["topic"] == "GTX Pro · Nord AG"


@pytest.mark.parametrize(
    "name",
    ["weighted_revenue", "stage_entered_at", "actual_revenue", "actual_close_date", "close_reason", "state"],
)
def test_what_the_system_sets_is_not_typed(admin: Actor, deal: Any, name: str) -> None:
    value = {"state": "won", "close_reason": 1, "actual_revenue": "5", "weighted_revenue": "5"}.get(
        name, "2026-12-01"
    )
    before = everything()
    with pytest.raises(ValidationFailed) as refused:
        change("opportunity", deal, admin, **{name: value})
    assert refused.value.code in ("attribute.read_only", "state.use_action") and everything() == before


def closes(actor: Actor, deal: Any) -> list[dict]:
    paths = [
        "subject",
        "outcome",
        "reason",
        "competitor",
        "actual_revenue",
        "description",
        "state",
        "actual_end",
    ]
    query = Query(registry.get("opportunity_close"), actor).filter(equals("regarding", str(deal)))
    return query.order(["created_at"]).page(paths).rows


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, "10000.00"), ({"actual_revenue": "9500.50"}, "9500.50"), ({"actual_revenue": "0"}, "0.00")],
)
def test_win(admin: Actor, deal: Any, given: dict, expected: str) -> None:
    _written, result = act(
        "opportunity", "win", deal, admin, actual_close_date="2026-10-31", description="Signed", **given
    )
    row = read("opportunity", deal, admin)
    assert (row["state"], row["status_reason"], row["probability"], row["forecast_category"]) == (
        "won",
        3,
        100,
        5,
    )
    assert (row["actual_revenue"], row["actual_close_date"]) == (expected, "2026-10-31")
    assert row["weighted_revenue"] == "10000.00" and row["actual_revenue_base"] == expected
    (close,) = closes(admin, deal)
    assert close["id"] == result["opportunity_close_id"] and close["subject"] == "Won: Ferry"
    assert (close["outcome"], close["actual_revenue"], close["description"], close["state"]) == (
        1,
        expected,
        "Signed",
        "completed",
    )


def test_win_without_estimate_counts_zero_and_closes_today(admin: Actor, nord: dict) -> None:
    Organization.objects.update(time_zone="Europe/Berlin")
    workspace.begin()
    made = make("opportunity", admin, topic="Gift", customer=nord)
    with time_machine.travel(dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)):
        act("opportunity", "win", made, admin)
    row = read("opportunity", made, admin)
    assert row["actual_revenue"] == "0.00"
    assert row["actual_close_date"] == "2027-01-01"  # the day in the workspace's zone


@pytest.mark.parametrize("reason", [4, 5])
def test_lose(admin: Actor, deal: Any, reason: int) -> None:
    rival = make("competitor", admin, name="Süd AG")
    act(
        "opportunity",
        "lose",
        deal,
        admin,
        status_reason=reason,
        competitor=str(rival),
        reason=1,
        actual_close_date="2026-10-31",
    )
    row = read("opportunity", deal, admin)
    assert (row["state"], row["status_reason"], row["probability"], row["forecast_category"]) == (
        "lost",
        reason,
        0,
        6,
    )
    assert (row["actual_revenue"], row["weighted_revenue"], row["close_reason"]) == ("0.00", "0.00", 1)
    assert row["competitor"]["name"] == "Süd AG" and row["actual_close_date"] == "2026-10-31"
    (close,) = closes(admin, deal)
    assert (close["outcome"], close["reason"], close["competitor"]["name"]) == (2, "Price", "Süd AG")


@pytest.mark.parametrize(
    ("parameters", "code", "field"),
    [
        ({"competitor": "0199b1c8-0000-7000-8000-000000000000"}, "lookup.does_not_exist", "competitor"),
        ({"status_reason": 3}, "option.unknown", "status_reason"),
        ({"reason": 99}, "option.unknown", "reason"),
        ({"actual_close_date": "31.10.2026"}, "value.not_a_date", "actual_close_date"),
    ],
)
def test_lose_refuses_unusable_values_and_changes_nothing(
    admin: Actor, deal: Any, parameters: dict, code: str, field: str
) -> None:
    before = everything()
    with pytest.raises(ValidationFailed) as refused:
        act("opportunity", "lose", deal, admin, **parameters)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.status == 422 and everything() == before


def test_a_negative_revenue_is_refused(admin: Actor, deal: Any) -> None:
    with pytest.raises(ValidationFailed) as refused:
        act("opportunity", "win", deal, admin, actual_revenue="-1")
    assert refused.value.field == "actual_revenue" and read("opportunity", deal, admin)["state"] == "open"


@pytest.mark.parametrize("first", ["win", "lose"])
@pytest.mark.parametrize("second", ["win", "lose"])
def test_a_closed_opportunity_is_not_closed_again(admin: Actor, deal: Any, first: str, second: str) -> None:
    act("opportunity", first, deal, admin)
    before = everything()
    with pytest.raises(Conflict) as refused:
        act("opportunity", second, deal, admin)
    assert (
        refused.value.code == "opportunity.not_open" and "reopen" in refused.value.details["allowed_actions"]
    )
    with pytest.raises(Conflict) as refused:
        change("opportunity", deal, admin, topic="Ferries")
    assert refused.value.code == "record.read_only"
    assert everything() == before


@pytest.mark.parametrize("first", ["win", "lose"])
def test_reopen_clears_the_actual_values_and_keeps_the_history(admin: Actor, deal: Any, first: str) -> None:
    change("opportunity", deal, admin, stage=2)
    act("opportunity", first, deal, admin)
    act("opportunity", "reopen", deal, admin)
    row = read("opportunity", deal, admin)
    assert (row["state"], row["status_reason"], row["probability"], row["forecast_category"]) == (
        "open",
        1,
        30,
        1,
    )
    assert (
        row["actual_revenue"],
        row["actual_revenue_base"],
        row["actual_close_date"],
        row["close_reason"],
    ) == (None,) * 4
    assert row["weighted_revenue"] == "3000.00" and len(closes(admin, deal)) == 1
    act("opportunity", first, deal, admin)
    assert len(closes(admin, deal)) == 2
    act("opportunity", "reopen", deal, admin)
    with pytest.raises(Conflict) as refused:
        act("opportunity", "reopen", deal, admin)
    assert refused.value.code == "opportunity.already_open"


def test_a_seller_wins_without_rights_on_close_activities(rep: Actor, nord: dict) -> None:
    account = refers("account", make("account", rep, name="Süd AG"))
    made = make("opportunity", rep, topic="Boat", customer=account, estimated_revenue="500")
    act("opportunity", "win", made, rep)
    assert read("opportunity", made, rep)["state"] == "won"


def test_nobody_writes_close_activities_by_hand(admin: Actor, deal: Any) -> None:
    act("opportunity", "win", deal, admin)
    (close,) = closes(admin, deal)
    with pytest.raises(Conflict):
        change("opportunity_close", close["id"], admin, subject="Lost")
    assert registry.get("opportunity_close").creatable is False


def test_the_competitor_knows_how_often_we_win(admin: Actor, nord: dict) -> None:
    rival = make("competitor", admin, name="Süd AG")
    deals = [
        make("opportunity", admin, topic=f"Deal {n}", customer=nord, competitor=str(rival)) for n in range(3)
    ]
    assert read("competitor", rival, admin)["win_percentage"] is None
    act("opportunity", "win", deals[0], admin)
    act("opportunity", "lose", deals[1], admin)
    act("opportunity", "lose", deals[2], admin)
    assert read("competitor", rival, admin)["win_percentage"] == "33.33"
    act("opportunity", "reopen", deals[2], admin)
    assert read("competitor", rival, admin)["win_percentage"] == "50.00"
    service.delete(registry.get("opportunity"), deals[0], admin)
    assert read("competitor", rival, admin)["win_percentage"] == "0.00"


def test_closed_deals_arrive_by_import_with_their_values(admin: Actor, nord: dict) -> None:
    rows = [
        {
            "topic": "A",
            "customer": nord,
            "state": "won",
            "actual_revenue": "1054",
            "actual_close_date": "2017-03-01",
            "started_on": "2016-10-20",
        },
        {
            "topic": "B",
            "customer": nord,
            "state": "lost",
            "actual_revenue": "0",
            "actual_close_date": "2017-03-02",
        },
        {"topic": "C", "customer": nord, "stage": 2},
    ]
    results = service.create_many(
        registry.get("opportunity"), rows, admin.acting("import"), privileged=frozenset({"state"})
    )
    assert [r.error for r in results] == [None] * 3
    won, lost, opened = (read("opportunity", r.id, admin) for r in results)
    assert (won["state"], won["status_reason"], won["probability"], won["forecast_category"]) == (
        "won",
        3,
        100,
        5,
    )
    assert (won["actual_revenue"], won["estimated_revenue"], won["weighted_revenue"]) == ("1054.00",) * 3
    assert (lost["state"], lost["probability"], lost["actual_revenue"]) == ("lost", 0, "0.00")
    assert (opened["state"], opened["probability"], opened["actual_revenue"]) == ("open", 30, None)


def test_money_keeps_the_currency_of_the_deal(admin: Actor, nord: dict) -> None:
    Currency.objects.create(code="USD", rate=Decimal("1.25"), precision=2)
    made = make("opportunity", admin, topic="Ferry", customer=nord, estimated_revenue="1000", currency="USD")
    row = read("opportunity", made, admin)
    assert (row["weighted_revenue"], row["weighted_revenue_base"], row["estimated_revenue_base"]) == (
        "100.00",
        "80.00",
        "800.00",
    )
    act("opportunity", "win", made, admin)
    (close,) = closes(admin, made)
    assert close["actual_revenue"] == "1000.00"
