"""What people see in each state of the subscription, in a real browser, with webhooks over real HTTP (ASP-20 table)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tenants import hosts
from tests import product as whole
from tests.e2e.test_adapt_journey import DEMO, sign_in
from tests.e2e.test_signup_journey import api
from tests.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product"), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def advanced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An installation of its own: its clock is moved, which would end the trials of other journeys."""
    running = whole.start(tmp_path_factory.mktemp("billing"), whole.own_port(8460))
    yield running
    running.stop()


def tour(product: Product, stop: str) -> None:
    """Let the workspace come to the next state, as an operator at the command line would."""
    environment = {
        **os.environ,
        "KONTOR_DATA": str(product.data),
        "KONTOR_PORT": str(product.port),
        "DJANGO_SETTINGS_MODULE": "saas.settings",
        "KONTOR_ENV": "dev",
    }
    command = [sys.executable, "manage.py", "billing_tour", "nordwind", "--stop", stop]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def billing(page: Page, product: Product) -> Any:
    page.goto(product.url("/billing/", DEMO))
    expect(page.get_by_text("Test billing: no money moves").first).to_be_visible()
    return page.locator("main")


def may_write(page: Page, product: Product) -> tuple[int, str]:
    page.goto(product.url("/", DEMO))
    # each web process learns that late what another process changed
    page.wait_for_timeout(1000 * hosts.VERSION_CHECK_SECONDS + 200)
    status, answer = api(page, "POST", "/accounts", {"name": "Journey GmbH"})
    return status, (answer or {}).get("code", "")


def reads(page: Page) -> int:
    return int(api(page, "GET", "/accounts?limit=1")[0])


def invites(page: Page) -> tuple[int, str]:
    status, answer = api(
        page, "POST", "/invitations", {"email": "new@partner-firma.de", "role": "salesperson"}
    )
    return status, (answer or {}).get("code", "")


@pytest.mark.timeout(900)
def test_every_state_has_its_screen(page: Page, advanced: Product) -> None:
    product = advanced
    sign_in(page, product)

    tour(product, "trialing")
    expect(billing(page, product)).to_contain_text("30 days left in your trial")
    assert may_write(page, product)[0] == 201

    tour(product, "read_only")
    expect(billing(page, product)).to_contain_text("Your trial is over: the workspace is read-only")
    assert may_write(page, product) == (423, "tenant.read_only")
    assert invites(page) == (423, "tenant.read_only")
    expect(page.get_by_text("This workspace is read-only")).to_be_visible()
    assert reads(page) == 200

    tour(product, "administrators")
    expect(billing(page, product)).to_contain_text("only administrators can sign in")
    assert may_write(page, product) == (423, "tenant.suspended")

    # buying in the browser: the card asks for confirmation, the webhook arrives by itself
    page.goto(product.url("/billing/choose/", DEMO))
    page.get_by_role("button", name="Continue to payment").click()
    page.fill("#number", "4000 0025 0000 3155")
    page.fill("#expiry", "12/35")
    page.get_by_role("button", name=re.compile("Order for")).click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("Thank you. Your subscription runs.")
    expect(page.locator("main")).to_contain_text("Visa •••• 3155")
    assert may_write(page, product)[0] == 201
    whole.wait_until(lambda: _delivered(product), 120, "webhooks delivered and done")

    # the next renewal fails: another card by the portal's page
    page.goto(product.url("/billing/", DEMO))
    page.get_by_role("button", name="Change", exact=True).click()
    page.fill("#number", "4000 0000 0000 0341")
    page.fill("#expiry", "12/35")
    page.get_by_role("button", name="Use from now on").click()
    expect(page.locator("main")).to_contain_text("Visa •••• 0341")

    tour(product, "past_due")
    expect(billing(page, product)).to_contain_text("is not paid")
    expect(page.locator("main")).to_contain_text("we try to collect it again")
    assert may_write(page, product)[0] == 201
    expect(page.get_by_text("An invoice is not paid.")).to_be_visible()

    tour(product, "suspended")
    expect(billing(page, product)).to_contain_text("Suspended: invoice")
    assert may_write(page, product) == (423, "tenant.suspended")
    assert invites(page) == (423, "tenant.suspended")
    assert reads(page) == 200
    expect(page.get_by_text("This workspace is suspended.")).to_be_visible()

    tour(product, "paid")
    expect(billing(page, product)).to_contain_text("Renews on")
    assert may_write(page, product)[0] == 201

    # the account shows what happened with the money: the failure, the transfer, and that nothing is owed
    page.goto(product.url("/billing/statement/", DEMO))
    account = page.locator("main")
    for words in ("Nothing is owed", "Payment failed", "Tour R-", "every entry is as it was written"):
        expect(account).to_contain_text(words)

    # use beyond the plan: the price before the consent, the cap after it
    page.goto(product.url("/billing/usage/", DEMO))
    page.fill("#packs-emails_beyond", "5")
    page.locator("form:has(#packs-emails_beyond)").get_by_role(
        "button", name="Agree and charge by use"
    ).click()
    expect(page.locator("main")).to_contain_text("0 of at most 5 charged in this period (€6.00 net at most)")

    # inviting beyond the seats: the price to the cent before anything is bought or sent
    page.goto(product.url("/settings/users", DEMO))
    page.get_by_role("button", name="Invite people").click()
    page.get_by_label("E-mail addresses").fill(", ".join(f"p{n}@partner-firma.de" for n in range(9)))
    expect(
        page.get_by_role("button", name=re.compile(r"Buy \d+ seats? for €[\d,.]+ and send"))
    ).to_be_visible()

    # seats: the price before the click
    page.goto(product.url("/billing/change/", DEMO))
    page.fill("#seats", "9")
    page.get_by_role("button", name="Show the price").click()
    expect(page.get_by_role("button", name=re.compile("Confirm and pay"))).to_be_visible()

    # cancel with a reason, in two clicks
    page.goto(product.url("/billing/cancel/", DEMO))
    page.get_by_label("Too complicated").check()
    page.get_by_role("button", name="Cancel the subscription").click()
    expect(page.locator("main")).to_contain_text("Your subscription ends on")

    tour(product, "canceled")
    expect(billing(page, product)).to_contain_text("Canceled: only the export is left")
    page.goto(product.url("/accounts", DEMO))
    expect(page).to_have_url(product.url("/billing/", DEMO))
    page.goto(product.url("/billing/export/", DEMO))
    page.get_by_role("button", name="Prepare the export").click()
    ready = page.get_by_role(
        "link", name="Download"
    ).first  # the page renews itself while the archive is written
    expect(ready).to_be_visible(timeout=120_000)
    with page.expect_download() as download:
        ready.click()
    assert download.value.path().stat().st_size > 10

    tour(product, "reactivated")
    expect(billing(page, product)).to_contain_text("Active")
    assert may_write(page, product)[0] == 201

    tour(product, "deleted")
    page.goto(product.url("/billing/", DEMO))
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()
    assert [fault for fault in page.faults if "423" not in fault] == []  # type: ignore[attr-defined]


def _delivered(product: Product) -> bool:
    script = (
        "from billing.models import ProviderEvent as E\n"
        "from billing.providers.builtin.models import OutboundEvent as O\n"
        "print(O.objects.filter(finished_at=None).count(), E.objects.exclude(state='done').count(), E.objects.count())"
    )
    environment = {**os.environ, "KONTOR_DATA": str(product.data), "KONTOR_ENV": "dev"}
    environment["DJANGO_SETTINGS_MODULE"] = "saas.settings"
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    waiting, undone, told = map(int, done.stdout.split()[-3:])
    return waiting == undone == 0 and told > 3
