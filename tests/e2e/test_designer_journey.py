"""An administrator designs an object by keyboard, publishes, uses it, deletes an option that records have, and rolls back (issue item 5)."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_adapt_journey import DEMO, add_field, sign_in
from tests.e2e.test_signup_journey import api
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product"), pytest.mark.timeout(300)]


def test_an_object_is_designed_used_and_taken_back(page: Page, product: Product) -> None:
    sign_in(page, product)
    token = secrets.token_hex(3)
    label = f"Crane {token}"
    status, made = api(
        page, "POST", "/customization/changes", change("object", "create", None, None, {"label": label})
    )
    assert status == 201, made
    name = made["name"]
    for definition in (
        {"label": "Height", "type": "dec", "precision": 1},
        {"label": "Kind", "type": "pick", "options": [{"label": "Tower"}, {"label": "Mobile"}]},
        {"label": "Account", "type": "lookup", "targets": ["account"]},
    ):
        assert (
            api(
                page, "POST", "/customization/changes", change("attribute", "create", name, None, definition)
            )[0]
            == 201
        )
    version = publish(page, product)
    add_field(page, product, name, "Text One line", "Serial")
    serial = drafted(page, "attribute", "Serial")["name"]

    # the form: a second tab, and a field carried there without a mouse
    page.goto(product.url(f"/settings/objects/{name}/form", DEMO))
    page.get_by_role("button", name="Add tab").press("Enter")
    expect(page.get_by_role("tab", name="New tab", selected=True)).to_be_visible()
    page.get_by_label("Name of the tab").fill("Technical")
    section = page.get_by_role("region", name="Section 1")
    section.get_by_role("button", name="Add field").press("Enter")
    search = page.get_by_label("Find a field").last
    search.fill("Serial")
    search.press("Enter")
    page.keyboard.press("Escape")
    expect(handle(page, serial)).to_be_visible()
    page.get_by_role("tab", name=label).press("Enter")
    before = fields_of(page)
    handle(page, before[0]).press("Alt+ArrowDown")
    expect(handle(page, before[0])).to_be_focused()
    assert fields_of(page) == [before[1], before[0], *before[2:]]
    handle(page, before[-1]).press("Delete")
    expect(handle(page, before[-1])).to_be_hidden()
    page.get_by_text("On a phone", exact=True).click()
    expect(page.get_by_role("region", name="Preview")).to_be_visible()
    page.get_by_role("button", name="Add to draft").press("Enter")
    expect(page.get_by_text("The form is in the draft").first).to_be_visible()

    # a view and a rule, then the impact says what is touched
    kind = attribute(page, name, "Kind")
    height = attribute(page, name, "Height")
    is_mobile = {"attribute": kind, "operator": "eq", "value": 2}
    view = {"label": "Mobile ones", "columns": ["name", kind, height], "filter": is_mobile}
    rule = {
        "label": "Height is known",
        "when": is_mobile,
        "then": [{"action": "require", "attribute": height}],
    }
    for what, definition in (("view", view), ("rule", rule)):
        assert (
            api(page, "POST", "/customization/changes", change(what, "create", name, None, definition))[0]
            == 201
        )
    designed = publish(page, product)

    # used: form with tabs, rule in the browser and over the API, view as a tab of the list
    plural = api(page, "GET", f"/metadata/objects/{name}")[1]["plural"]
    status, refused = api(page, "POST", f"/{plural}", {"name": "Liebherr", kind: 2})
    assert (status, refused["code"]) == (422, "value.required")
    status, crane = api(
        page, "POST", f"/{plural}", {"name": "Liebherr", kind: 2, height: "40.5", serial: "L-1"}
    )
    assert status == 201, crane
    page.goto(product.url(f"/{plural}/{crane['id']}", DEMO))
    page.get_by_role("tab", name="Technical").click()
    expect(page.get_by_text("L-1").first).to_be_visible()
    page.goto(product.url(f"/{plural}", DEMO))
    page.get_by_role("navigation", name="Views").get_by_role("button", name="Mobile ones").click()
    expect(page.get_by_text("Liebherr").first).to_be_visible()

    # an option that a record has goes only with its replacement, after what names it was changed
    page.goto(product.url(f"/settings/objects/{name}", DEMO))
    page.get_by_role("button", name="Edit field: Kind").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete option 2").click()
    expect(dialog.get_by_text("1 record has it")).to_be_visible()
    expect(dialog.get_by_text("Change first: ")).to_contain_text("Mobile ones")
    dialog.get_by_label("Replace “Mobile” with").select_option("Tower")
    dialog.get_by_role("button", name="Add to draft").click()
    expect(dialog).to_be_hidden()
    page.goto(product.url("/settings/changes", DEMO))
    expect(page.get_by_text("“Mobile” becomes “Tower” on 1 record")).to_be_visible()
    expect(page.get_by_text("1 view, 1 rule")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_be_disabled()
    body = api(page, "GET", "/customization")[1]["body"]
    for what, part in (("view", "views"), ("rule", "rules")):
        key = next(k for k, d in body[part][name].items() if d["label"] in ("Mobile ones", "Height is known"))
        assert api(page, "POST", "/customization/changes", change(what, "delete", name, key, {}))[0] == 201
    replaced = publish(page, product)
    assert api(page, "GET", f"/{plural}/{crane['id']}")[1][kind] == 1

    # what changed is told, and the earlier version returns byte for byte
    latest = page.get_by_text(f"Version {replaced}", exact=True).locator("xpath=../..").locator("details")
    latest.click()
    expect(latest.get_by_text("− Mobile")).to_be_visible()
    row = page.get_by_text(f"Version {designed}", exact=True).locator("xpath=..")
    row.get_by_role("button", name="Roll back to this").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back to this").click()
    expect(page.get_by_text("Rolled back; published").first).to_be_visible()
    assert api(page, "GET", "/customization")[1]["body"] == body
    assert version < designed and page.faults == []


def change(
    kind: str, operation: str, object_name: str | None, name: str | None, definition: dict[str, Any]
) -> Any:
    return {
        "kind": kind,
        "operation": operation,
        "object": object_name,
        "name": name,
        "definition": definition,
    }


def publish(page: Page, product: Product) -> int:
    """Publish on the screen; returns the version."""
    page.goto(product.url("/settings/changes", DEMO))
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published as version").first).to_be_visible()
    return int(api(page, "GET", "/customization")[1]["published_version"])


def drafted(page: Page, kind: str, label: str) -> Any:
    changes = api(page, "GET", "/customization")[1]["draft"]["changes"]
    return next(c for c in changes if c["kind"] == kind and c["definition"].get("label") == label)


def attribute(page: Page, object_name: str, label: str) -> str:
    attributes = api(page, "GET", f"/metadata/objects/{object_name}")[1]["attributes"]
    return next(a["name"] for a in attributes if a["label"] == label)


def handle(page: Page, field: str) -> Locator:
    """What a field of the open tab is moved by."""
    return page.locator(f"[data-handle='field::{field}']")


def fields_of(page: Page) -> list[str]:
    """The fields of the open tab in their order."""
    found = page.locator("[data-handle^='field::']").all()
    return [str(h.get_attribute("data-handle")).removeprefix("field::") for h in found]
