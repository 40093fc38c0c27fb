"""Two people on one record, mass changes taken back, and duplicates merged and parted again (issue items 2, 3 and 6)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_adapt_journey import DEMO, sign_in
from tests.e2e.test_signup_journey import PASSWORD, api
from tests.product import Product, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product"), pytest.mark.timeout(300)]


def join(page: Page, product: Product, browser: Any, role: str, name: str) -> Page:
    """Invite somebody with one role and let him come in, in a window of his own."""
    email = f"{secrets.token_hex(4)}@example.test"
    status, made = api(page, "POST", "/invitations", {"email": email, "role": role})
    assert status == 201, made
    text = product.wait_for_mail(email).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    link = re.search(r"http://\S+/join/\S+", text)
    assert link is not None
    window = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    window.goto(link.group(0))
    window.fill("[name=name]", name)
    window.fill("[name=password]", PASSWORD)
    window.click("button:has-text('Join')")
    window.wait_for_url(product.url("/", DEMO), timeout=30_000)
    return window


@pytest.fixture
def colleague(page: Page, product: Product, browser: Any) -> Iterator[Page]:
    """A second person of the demo workspace, in a window of her own."""
    sign_in(page, product)
    window = join(page, product, browser, "sales_manager", "Bea Boot")
    yield window
    window.context.close()


def make(page: Page, plural: str, **values: Any) -> Any:
    status, made = api(page, "POST", f"/{plural}", values)
    assert status == 201, made
    return made


def test_two_people_edit_one_record(page: Page, colleague: Page, product: Product) -> None:
    token = secrets.token_hex(3)
    account = make(page, "accounts", name=f"Reederei {token}", email="old@example.com", phone="+49 30 111")
    address = product.url(f"/accounts/{account['id']}", DEMO)
    page.goto(address)
    colleague.goto(address)
    expect(page.get_by_role("list", name="Also here")).to_be_visible(timeout=25_000)
    expect(page.get_by_label("Bea Boot is looking at this record too")).to_be_visible()

    # both change the same two fields; who saves later chooses field by field
    page.keyboard.press("e")
    page.get_by_label("E-mail", exact=True).fill("mine@example.com")
    page.get_by_label("Phone", exact=True).fill("+49 30 222")
    theirs = {"email": "theirs@example.com", "phone": "+49 30 333", "website": "https://example.com"}
    status, saved = api(colleague, "PATCH", f"/accounts/{account['id']}", theirs)
    assert status == 200, saved
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Bea Boot saved")).to_be_visible()
    phone = dialog.get_by_role("group", name="Phone")
    phone.get_by_text("Theirs").click()
    dialog.get_by_role("button", name="Save my choice").click()
    expect(dialog).to_be_hidden()  # it closes when the choice is sent
    path = f"/accounts/{account['id']}"
    wait_until(lambda: api(page, "GET", path)[1]["email"] == "mine@example.com", 15, "the saved choice")
    now = api(page, "GET", path)[1]
    assert (now["email"], now["phone"], now["website"]) == (
        "mine@example.com",
        saved["phone"],
        saved["website"],
    )
    assert page.faults == []


def test_mass_changes_and_merges_are_taken_back(page: Page, product: Product) -> None:
    sign_in(page, product)
    token = secrets.token_hex(3)
    names = [f"Hafen {token} {part}" for part in ("Nord", "Ost", "West")]
    ids = [make(page, "accounts", name=name, description="before")["id"] for name in names]
    child = make(
        page, "notes", title=f"Note {token}", body="kept", regarding={"object": "account", "id": ids[0]}
    )

    # bulk edit on the screen; one record is changed again before it is taken back
    page.goto(product.url(f"/accounts?q={token}", DEMO))
    for name in names:
        page.get_by_label(f"Select {name}").check()
    page.get_by_role("region", name="Selected records").get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    page.get_by_placeholder("Search fields").fill("Website")
    page.get_by_placeholder("Search fields").press("Enter")
    dialog.get_by_role("textbox", name="Website").fill("https://after.example.com")
    dialog.get_by_role("button", name="Change 3 records").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("3 records changed").first).to_be_visible()
    assert api(page, "PATCH", f"/accounts/{ids[2]}", {"website": "https://later.example.com"})[0] == 200
    page.goto(product.url("/undo", DEMO))
    page.get_by_role("button", name="Undo", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 record was changed since")).to_be_visible()
    expect(dialog.get_by_role("link", name=names[2])).to_be_visible()
    dialog.get_by_role("button", name="Undo").click()
    expect(dialog).to_be_hidden()
    sites = [api(page, "GET", f"/accounts/{i}")[1]["website"] for i in ids]
    assert sites == [None, None, "https://later.example.com"]

    # deleted with what hangs on it, restored with it
    assert api(page, "POST", "/accounts/bulk", {"operation": "delete", "ids": [ids[0]]})[0] == 202
    assert api(page, "GET", f"/notes/{child['id']}")[0] == 404
    page.goto(product.url("/recycle-bin", DEMO))
    row = page.get_by_role("row").filter(has_text=names[0])
    expect(row.get_by_text("with 1 related record")).to_be_visible()
    row.get_by_role("button", name="Restore").click()
    expect(row).to_be_hidden()
    assert api(page, "GET", f"/notes/{child['id']}")[1]["regarding"]["id"] == ids[0]

    # a likely duplicate is shown while its name is typed; the two are merged and parted again
    page.goto(product.url("/accounts", DEMO))
    page.get_by_role("button", name="Create Account").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Account name").fill(names[0])
    expect(dialog.get_by_role("status").get_by_text(names[0])).to_be_visible()
    page.keyboard.press("Escape")
    assert api(page, "PATCH", f"/accounts/{ids[1]}", {"phone": "+49 30 999"})[0] == 200
    page.goto(product.url(f"/accounts/{ids[0]}", DEMO))
    page.get_by_role("button", name="More").first.click()
    page.get_by_role("menuitem", name="Merge").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Other record").fill(names[1])
    page.get_by_role("option").filter(has_text=names[1]).filter(has_not_text="Create").click()
    expect(dialog.get_by_text("The merge can be undone for 30 days")).to_be_visible()
    dialog.get_by_label(f"Account name: {names[1]}").check()
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("Merged into").first).to_be_visible()
    merged = api(page, "GET", f"/accounts/{ids[0]}")[1]
    assert (merged["name"], merged["phone"]) == (names[1], "+49 30 999")
    page.goto(product.url("/undo", DEMO))
    page.get_by_role("button", name="Undo", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    parted = [api(page, "GET", f"/accounts/{i}")[1] for i in ids[:2]]
    assert [p["name"] for p in parted] == names[:2] and [p["state"] for p in parted] == ["active", "active"]
    assert page.faults == []
