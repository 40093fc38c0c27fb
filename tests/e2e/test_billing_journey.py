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


#: Answers each line: the states to come to, or nothing for how the webhooks stand (waiting, not done, told).
COMMANDS = """
import io, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connections
from billing.models import ProviderEvent as E
from billing.providers.builtin.models import OutboundEvent as O
for line in sys.stdin:
    if stops := line.split():
        call_command("billing_tour", "nordwind", stop=stops, stdout=io.StringIO())
        print("there", flush=True)
    else:
        print(O.objects.filter(finished_at=None).count(), E.objects.exclude(state="done").count(), E.objects.count(),
              flush=True)
    connections.close_all()
"""


class Advanced:
    """An installation of its own, and who leads its workspace through the states as an operator at the command line.

    One process serves all commands: starting another for each takes longer than what it does.
    """

    def __init__(self, product: Product) -> None:
        self.product = product
        environment = {
            **os.environ,
            "KONTOR_DATA": str(product.data),
            "KONTOR_PORT": str(product.port),
            "DJANGO_SETTINGS_MODULE": "saas.settings",
            "KONTOR_ENV": "dev",
        }
        self.errors = (product.data / "tour.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMANDS], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
        )  # fmt: skip

    def ask(self, line: str) -> str:
        """Give one line, wait for the answer to it."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        if answer := self.process.stdout.readline().strip():
            return answer
        self.errors.seek(0)
        raise AssertionError(self.errors.read()[-3000:])

    def tour(self, stop: str) -> None:
        """Let the workspace come to the next state."""
        assert self.ask(stop) == "there"

    def is_delivered(self) -> bool:
        """Whether all webhooks, of which there were some, arrived and were dealt with."""
        waiting, undone, told = map(int, self.ask("").split())
        return waiting == undone == 0 and told > 3

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.errors.close()
        self.product.stop()


@pytest.fixture(scope="module")
def advanced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Advanced]:
    """An installation of its own: its clock is moved, which would end the trials of other journeys."""
    running = Advanced(whole.start(tmp_path_factory.mktemp("billing"), whole.own_port(8460)))
    yield running
    running.stop()


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
def test_every_state_has_its_screen(page: Page, advanced: Advanced) -> None:
    product, tour = advanced.product, advanced.tour
    sign_in(page, product)

    tour("trialing")
    expect(billing(page, product)).to_contain_text("30 days left in your trial")
    assert may_write(page, product)[0] == 201

    tour("read_only")
    expect(billing(page, product)).to_contain_text("Your trial is over: the workspace is read-only")
    assert may_write(page, product) == (423, "tenant.read_only")
    assert invites(page) == (423, "tenant.read_only")
    expect(page.get_by_text("This workspace is read-only")).to_be_visible()
    assert reads(page) == 200

    tour("administrators")
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
    whole.wait_until(advanced.is_delivered, 120, "webhooks delivered and done")

    # the next renewal fails: another card by the portal's page
    page.goto(product.url("/billing/", DEMO))
    page.get_by_role("button", name="Change", exact=True).click()
    page.fill("#number", "4000 0000 0000 0341")
    page.fill("#expiry", "12/35")
    page.get_by_role("button", name="Use from now on").click()
    expect(page.locator("main")).to_contain_text("Visa •••• 0341")

    tour("past_due")
    expect(billing(page, product)).to_contain_text("is not paid")
    expect(page.locator("main")).to_contain_text("we try to collect it again")
    assert may_write(page, product)[0] == 201
    expect(page.get_by_text("An invoice is not paid.")).to_be_visible()

    tour("suspended")
    expect(billing(page, product)).to_contain_text("Suspended: invoice")
    assert may_write(page, product) == (423, "tenant.suspended")
    assert invites(page) == (423, "tenant.suspended")
    assert reads(page) == 200
    expect(page.get_by_text("This workspace is suspended.")).to_be_visible()

    tour("paid")
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

    tour("canceled")
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

    tour("reactivated")
    expect(billing(page, product)).to_contain_text("Active")
    assert may_write(page, product)[0] == 201

    tour("deleted")
    page.goto(product.url("/billing/", DEMO))
    expect(page.get_by_text("There is nothing at this address")).to_be_visible()
    assert [fault for fault in page.faults if "423" not in fault] == []  # type: ignore[attr-defined]
