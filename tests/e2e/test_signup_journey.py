"""A visitor becomes an administrator with a workspace of her own, and a colleague joins, in a real browser."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.product import Product

PASSWORD = "korrekt pferd batterie heft"


@pytest.fixture
def slug() -> str:
    """A workspace name nobody took in this run."""
    return f"segel-{secrets.token_hex(3)}"


@pytest.fixture
def scriptless(browser: Any) -> Iterator[Page]:
    """A phone-sized window that runs no script."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="de-DE", java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def fill_form(page: Page, slug: str, email: str) -> None:
    page.fill("[name=name]", "Ada Segel")
    page.fill("[name=email]", email)
    page.fill("[name=company]", f"{slug} GmbH")
    page.check("[name=terms]")
    time.sleep(1.2)  # faster than a person types is refused


def confirmation_link(product: Product, email: str) -> str:
    text = product.wait_for_mail(email).get_body(("plain",)).get_content()
    found = re.search(r"http://\S+/confirm/\S+", text)
    assert found, text
    return found.group(0)


def sign_up(page: Page, product: Product, slug: str, *, sample_data: bool = True) -> str:
    """The way from the form to the workspace; returns the e-mail address used."""
    email = f"ada@{slug}.test"
    page.goto(product.url("/signup/"))
    fill_form(page, slug, email)
    page.set_checked("[name=sample_data]", sample_data)
    page.click("button:has-text('Create workspace')")
    page.goto(confirmation_link(product, email))
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Open workspace')")
    page.wait_for_url(product.url("/**", f"{slug}.localhost"), timeout=60_000)
    return email


_FETCH = """async ([method, path, body]) => {
  const token = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? '';
  for (let holds = 0; ; holds++) {
    const answer = await fetch(`/api/v1${path}`, {
      method, headers: { 'X-CSRFToken': token, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
    });
    if (answer.status !== 429 || holds === 5) return [answer.status, await answer.json()];
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get('Retry-After'))));
  }
}"""


