"""Rights as people meet them: a role made by an administrator, what its holder sees and does not, sharing, leaving (issue item 1)."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import time
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_adapt_journey import DEMO, sign_in
from tests.e2e.test_signup_journey import PASSWORD, api
from tests.e2e.test_together_journey import join, make
from tests.product import Product, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product"), pytest.mark.timeout(300)]


def make_role(page: Page, product: Product, name: str) -> str:
    """A role that does everything with one's own accounts but delete them, made on the screen; returns its id."""
    page.goto(product.url("/settings/roles", DEMO))
    page.get_by_role("button", name="Create role").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the role").fill(name)
    dialog.get_by_role("button", name="Create role").click()
    page.get_by_label("Find an object or group").fill("account")
    expect(page.get_by_role("status").filter(has_text="1 of")).to_be_visible()
    page.get_by_role("button", name="Set all of Accounts").click()
    page.get_by_role("menuitemradio", name=re.compile("^Own")).click()
    cell = page.get_by_role("button", name=re.compile("^Accounts: Delete"))
    cell.focus()  # by keyboard: the menu opens at what holds now
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name=re.compile("^Own"))).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(cell).to_be_focused()
    expect(cell).to_have_accessible_name("Accounts: Delete: None")
    role = page.url.rsplit("/", 1)[1]
    rights = api(page, "GET", f"/roles/{role}/privileges")[1]["objects"]
    assert {d for o in rights for d in o["depths"].values()} == {"none"}, "nothing holds before it is saved"
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Teams").click()
    dialog = page.get_by_role("dialog", name="Leave without saving?")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Role saved. It takes effect at once.")).to_be_visible()
    rights = api(page, "GET", f"/roles/{role}/privileges")[1]["objects"]
    granted = {(o["name"], d) for o in rights for p, d in o["depths"].items() if p != "delete"}
    assert granted - {(o["name"], "none") for o in rights} == {("account", "own")}
    assert next(o for o in rights if o["name"] == "account")["depths"]["delete"] == "none"
    return role


