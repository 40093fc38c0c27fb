"""Lines of an opportunity (SAL-53) and products (SAL-50)."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.metadata import registry
from crm_core.metadata.errors import Conflict, Invalid, ValidationFailed
from crm_core.records import service
from crm_core.security.actor import Actor
from tests.sales_people import act, change, everything, make, read, refers


@pytest.fixture
def deal(admin: Actor) -> str:
    nord = refers("account", make("account", admin, name="Nord AG"))
    return str(make("opportunity", admin, topic="Ferry", customer=nord, revenue_mode=1))


@pytest.fixture
def gtx(admin: Actor) -> str:
    return str(make("product", admin, name="GTX Pro", list_price="4821"))


def line(actor: Actor, deal: str, /, **values: Any) -> Any:
    return make("opportunity_product", actor, opportunity=deal, **values)


@pytest.mark.parametrize(
    ("values", "base", "extended"),
    [
        ({"quantity": "2", "price_per_unit": "10.50"}, "21.00", "21.00"),
        ({"quantity": "0.335", "price_per_unit": "3"}, "1.01", "1.01"),
        ({"quantity": "2", "price_per_unit": "10", "manual_discount": "5"}, "20.00", "15.00"),
        ({"quantity": "2", "price_per_unit": "10", "manual_discount": "20", "tax": "3.80"}, "20.00", "3.80"),
        ({"price_per_unit": "7"}, "7.00", "7.00"),
        ({}, "0.00", "0.00"),
    ],
)
def test_amounts_of_a_line(admin: Actor, deal: str, values: dict, base: str, extended: str) -> None:
    row = read("opportunity_product", line(admin, deal, name="Hull", **values), admin)
    assert (row["base_amount"], row["extended_amount"]) == (base, extended)


def test_a_product_brings_name_and_price(admin: Actor, deal: str, gtx: str) -> None:
    made = line(admin, deal, product=gtx, quantity="2")
    row = read("opportunity_product", made, admin)
    assert (row["name"], row["price_per_unit"], row["extended_amount"]) == ("GTX Pro", "4821.00", "9642.00")
    change("opportunity_product", made, admin, price_per_unit="4000")
    assert read("opportunity_product", made, admin)["extended_amount"] == "8000.00"


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({}, "line.product_or_name", "product"),
        ({"name": "Hull", "quantity": "0"}, "line.quantity_positive", "quantity"),
        ({"name": "Hull", "quantity": "-1"}, "line.quantity_positive", "quantity"),
        (
            {"name": "Hull", "price_per_unit": "10", "manual_discount": "10.01"},
            "line.discount_range",
            "manual_discount",
        ),
    ],
)
def test_what_a_line_refuses(admin: Actor, deal: str, values: dict, code: str, field: str) -> None:
    before = everything()
    with pytest.raises(Invalid) as refused:
        line(admin, deal, **values)
    assert (refused.value.code, refused.value.field) == (code, field) and everything() == before


@pytest.mark.parametrize(
    ("decimals", "quantity", "allowed"),
    [(0, "1.5", False), (0, "2", True), (1, "1.5", True), (2, "1.555", False)],
)
def test_quantities_are_no_finer_than_the_product(
    admin: Actor, deal: str, decimals: int, quantity: str, allowed: bool
) -> None:
    rope = str(make("product", admin, name="Rope", list_price="3", decimals_supported=decimals))
    if allowed:
        assert line(admin, deal, product=rope, quantity=quantity)
        return
    with pytest.raises(Invalid) as refused:
        line(admin, deal, product=rope, quantity=quantity)
    assert refused.value.code == "line.quantity_decimals" and refused.value.details == {"decimals": decimals}


def test_a_retired_product_is_not_sold_but_stays_where_it_was(admin: Actor, deal: str, gtx: str) -> None:
    old = line(admin, deal, product=gtx)
    act("product", "deactivate", gtx, admin)
    before = everything()
    with pytest.raises(Invalid) as refused:
        line(admin, deal, product=gtx)
    assert refused.value.code == "product.inactive" and everything() == before
    change("opportunity_product", old, admin, quantity="2")
    assert read("opportunity_product", old, admin)["extended_amount"] == "9642.00"


def test_the_estimate_is_the_net_sum_of_the_lines(admin: Actor, deal: str, gtx: str) -> None:
    first = line(admin, deal, product=gtx, quantity="2")
    line(admin, deal, name="Hull", price_per_unit="100", manual_discount="10", tax="19")
    assert read("opportunity", deal, admin)["estimated_revenue"] == "9732.00"
    assert read("opportunity", deal, admin)["weighted_revenue"] == "973.20"
    change("opportunity_product", first, admin, quantity="1")
    assert read("opportunity", deal, admin)["estimated_revenue"] == "4911.00"
    service.delete(registry.get("opportunity_product"), first, admin)
    assert read("opportunity", deal, admin)["estimated_revenue"] == "90.00"
    change("opportunity", deal, admin, estimated_revenue="5")
    assert read("opportunity", deal, admin)["estimated_revenue"] == "90.00"


def test_a_typed_estimate_is_left_alone(admin: Actor, deal: str) -> None:
    change("opportunity", deal, admin, revenue_mode=2, estimated_revenue="5")
    line(admin, deal, name="Hull", price_per_unit="100")
    assert read("opportunity", deal, admin)["estimated_revenue"] == "5.00"
    change("opportunity", deal, admin, revenue_mode=1)
    assert read("opportunity", deal, admin)["estimated_revenue"] == "100.00"


def test_lines_of_a_closed_opportunity_are_closed(admin: Actor, deal: str) -> None:
    hull = line(admin, deal, name="Hull", price_per_unit="100")
    act("opportunity", "win", deal, admin)
    before = everything()
    for attempt in (
        lambda: line(admin, deal, name="Mast"),
        lambda: change("opportunity_product", hull, admin, quantity="2"),
        lambda: service.delete(registry.get("opportunity_product"), hull, admin),
    ):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "record.read_only" and everything() == before


def test_lines_go_and_change_hands_with_the_opportunity(admin: Actor, rep: Actor, deal: str) -> None:
    hull = line(admin, deal, name="Hull", price_per_unit="100")
    service.assign(registry.get("opportunity"), deal, str(rep.user_id), admin)
    assert read("opportunity_product", hull, rep)["owner"]["id"] == str(rep.user_id)
    service.delete(registry.get("opportunity"), deal, admin)
    assert not registry.get("opportunity_product").model.objects.filter(deleted_at=None).exists()


def test_product_numbers_are_unique_while_they_live(admin: Actor) -> None:
    first = make("product", admin, name="GTX Pro", product_number="P-1")
    before = everything()
    with pytest.raises(Conflict) as refused:
        make("product", admin, name="GTX Basic", product_number="P-1")
    assert refused.value.code == "value.not_unique" and everything() == before
    service.delete(registry.get("product"), first, admin)
    assert make("product", admin, name="GTX Basic", product_number="P-1")


def test_products_without_number_are_many(admin: Actor) -> None:
    assert make("product", admin, name="GTX Pro") != make("product", admin, name="GTX Basic")


def test_a_seller_reads_the_catalogue_and_does_not_change_it(admin: Actor, rep: Actor, gtx: str) -> None:
    from crm_core.metadata.errors import Forbidden

    assert read("product", gtx, rep)["name"] == "GTX Pro"
    with pytest.raises(Forbidden):
        change("product", gtx, rep, list_price="1")


@pytest.mark.parametrize("price", ["-1", "abc", "1e30"])
def test_prices_are_sensible(admin: Actor, price: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        make("product", admin, name="GTX Pro", list_price=price)
    assert refused.value.field == "list_price"
