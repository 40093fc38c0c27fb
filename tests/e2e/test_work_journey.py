"""A salesperson's day in a real browser: list, inline edit, bulk, quick create, note, board, won, recycle bin (issue item 4)."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_adapt_journey import DEMO, sign_in
from tests.e2e.test_signup_journey import api
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product"), pytest.mark.timeout(400)]


def test_a_day_of_selling(page: Page, product: Product) -> None:
    sign_in(page, product)
    token = secrets.token_hex(3)
    name, topic = f"Werft {token} GmbH", f"Machines {token}"

    # quick create shows duplicates while typing
    existing = api(page, "GET", "/accounts?limit=1&order=name")[1]["rows"][0]["name"]
    page.goto(product.url("/accounts", DEMO))
    page.get_by_role("button", name="Create Account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Account name").fill(existing)
    expect(dialog.get_by_text(existing).first).to_be_visible()
    dialog.get_by_label("Account name").fill(name)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_be_hidden()
    made = api(page, "GET", f"/accounts?q={name.split()[1]}")[1]["rows"]
    assert [row["name"] for row in made] == [name]

    # record page: a note stays on the timeline
    page.goto(product.url(f"/accounts/{made[0]['id']}", DEMO))
    page.get_by_text("Write a note").click()
    expect(page.get_by_role("button", name="Save note")).to_be_visible()
    page.locator("main [contenteditable=true], main textarea").first.click()
    page.keyboard.type("Wants an offer for two machines")
    page.keyboard.press("Control+Enter")
    expect(
        page.get_by_role("button", name="Save note")
    ).to_be_hidden()  # until then the text is still the editor's
    expect(page.get_by_text("Wants an offer for two machines").first).to_be_visible()
    assert (
        api(page, "GET", f"/accounts/{made[0]['id']}/timeline?kinds=note")[1]["items"][0]["object"] == "note"
    )

    # an opportunity moves on the board and is won
    body = {
        "topic": topic,
        "customer": {"object": "account", "id": made[0]["id"]},
        "estimated_revenue": "900",
        "revenue_mode": 2,
    }
    status, deal = api(page, "POST", "/opportunities", body)
    assert status == 201, deal
    page.goto(product.url("/opportunities?layout=board", DEMO))
    expect(page.get_by_text(topic).first).to_be_visible()
    page.goto(product.url(f"/opportunities/{deal['id']}", DEMO))
    page.get_by_role("button", name="Proposing").click()
    expect(page.get_by_text("€540.00").first).to_be_visible()  # weighted: 900 × 60 %
    page.get_by_role("button", name="Close as won").click()
    page.get_by_role("dialog").get_by_role("button", name="Close as won").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Reopen").or_(page.get_by_text("Won").first).first).to_be_visible()
    won = api(page, "GET", f"/opportunities/{deal['id']}")[1]
    assert (won["state"], won["actual_revenue"], won["probability"]) == ("won", "900.00", 100)

    # delete, find in the recycle bin, restore
    assert api(page, "POST", "/accounts/bulk", {"operation": "delete", "ids": [made[0]["id"]]})[0] == 202
    page.goto(product.url("/recycle-bin", DEMO))
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_role("button", name="Restore").click()
    expect(row).to_be_hidden()
    assert api(page, "GET", f"/accounts/{made[0]['id']}")[0] == 200
    assert api(page, "GET", f"/opportunities/{deal['id']}")[1]["state"] == "won"

    # the dashboard's figures open the same records
    page.goto(product.url("/dashboards", DEMO))
    expect(page.get_by_text("Pipeline by stage")).to_be_visible()
    assert page.faults == []