def second_factor_on(window: Page, product: Product) -> list[str]:
    """Turn the own second factor on in the settings; returns the recovery codes, which are downloaded as well."""
    window.goto(product.url("/settings/security", DEMO))
    window.get_by_role("button", name="Turn on", exact=True).click()
    dialog = window.get_by_role("dialog")
    dialog.get_by_label("Current password").fill(PASSWORD)
    window.keyboard.press("Enter")
    expect(dialog.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    secret = dialog.locator("code").inner_text().replace(" ", "")
    dialog.get_by_label("Code of the app").fill(pyotp.TOTP(secret).at(int(time.time())))
    window.keyboard.press("Enter")
    dialog = window.get_by_role("dialog", name="Your recovery codes")
    expect(dialog.get_by_role("listitem")).to_have_count(10)
    codes = dialog.get_by_role("listitem").all_inner_texts()
    with window.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert set(codes) <= set(Path(download.value.path()).read_text().split())
    dialog.get_by_role("button", name="I have kept them").click()
    expect(window.get_by_text("10 recovery codes left")).to_be_visible()
    return codes


def sign_in_again(window: Page, product: Product, email: str, code: str) -> None:
    """Password, then a recovery code."""
    window.goto(product.url("/login/", DEMO))
    window.fill("[name=email]", email)
    window.fill("[name=password]", PASSWORD)
    window.press("[name=password]", "Enter")
    expect(window.get_by_role("heading", name="Enter the code of your app")).to_be_visible()
    window.fill("[name=code]", code)
    window.press("[name=code]", "Enter")
    window.wait_for_url(product.url("/", DEMO))


def sees(
    window: Page, product: Product, token: str, shown: set[str], hidden: set[str], exported: str
) -> None:
    """Whether list, search and board give exactly `shown`, and nothing of `hidden`; of what is only shared nothing is exported."""
    window.goto(product.url(f"/accounts?q={token}", DEMO))
    for name in shown:
        expect(window.get_by_role("link", name=name).first).to_be_visible()
    for name in hidden:
        expect(window.get_by_text(name)).to_have_count(0)
    expect(window.get_by_text(f"{len(shown)} record").first).to_be_visible()
    window.keyboard.press("Control+k")
    palette = window.get_by_role("dialog")
    palette.get_by_role("combobox").fill(token)
    for name in shown:
        expect(palette.get_by_role("option").filter(has_text=name)).to_be_visible()
    for name in hidden:
        expect(palette.get_by_text(name)).to_have_count(0)
    window.keyboard.press("Escape")
    board = api(window, "POST", "/accounts/board", {"attribute": "industry", "q": token, "fields": ["name"]})
    assert board[0] == 200, board
    assert {row["name"] for column in board[1]["columns"] for row in column["rows"]} == shown
    status, made = api(window, "POST", "/accounts/export", {"q": token, "fields": ["name"], "format": "csv"})
    assert status in (200, 201, 202), made
    text = window.evaluate(FILE_TEXT, made["job"]["file"]["url"])
    assert {name for name in shown | hidden if name in text} == {exported}


#: what a file holds, asked as the screens ask: a workspace that used much is told when to come back
FILE_TEXT = """async (url) => {
  for (let holds = 0; ; holds++) {
    const answer = await fetch(url);
    if (answer.status !== 429 || holds === 5) return answer.text();
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get('Retry-After'))));
  }
}"""


def access_dialog(window: Page) -> Any:
    window.get_by_role("button", name="More").first.click()
    window.get_by_role("menuitem", name="Access and sharing").click()
    return window.get_by_role("dialog", name="Access and sharing")


def test_rights_as_people_meet_them(page: Page, product: Product, browser: Any) -> None:
    sign_in(page, product)
    token = secrets.token_hex(3)
    theirs = make(page, "accounts", name=f"Werft {token} Sued", phone="+49 30 111")
    secret = make(page, "accounts", name=f"Werft {token} Geheim")["name"]
    role = make_role(page, product, f"Own accounts {token}")
    bea = join(page, product, browser, role, f"Bea {token}")
    own = make(
        bea, "accounts", name=f"Werft {token} Nord", owner=api(bea, "GET", "/session")[1]["user"]["id"]
    )
    address = product.url(f"/accounts/{theirs['id']}", DEMO)

    # a role somebody holds is not deleted under its holder
    page.goto(product.url("/settings/roles", DEMO))
    page.get_by_label("Find a role").fill(token)
    page.get_by_label(f"More: Own accounts {token}").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name=f"Bea {token}")).to_be_visible()
    page.keyboard.press("Escape")
    assert api(page, "DELETE", f"/roles/{role}")[1]["code"] == "role.in_use"

    # own rows everywhere, another's link leads nowhere
    sees(bea, product, token, {own["name"]}, {theirs["name"], secret}, own["name"])
    bea.goto(address)
    expect(bea.get_by_text("Not found")).to_be_visible()
    expect(bea.get_by_text(theirs["name"])).to_have_count(0)
    expect(bea.get_by_role("link", name="Contacts")).to_have_count(0)

    # shared to read for a while: seen, not changed, and it says why
    until = (dt.date.today() + dt.timedelta(days=9)).isoformat()
    page.goto(address)
    dialog = access_dialog(page)
    dialog.get_by_role("textbox", name="Share with").fill(f"Bea {token}")
    page.get_by_role("option").filter(has_text=f"Bea {token}").first.click()
    dialog.get_by_label("Until").fill(until)
    dialog.get_by_role("button", name="Share", exact=True).click()
    shared = dialog.get_by_role("listitem").filter(has_text=f"Bea {token}").first
    expect(shared).to_contain_text(f"until {dt.date.fromisoformat(until).day} ")
    page.keyboard.press("Escape")
    bea.goto(address)
    expect(bea.get_by_role("heading", name=theirs["name"])).to_be_visible()
    expect(bea.get_by_text("You may read this record but not change it")).to_be_visible()
    for offer in ("Edit", "Note", "Plan next step"):
        expect(bea.get_by_role("button", name=offer, exact=True)).to_have_count(0)
    assert api(bea, "PATCH", f"/accounts/{theirs['id']}", {"phone": "+49 30 222"})[0] == 403
    assert api(page, "GET", f"/accounts/{theirs['id']}")[1]["phone"] == theirs["phone"]
    dialog = access_dialog(bea)
    why = dialog.get_by_role("region", name="Why you can see it").get_by_role("listitem")
    expect(why).to_have_count(1)
    expect(why).to_contain_text(f"Shared with Bea {token} by ")
    expect(why).to_contain_text(f"until {dt.date.fromisoformat(until).day} ")
    expect(dialog.get_by_role("button", name="Share", exact=True)).to_have_count(0)
    sees(bea, product, token, {own["name"], theirs["name"]}, {secret}, own["name"])

    # the administrator looks through the same eyes, changes nothing, and is himself again
    page.goto(product.url("/settings/users", DEMO))
    page.get_by_label("Find a user").fill(f"Bea {token}")
    page.get_by_label(f"More: Bea {token}").click()
    page.get_by_role("menuitem", name="View as this user").click()
    expect(page.get_by_text(f"You see what Bea {token} sees")).to_be_visible()
    sees(page, product, token, {own["name"], theirs["name"]}, {secret}, own["name"])
    assert api(page, "POST", "/accounts", {"name": f"Werft {token} West"})[1]["code"] == "view_as.read_only"
    page.goto(product.url("/settings", DEMO))
    expect(page.get_by_role("link", name="Roles")).to_have_count(0)
    page.get_by_role("button", name="Stop viewing").click()
    expect(page.get_by_text(f"You see what Bea {token} sees")).to_have_count(0)
    assert len(api(page, "GET", f"/accounts?q={token}")[1]["rows"]) == 3

    # taken back, it is gone at once
    page.goto(address)
    dialog = access_dialog(page)
    dialog.get_by_role("button", name=f"Stop sharing: Bea {token}").click()
    expect(dialog.get_by_text("Not shared with anybody.")).to_be_visible()
    bea.goto(address)
    expect(bea.get_by_text("Not found")).to_be_visible()

    # her second factor: on by herself, asked at the next sign-in, taken from her by the administrator who was asked to
    email = api(bea, "GET", "/session")[1]["user"]["email"]
    codes = second_factor_on(bea, product)
    bea.context.clear_cookies()
    sign_in_again(bea, product, email, codes[0])
    assert api(bea, "GET", f"/accounts/{own['id']}")[0] == 200
    page.goto(product.url("/settings/users", DEMO))
    page.get_by_label("Find a user").fill(f"Bea {token}")
    expect(page.get_by_role("img", name="Second factor")).to_be_visible()
    page.get_by_label(f"More: Bea {token}").click()
    page.get_by_role("menuitem", name="Reset second factor").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("Phone lost, called back")
    page.get_by_role("dialog").get_by_role("button", name="Reset second factor").click()
    expect(page.get_by_text(f"Second factor of Bea {token} is reset")).to_be_visible()
    assert api(bea, "GET", f"/accounts/{own['id']}")[0] == 401

    # she leaves: what she owns goes on in one step, and comes back
    page.goto(product.url("/settings/users", DEMO))
    page.get_by_label("Find a user").fill(f"Bea {token}")
    page.get_by_label(f"More: Bea {token}").click()
    page.get_by_role("menuitem", name="Disable").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Owns 1 record")).to_be_visible()
    dialog.get_by_role("textbox", name="Give the records to").fill("Milan")
    page.get_by_role("option").filter(has_text="Milan Weber").first.click()
    expect(dialog.get_by_text("1 record moves to Milan Weber.")).to_be_visible()
    dialog.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("1 record reassigned")).to_be_visible()
    path = f"/accounts/{own['id']}"
    assert api(page, "GET", path)[1]["owner"]["name"] == "Milan Weber"
    assert api(bea, "GET", path)[0] == 401
    page.goto(product.url(path, DEMO))
    page.get_by_role("button", name="Changes", exact=True).click()
    former = re.compile(rf"made a change.*Owner.*Bea {token}.*Milan Weber", re.DOTALL)
    expect(page.get_by_role("main")).to_contain_text(former)
    page.goto(product.url("/undo", DEMO))
    expect(page.get_by_text(f"Bea {token} → Milan Weber").first).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    wait_until(lambda: api(page, "GET", path)[1]["owner"]["name"] == f"Bea {token}", 30, "her record back")
    assert api(bea, "GET", path)[0] == 401  # only the records come back, not the log-in
    bea.context.close()
    assert page.faults == []
