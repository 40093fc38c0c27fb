"""An administrator adapts the workspace without programming, and everything knows the new object at once (issue item 5)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_signup_journey import api
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product"), pytest.mark.timeout(400)]
DEMO = "nordwind.localhost"


def sign_in(page: Page, product: Product) -> None:
    """Sign in to the demo workspace as its administrator."""
    demo = product.credentials["demo"]
    page.goto(product.url("/login/", DEMO))
    page.fill("[name=email]", demo["email"])
    page.fill("[name=password]", demo["password"])
    page.press("[name=password]", "Enter")
    page.wait_for_url(product.url("/", DEMO))


def add_field(
    page: Page, product: Product, object_name: str, kind: str, label: str, options: tuple[str, ...] = ()
) -> None:
    page.goto(product.url(f"/settings/objects/{object_name}", DEMO))
    page.get_by_role("button", name="Add field").click()
    page.get_by_role("button", name=kind).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Label").fill(label)
    for number, option in enumerate(options, 1):
        dialog.get_by_placeholder(f"Option {number}").fill(option)
    dialog.get_by_role("button", name="Add to draft").click()
    expect(dialog).to_be_hidden()


def test_custom_object_and_field_work_everywhere(page: Page, product: Product) -> None:
    sign_in(page, product)
    page.goto(product.url("/settings/objects", DEMO))
    page.get_by_role("button", name="New object").click()
    page.get_by_label("Name of one record").fill("Boat")
    page.get_by_role("button", name="Add to draft").click()
    page.wait_for_url(product.url("/settings/objects/c_boat", DEMO))
    add_field(page, product, "c_boat", "Single choice", "Berth", ("North pier", "South pier"))
    add_field(page, product, "account", "Money", "Mooring fee")
    assert api(page, "GET", "/c_boats")[0] == 404, "a draft must change nothing"

    page.goto(product.url("/settings/changes", DEMO))
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("button", name="Roll back to this").first).to_be_visible()
    expect(page.get_by_role("link", name="Boats")).to_be_visible()

    # list and quick create with the lookup to account
    page.goto(product.url("/c_boats", DEMO))
    page.get_by_role("button", name="Create Boat").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Möwe II")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Möwe II").first).to_be_visible()

    # filter, board, search, API, OpenAPI
    berth = _attribute(page, "c_boat", "Berth")
    fee = _attribute(page, "account", "Mooring fee")
    account = api(page, "GET", "/accounts?limit=1")[1]["rows"][0]
    owner = _attribute(page, "c_boat", "Account")
    status, boat = api(page, "POST", "/c_boats", {"name": "Anna", berth: 2, owner: account["id"]})
    assert status == 201 and boat[owner]["name"] == account["name"]
    assert api(page, "PATCH", f"/accounts/{account['id']}", {fee: "120.50"})[1][fee] == "120.50"
    found = api(
        page, "POST", "/c_boats/query", {"filter": {"attribute": berth, "operator": "eq", "value": 2}}
    )[1]
    assert [row["name"] for row in found["rows"]] == ["Anna"]
    assert "/c_boats" in api(page, "GET", "/openapi.json")[1]["paths"]
    page.goto(product.url("/c_boats?layout=board", DEMO))
    expect(page.get_by_text("South pier").first).to_be_visible()
    expect(page.get_by_text("Anna").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Search records or type a command").fill("mowe")
    expect(page.get_by_role("option", name="Möwe II")).to_be_visible()
    page.keyboard.press("Escape")

    # the related list on the account, and the field on its form
    page.goto(product.url(f"/accounts/{account['id']}", DEMO))
    expect(page.get_by_role("region", name="Boats")).to_contain_text("Anna")
    expect(page.get_by_text("Mooring fee").first).to_be_visible()
    assert page.faults == []


def _attribute(page: Page, object_name: str, label: str) -> Any:
    _status, document = api(page, "GET", f"/metadata/objects/{object_name}")
    return next(a["name"] for a in document["attributes"] if a["label"] == label)
