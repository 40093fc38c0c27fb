"""An operator's day in a real browser: second factor, suspend and resume, support with consent, replay, deletion with proof."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from typing import Any

import psycopg
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from saas.embedded import postgres_url
from tests.e2e.test_adapt_journey import DEMO, sign_in
from tests.e2e.test_signup_journey import api
from tests.product import Product, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product"), pytest.mark.timeout(400)]
OPS = "ops.localhost"
GONE = "gone-soon"
PASSWORD = "a long pass phrase of one's own"
REASON = "Asked for by the customer in writing"


def enter_console(page: Page, product: Product, email: str, password: str) -> None:
    """Sign in for the first time: password, then an authenticator app that is set up on the way."""
    page.goto(product.url("/login/", OPS))
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    secret = page.locator(".code").inner_text().replace(" ", "")
    page.fill("[name=code]", pyotp.TOTP(secret).at(int(time.time())))
    page.get_by_role("button", name="Set up and sign in").click()
    expect(page.locator("ul.codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Workspaces")).to_be_visible()


def find(page: Page, product: Product, words: str) -> None:
    """Search the list and open the one workspace found."""
    page.goto(product.url("/", OPS))
    page.get_by_label("Search").fill(words)
    page.get_by_role("button", name="Search", exact=True).click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    rows.locator("td.name a").click()


def submit(page: Page) -> None:
    """Send the page's form, and go on when it has been answered."""
    with page.expect_navigation():
        page.locator("main form button[type=submit]").first.click()


def act(page: Page, label: str, **fields: str) -> None:
    """Do one act of a workspace's page with its form; most stand in the menu beside the usual ones."""
    link = page.locator(".acts").get_by_role("link", name=label, exact=True)
    if not link.is_visible():
        page.locator(".acts summary").click()
    link.click()
    for field, value in {"reason": REASON, **fields}.items():
        page.fill(f"[name={field}]", value)
    submit(page)


def store(product: Product, sql: str, *values: Any) -> None:
    """What takes weeks in life, or comes from outside."""
    with psycopg.connect(postgres_url(product.data), autocommit=True) as connection:
        connection.execute(sql, values)


def test_an_operators_day(page: Any, browser: Browser, product: Product) -> None:
    operator = product.credentials["operator"]
    customer = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    try:
        enter_console(page, product, operator["email"], operator["password"])
        _suspend_and_resume(page, customer, product)
        _support(page, customer, product)
        _replay(page, product)
        _delete(page, browser, product)
        page.goto(product.url("/audit/", OPS))
        for entry in ("tenant.suspend", "tenant.resume", "webhook.replayed", "tenant.delete"):
            expect(page.get_by_text(entry).first).to_be_visible()
        assert page.faults == []
    finally:
        customer.context.close()


def _suspend_and_resume(page: Page, customer: Page, product: Product) -> None:
    sign_in(customer, product)
    find(page, product, "nordwind")
    act(page, "Suspend")
    expect(page.get_by_text(REASON).first).to_be_visible()
    customer.goto(product.url("/", DEMO))
    expect(customer).to_have_url(re.compile("/login/"))  # everybody is signed out
    sign_in(customer, product)  # administrators may come back, to read and to export
    expect(customer.get_by_text("suspended").first).to_be_visible()
    assert api(customer, "POST", "/accounts", {"name": "Never"})[0] == 423
    assert api(customer, "GET", "/accounts?limit=1")[0] == 200
    act(page, "Resume")
    customer.reload()
    # each web process hears of it a moment later
    answers: list[Any] = []
    wait_until(
        lambda: (
            answers.append(api(customer, "POST", "/accounts", {"name": "Afterwards"}))
            or answers[-1][0] != 423
        ),
        10,
        "the resumed workspace",
    )
    assert answers[-1][0] == 201, answers
    product.wait_for_mail(product.credentials["demo"]["email"])


