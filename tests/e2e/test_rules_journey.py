"""Fields the workspace fills in and rules without code, from the first click to the way back (issue item 5: PLT-3, 4, 10, 11, 16)."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_adapt_journey import DEMO, sign_in
from tests.e2e.test_designer_journey import attribute, drafted, publish
from tests.e2e.test_signup_journey import api
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product"), pytest.mark.timeout(300)]


def test_rules_and_computed_fields_come_work_and_go(page: Page, product: Product) -> None:
    sign_in(page, product)
    token = secrets.token_hex(3)
    version, before = published(page)

    # an own option field with a new shared list; the list is there for the next field
    add = new_field(page, product, "Single choice", f"Harbour {token}")
    add.get_by_label("Where the options come from").select_option(label="A new shared list")
    add.get_by_label("Name of the list").fill(f"Harbours {token}")
    add.get_by_placeholder("Option 1").fill("North pier")
    add.get_by_placeholder("Option 2").fill("South pier")
    add.get_by_text("Options in other languages").click()
    add.get_by_label("North pier, Deutsch").fill("Nordmole")
    add.get_by_text("Names in other languages").click()
    add.get_by_label("Deutsch", exact=True).fill(f"Hafen {token}")
    put_into_draft(add)
    harbour = drafted(page, "attribute", f"Harbour {token}")["name"]

    # a calculated field over what may be 0, a roll-up whose condition must be finished, an automatic number
    add = new_field(page, product, "Calculated", f"Per head {token}")
    add.get_by_label("Expression").fill("annual_revenue / number_of_heads")
    add.get_by_role("button", name="Add to draft").click()
    expect(add.get_by_text("There is no field “number_of_heads”.")).to_be_visible()
    add.get_by_label("Expression").fill("annual_revenue / number_of_employees")
    put_into_draft(add)
    add = new_field(page, product, "Roll-up", f"Open deals {token}")
    add.get_by_label("Related records").select_option(label="Opportunities")
    add.get_by_role("button", name="Condition", exact=True).click()
    page.keyboard.press("Escape")  # closes the list of fields, not the dialog
    add.get_by_role("button", name="Add to draft").click()
    expect(add.get_by_text("Finish or remove the condition")).to_be_visible()
    add.get_by_role("button", name="Choose a field").click()
    pick_field(page, "State", "Open")
    put_into_draft(add)
    add = new_field(page, product, "Automatic number", f"Key {token}")
    add.get_by_label("Prefix").fill(f"{token}/")
    add.get_by_label("Digits at least").fill("4")
    put_into_draft(add)

    # a rule over the drafted field; what was entered is not lost by a key pressed too much
    page.goto(product.url("/settings/objects/account/rules", DEMO))
    page.get_by_role("button", name="New rule").click()
    rule = page.get_by_role("dialog").first
    rule.get_by_role("textbox", name="Name", exact=True).fill(f"North needs a fax {token}")
    rule.get_by_role("button", name="Condition", exact=True).click()
    pick_field(page, f"Harbour {token}", "North pier")
    rule.get_by_label("Field of action 1").select_option(label="Fax")
    rule.get_by_role("textbox", name="Name", exact=True).press("Escape")
    question = page.get_by_role("dialog").filter(has_text="Close without adding to the draft?").last
    question.get_by_role("button", name="Cancel").click()
    put_into_draft(rule)
    expect(page.get_by_text(f"If Harbour {token} is North pier → Require Fax")).to_be_visible()

    # impact: the list says which field offers it, and dropping the list alone would break that
    page.goto(product.url("/settings/option-lists", DEMO))
    expect(page.get_by_text(f"Used by Harbour {token} (Account)")).to_be_visible()
    assert api(page, "GET", "/accounts?fields=" + harbour)[0] == 400, "a draft changes nothing"
    changes = api(page, "GET", "/customization/impact")[1]
    assert changes["problems"] == []
    assert sum(token in json.dumps(one["definition"]) for one in changes["changes"]) == 6
    publish(page, product)
    per_head, deals, key = (
        attribute(page, "account", f"{n} {token}") for n in ("Per head", "Open deals", "Key")
    )

    # a record shows them all; the same refusal in the form and over the API
    values = {"name": f"Kontor {token}", "annual_revenue": "900", "number_of_employees": 0, harbour: 2}
    status, account = api(page, "POST", "/accounts", values)
    assert status == 201, account
    assert (account[per_head], account[deals]) == (None, 0) and account[key].startswith(f"{token}/")
    assert (
        api(page, "PATCH", f"/accounts/{account['id']}", {"number_of_employees": 3})[1][per_head] == "300.00"
    )
    status, refused = api(page, "PATCH", f"/accounts/{account['id']}", {harbour: 1})
    assert (status, refused["field"], refused["message"]) == (422, "fax", "Fax is needed.")
    page.goto(product.url(f"/accounts/{account['id']}", DEMO))
    for text in ("€300.00", account[key], "South pier"):
        expect(page.get_by_text(text).first).to_be_visible()
    page.get_by_role("button", name="Edit", exact=True).first.click()
    page.get_by_label(f"Harbour {token}").first.click()
    page.get_by_role("option", name="North pier").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("textbox", name="Fax", exact=True)).to_have_attribute("aria-invalid", "true")
    assert api(page, "GET", f"/accounts/{account['id']}")[1][harbour] == 2
    page.get_by_role("textbox", name="Fax", exact=True).fill("+49 40 1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("North pier").first).to_be_visible()

    # a German reads the same in German, in the record and in the refusal
    assert api(page, "PATCH", "/session", {"language": "de"})[0] == 200
    page.goto(product.url(f"/accounts/{account['id']}", DEMO))
    expect(page.get_by_text(f"Hafen {token}").first).to_be_visible()
    expect(page.get_by_text("Nordmole").first).to_be_visible()
    assert api(page, "PATCH", "/session", {"language": "en"})[0] == 200

    # a change of the rule is told in words; then back to before, byte for byte
    body = published(page)[1]
    name, document = next((k, d) for k, d in body["rules"]["account"].items() if d["label"].endswith(token))
    kept = {k: document[k] for k in ("label", "labels", "when", "active")}
    changed = {**kept, "then": [{"action": "require", "attribute": "phone"}]}
    status, _made = api(page, "POST", "/customization/changes", {"kind": "rule", "operation": "update", "object": "account", "name": name, "definition": changed})  # fmt: skip
    assert status == 201
    told = page.get_by_text(f"Version {publish(page, product)}", exact=True).locator("xpath=../..")
    told.locator("details").click()
    expect(page.get_by_text("Then: Require Fax → Require Phone")).to_be_visible()
    roll_back(page, version)
    assert json.dumps(published(page)[1]) == json.dumps(before)
    known = {a["name"] for a in api(page, "GET", "/metadata/objects/account")[1]["attributes"]}
    assert not known & {harbour, per_head, deals, key}
    page.goto(product.url(f"/accounts/{account['id']}", DEMO))
    expect(page.get_by_role("heading", name=f"Kontor {token}").first).to_be_visible()
    assert not {harbour, per_head, deals, key} & set(api(page, "GET", f"/accounts/{account['id']}")[1])
    assert page.faults == []


def published(page: Page) -> tuple[int, Any]:
    """The published version and its body."""
    found = api(page, "GET", "/customization")[1]
    return found["published_version"], found["body"]


def roll_back(page: Page, version: int) -> None:
    """On the screen of changes, which is open."""
    if version:
        row = page.get_by_text(f"Version {version}", exact=True).locator("xpath=..")
    else:
        row = page.get_by_text("As delivered", exact=True).locator("xpath=..")
    row.get_by_role("button", name="Roll back to this").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back to this").click()
    # the option a record has goes with the field, so nothing has to take its place
    expect(page.get_by_text("Rolled back; published").first).to_be_visible()


def new_field(page: Page, product: Product, kind: str, label: str) -> Locator:
    """The dialog of a new field of accounts."""
    page.goto(product.url("/settings/objects/account", DEMO))
    page.get_by_role("button", name="Add field").click()
    page.get_by_role("button", name=kind).click()
    dialog = page.get_by_role("dialog").first
    dialog.get_by_label("Label").fill(label)
    return dialog


def put_into_draft(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Add to draft").click()
    expect(dialog).to_be_hidden()


def pick_field(page: Page, field: str, option: str) -> None:
    """The field of an open condition, and the option it is compared with."""
    search = page.get_by_placeholder("Search fields")
    search.fill(field)
    search.press("Enter")
    page.get_by_role("option", name=option, exact=True).click()
    page.keyboard.press("Escape")
