"""After `make run`: the printed addresses open and the printed passwords work, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.product import Product

pytestmark = pytest.mark.timeout(600)


def _sign_in(page: Any, address: str, login: dict[str, str]) -> None:
    page.goto(address)
    page.get_by_label("E-mail").fill(login["email"])
    page.get_by_label("Password", exact=True).fill(login["password"])
    page.locator("form button[type=submit]").first.click()


def test_public_site_opens(product: Product, page: Any) -> None:
    page.goto(product.url("/"))
    assert page.locator("h1").first.is_visible()
    assert page.faults == []


def test_demo_workspace_opens_with_the_printed_password(product: Product, page: Any) -> None:
    _sign_in(page, product.url("/", "nordwind.localhost"), product.credentials["demo"])
    page.get_by_role("navigation").first.wait_for()
    page.get_by_text("Nordwind", exact=False).first.wait_for()
    assert "/login" not in page.url
    assert page.faults == []


def test_a_wrong_password_stays_on_the_page(product: Product, page: Any) -> None:
    _sign_in(
        page, product.url("/", "nordwind.localhost"), {"email": "demo@kontor.example", "password": "wrong"}
    )
    page.get_by_role("alert").first.wait_for()
    assert "/login" in page.url


def test_printed_addresses_are_the_real_ones(product: Product) -> None:
    printed = product.output()
    assert f"http://localhost:{product.port}/" in printed
    assert f"http://nordwind.localhost:{product.port}/" in printed
    assert f"http://ops.localhost:{product.port}/mailbox/" in printed
    assert product.credentials["demo"]["password"] in printed