def _support(page: Page, customer: Page, product: Product) -> None:
    find(page, product, "nordwind")
    expect(page.get_by_text("No administrator has agreed.")).to_be_visible()
    customer.goto(product.url("/settings/support", DEMO))
    customer.get_by_role("button", name="Give access").click()
    expect(customer.get_by_role("button", name="End access")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Enter the workspace").click()
    expect(page.get_by_text(re.compile("Support session: .* looks at this workspace until"))).to_be_visible()
    assert api(page, "GET", "/accounts?limit=1")[0] == 200
    assert api(page, "POST", "/accounts", {"name": "By support"})[0] == 403
    page.get_by_role("button", name="Leave").click()
    customer.reload()
    operator = product.credentials["operator"]["email"]
    expect(customer.get_by_text(operator).first).to_be_visible()  # the customer's own record of the visit
    customer.get_by_role("button", name="End access").click()
    expect(customer.get_by_role("button", name="Give access")).to_be_visible()
    find(page, product, "nordwind")
    expect(page.get_by_text("No administrator has agreed.")).to_be_visible()


def _replay(page: Page, product: Product) -> None:
    store(
        product,
        """INSERT INTO public.billing_provider_event (id, provider, type, created_at, received_at, payload, state,
             attempts, next_try_at, error) VALUES ('evt_journey', 'builtin', 'customer.updated', now(), now(), %s,
             'failed', 5, now(), 'OperationalError')""",
        '{"id": "evt_journey", "type": "customer.updated", "data": {"object": {"id": "cus_nobody", "object": "customer"}}}',
    )
    page.goto(product.url("/webhooks/?state=failed", OPS))
    row = page.locator("tbody tr", has_text="customer.updated")
    with page.expect_navigation():
        row.get_by_role("button", name="Replay").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Replayed: Waiting"
    )  # the customer may still become known
    page.goto(product.url("/webhooks/?state=failed", OPS))
    expect(page.locator("tbody tr", has_text="customer.updated")).to_have_count(0)


def _delete(page: Page, browser: Browser, product: Product) -> None:
    page.goto(product.url("/create/", OPS))
    values = {
        "name": "Gone Soon Ltd",
        "slug": GONE,
        "owner_name": "Olga Owner",
        "owner_email": "olga@gone.example",
    }
    for field, value in {**values, "reason": REASON}.items():
        page.fill(f"main [name={field}]", value)
    submit(page)
    host = f"{GONE}.localhost"
    wait_until(lambda: _status(product, host) == 200, 60, "the new workspace")
    find(page, product, GONE)
    act(page, "Delete", name=GONE)
    assert _status(product, host) == 200  # asking closes nothing
    page.goto(product.url("/approvals/", OPS))
    expect(page.get_by_text("A second operator has to approve this.")).to_be_visible()
    second = _second_operator(page, browser, product)
    try:
        second.goto(product.url("/approvals/", OPS))
        with second.expect_navigation():
            second.get_by_role("button", name="Approve and do it").click()
        wait_until(lambda: _status(product, host) == 404, 30, "the closed workspace")
        store(product, "UPDATE public.tenants_deletion SET due_at = now() WHERE state = 'scheduled'")
        find(second, product, GONE)
        certificate = second.get_by_role("link", name="Certificate").first

        def is_destroyed() -> bool:
            # asked again as long as another operation, a first backup say, goes before
            sweep = "UPDATE public.tenants_sweep_run SET due_at = now() WHERE name = 'tenants.destroy_due'"
            store(product, sweep)
            second.wait_for_timeout(1500)
            second.reload()
            return certificate.count() == 1

        wait_until(is_destroyed, 120, "the certificate")
        certificate.click()
        main = second.locator("main")
        for proof in (
            GONE,
            "Database schema",
            product.credentials["operator"]["email"],
            "second@kontor.example",
        ):
            expect(main).to_contain_text(proof)
    finally:
        second.context.close()


def _status(product: Product, host: str) -> int:
    """What the log-in page of a host answers."""
    asked = urllib.request.Request(f"http://127.0.0.1:{product.port}/login/", headers={"Host": host})
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _second_operator(page: Page, browser: Browser, product: Product) -> Page:
    page.goto(product.url("/operators/", OPS))
    form = page.locator("form.narrow")
    form.locator("[name=email]").fill("second@kontor.example")
    form.locator("[name=name]").fill("Sven Second")
    form.locator("[name=role]").select_option("operator")
    form.get_by_role("button", name="Add operator").click()
    letter = product.wait_for_mail("second@kontor.example").get_body(("plain",)).get_content()  # type: ignore[union-attr]
    window = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    window.goto(re.search(r"http\S+", letter)[0])  # type: ignore[index]
    for field in window.locator("input[type=password]").all():
        field.fill(PASSWORD)
    submit(window)
    enter_console(window, product, "second@kontor.example", PASSWORD)
    return window
