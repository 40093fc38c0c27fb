"""What an invoice on paper says, in the reader's language (ASP-1 Provider invoice)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Subscription
from billing.providers.builtin import document
from billing.providers.builtin.models import Invoice
from billing.services import agreements, profile
from tenants.models import Tenant

BUYER = {
    "legal_name": "Müller & Söhne", "email": "rechnung@acme.test", "street": "Hauptstr. 1", "postal_code": "1010",
    "city": "Wien", "country": "AT", "tax_id": "ATU13585627", "po_number": "PO-1",
}  # fmt: skip


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was given to be typeset."""
    seen: list[dict[str, Any]] = []

    def keep(content: dict[str, Any]) -> bytes:
        seen.append(content)
        return b"%PDF"

    monkeypatch.setattr(document, "_set", keep)
    return seen


@pytest.mark.parametrize(
    ("language", "country", "own", "discount"),
    [("de", "Österreich", "Deutschland", "Rabatt SPRING, 12,5 %"), ("en", "Austria", "Germany", "Discount SPRING, 12.5 %")],
)  # fmt: skip
def test_countries_have_names_and_numbers_the_readers_signs(
    tenant: Tenant, buy: Callable[..., Subscription], printed: list[dict[str, Any]],
    language: str, country: str, own: str, discount: str,
) -> None:  # fmt: skip
    Tenant.objects.filter(pk=tenant.pk).update(language=language)
    tenant.refresh_from_db()
    profile.update(tenant, BUYER)
    agreements.create_coupon("SPRING", percent_off=Decimal("12.5"), by="op@example.com")
    buy(seats=7, coupon="SPRING")
    document.invoice_pdf(Invoice.objects.get())
    (content,) = printed
    assert content["buyer"][-1] == country and content["seller"][-1] == own
    assert [row["text"] for row in content["rows"]][-1] == discount
    assert any("Directive 2006/112/EC" in note or "2006/112/EG" in note for note in content["notes"])


def test_at_home_an_address_needs_no_country(
    tenant: Tenant, buy: Callable[..., Subscription], printed: list[dict[str, Any]]
) -> None:
    buy(seats=1)
    document.invoice_pdf(Invoice.objects.get())
    assert printed[0]["buyer"][-1] == ""