def api(page: Page, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """(status, answer) of the workspace the page is in, asked as its screens ask: they come back when told to."""
    status, answer = page.evaluate(_FETCH, [method, path, body])
    return status, answer


def test_from_the_public_site_to_the_own_workspace(
    product: Product, page: Page, slug: str, record_property: Callable[[str, object], None]
) -> None:
    email = f"ada@{slug}.test"
    page.goto(product.url())
    page.click("text=Try Professional")
    fill_form(page, slug, email)
    expect(page.locator("#slug_state.ok")).to_be_visible()
    assert page.input_value("[name=slug]") == slug  # suggested from the company
    page.select_option("[name=country]", "CH")
    expect(page.locator("[name=currency]")).to_have_value("CHF")
    expect(page.locator("select[name=language]")).to_have_value("de")
    page.select_option("select[name=language]", "en")
    page.fill("[name=slug]", "www")
    expect(page.locator("#slug_state.error")).to_contain_text("reserved")
    page.fill("[name=slug]", slug)
    expect(page.locator("#slug_state.ok")).to_be_visible()
    page.click("button:has-text('Create workspace')")
    expect(page.locator("h1")).to_have_text("Check your mail")

    with page.context.expect_page() as opening:
        page.click("text=local mailbox")
    mailbox = opening.value
    expect(mailbox.locator(f"li:has-text('{email}')")).to_be_visible(timeout=20_000)  # it renews itself
    mailbox.click(f"li:has-text('{email}') a")
    with mailbox.context.expect_page() as opening:
        mailbox.frame_locator("iframe").locator("a").first.click()
    confirm = opening.value
    confirm.fill("[name=password]", PASSWORD)
    began = time.monotonic()
    confirm.click("button:has-text('Open workspace')")
    confirm.wait_for_url(product.url("/", f"{slug}.localhost"), timeout=60_000)
    record_property("seconds from the password to the workspace", round(time.monotonic() - began, 1))
    expect(confirm.get_by_role("heading", name="Get started")).to_be_visible()

    _status, session = api(confirm, "GET", "/session")
    assert session["user"]["email"] == email and session["user"]["is_admin"]
    assert session["workspace"]["currency"] == "CHF" and session["workspace"]["state"] == "trialing"
    _status, checklist = api(confirm, "GET", "/onboarding")
    assert checklist["sample_data"] is True and len(checklist["items"]) == 6
    confirm.click("button:has-text('Remove sample data')")
    confirm.get_by_role("dialog").get_by_role("button", name="Remove sample data").click()
    expect(confirm.locator("button:has-text('Remove sample data')")).to_have_count(0)
    _status, accounts = api(confirm, "GET", "/accounts?count=exact")
    assert accounts["count"]["value"] == 0
    assert page.faults == []


def test_the_whole_way_works_on_a_phone_without_script(product: Product, scriptless: Page, slug: str) -> None:
    page, email = scriptless, f"ada@{slug}.test"
    page.goto(product.url())
    page.locator("text=30 Tage kostenlos testen").click()
    fill_form(page, slug, email)
    page.fill("[name=slug]", "www")
    page.click("button:has-text('Arbeitsbereich anlegen')")
    expect(page.locator("#error_slug")).to_contain_text("reserviert")
    assert page.input_value("[name=email]") == email  # kept
    page.fill("[name=slug]", "")
    page.click("button:has-text('Arbeitsbereich anlegen')")
    expect(page.locator("h1")).to_have_text("Sehen Sie in Ihr Postfach")
    page.goto(confirmation_link(product, email))
    page.fill("[name=password]", "kurz")
    page.click("button:has-text('Arbeitsbereich öffnen')")
    expect(page.locator("#error_password")).to_be_visible()
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('Arbeitsbereich öffnen')")
    page.wait_for_url(product.url("/", f"{slug}.localhost"), timeout=60_000)


def test_an_invited_colleague_joins_and_finds_back(
    product: Product, page: Page, browser: Any, slug: str
) -> None:
    sign_up(page, product, slug, sample_data=False)
    colleague = f"bea@{slug}.test"
    status, made = api(page, "POST", "/invitations", {"email": colleague, "role": "salesperson"})
    assert status == 201, made
    text = product.wait_for_mail(colleague).get_body(("plain",)).get_content()
    link = re.search(r"http://\S+/join/\S+", text).group(0)  # type: ignore[union-attr]

    window = browser.new_context(locale="en-GB").new_page()
    window.goto(link)
    window.fill("[name=name]", "Bea Boot")
    window.fill("[name=password]", PASSWORD)
    window.click("button:has-text('Join')")
    window.wait_for_url(product.url("/", f"{slug}.localhost"), timeout=30_000)
    _status, session = api(window, "GET", "/session")
    assert session["user"]["name"] == "Bea Boot" and not session["user"]["is_admin"]

    window.goto(product.url("/find/"))
    window.fill("[name=email]", colleague)
    window.click("button:has-text('Send me the list')")
    expect(window.locator("[role=status]")).to_be_visible()
    subject = "Your workspaces"
    deadline = time.monotonic() + 20
    while not any(subject in str(mail["Subject"]) for mail in product.mails(colleague)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    listed = product.mails(colleague)[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"http://{slug}.localhost" in listed
    window.context.close()


@pytest.mark.parametrize("path", ["/", "/pricing/", "/signup/", "/find/", "/legal/terms/", "/legal/privacy/"])
@pytest.mark.parametrize("width", [360, 1440])
def test_public_pages_fit_their_window(product: Product, page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(product.url(path))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for control in page.locator(
        "main a.button, main button, main input:not([type=hidden]), main select"
    ).all():
        if control.is_visible() and control.get_attribute("tabindex") != "-1":
            box = control.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= width + 0.5
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=hidden]), select')]
                 .filter(e => e.offsetParent && !e.labels.length && !e.getAttribute('aria-label')).length"""
    )
    assert unnamed == 0 and page.faults == []
