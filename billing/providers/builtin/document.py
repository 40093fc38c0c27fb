"""Invoices and credit notes as PDF/A-ish A4 pages, typeset by Typst from data only (no markup in the data is run)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import typst
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from billing.countries import country_names
from billing.providers.builtin.models import CreditNote, Invoice

_SOURCE = Path(__file__).with_name("document.typ")


@lru_cache(maxsize=1)
def _template() -> bytes:
    return _SOURCE.read_bytes()


def invoice_pdf(invoice: Invoice) -> bytes:
    """The PDF of an invoice, in the language it was written in; the same bytes for the same invoice."""
    buyer = invoice.printed["buyer"]
    with translation.override(buyer.get("language") or "en"):
        page = _Page(invoice)
        content = page.common() | {
            "title": _("Invoice"),
            "number": invoice.number,
            "facts": page.facts(
                (_("Invoice number"), invoice.number),
                (_("Date"), page.day(invoice.issued_at)),
                (_("Due"), page.day(invoice.due_at)),
                (_("Your order number"), buyer.get("po_number", "")),
                (_("Your VAT number"), page.tax_id(buyer)),
            ),
            "rows": [page.row(line) for line in invoice.lines],
            "totals": page.totals(invoice.net_minor, invoice.tax_minor, invoice.total_minor),
            "notes": page.notes() + [_terms(invoice, page)],
        }
    return _set(content)


def credit_pdf(note: CreditNote) -> bytes:
    """The PDF of a credit note."""
    invoice = note.invoice
    with translation.override(invoice.printed["buyer"].get("language") or "en"):
        page = _Page(invoice)
        text = note.reason or _("Credit")
        row = {
            "text": text,
            "quantity": "1",
            "unit": page.money(note.net_minor),
            "net": page.money(note.net_minor),
        }
        content = page.common() | {
            "title": _("Credit note"),
            "number": note.number,
            "facts": page.facts(
                (_("Credit note number"), note.number),
                (_("Date"), page.day(note.issued_at)),
                (_("For invoice"), invoice.number),
                (_("Your VAT number"), invoice.printed["buyer"].get("tax_id", "")),
            ),
            "rows": [row],
            "totals": page.totals(note.net_minor, note.tax_minor, note.total_minor),
            "notes": page.notes(),
        }
    return _set(content)


def _set(content: dict[str, Any]) -> bytes:
    return bytes(typst.compile(_template(), sys_inputs={"content": orjson.dumps(content).decode()}))


class _Page:
    """Formats amounts and days the way the reader's language does."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.locale = (translation.get_language() or "en").replace("-", "_")

    def money(self, minor: int) -> str:
        return format_currency(Decimal(minor) / 100, self.invoice.currency, locale=self.locale)

    def day(self, moment: datetime) -> str:
        return format_date(moment, "medium", locale=self.locale)

    def tax_id(self, buyer: dict[str, Any]) -> str:
        """The buyer's VAT number, and when it was confirmed where that decides the tax."""
        number, verified = str(buyer.get("tax_id", "")), buyer.get("tax_id_verified_at")
        if self.invoice.tax_treatment != "reverse_charge" or not verified:
            return number
        day = self.day(datetime.fromisoformat(verified))
        return _("%(number)s (confirmed %(day)s)") % {"number": number, "day": day}

    def country(self, party: dict[str, Any]) -> str:
        """The country's name as an address has it."""
        code = str(party.get("country", ""))
        return dict(country_names(self.locale)).get(code, code)

    def facts(self, *pairs: tuple[str, str]) -> list[list[str]]:
        return [[label, value] for label, value in pairs if value]

    def row(self, line: dict[str, Any]) -> dict[str, str]:
        return {
            "text": line["text"],
            "quantity": str(line["quantity"]),
            "unit": self.money(line["unit_minor"]),
            "net": self.money(line["net_minor"]),
        }

    def totals(self, net: int, tax: int, total: int) -> list[list[str]]:
        rate = format_decimal(self.invoice.tax_rate.normalize(), locale=self.locale)
        rows = [[_("Net"), self.money(net)]]
        if self.invoice.tax_treatment == "standard":
            rows.append([_("VAT %(rate)s %%") % {"rate": rate}, self.money(tax)])
        return [*rows, [_("Total"), self.money(total)]]

    def notes(self) -> list[str]:
        match self.invoice.tax_treatment:
            case "reverse_charge":
                return [
                    _(
                        "Reverse charge: the recipient of the service is liable for VAT (Art. 196 Directive 2006/112/EC)."
                    )
                ]
            case "out_of_scope":
                return [_("Service not subject to EU VAT (place of supply outside the EU).")]
        return []

    def common(self) -> dict[str, Any]:
        seller, buyer = self.invoice.printed["seller"], self.invoice.printed["buyer"]
        bank = [seller.get("bank", ""), seller.get("iban", ""), seller.get("bic", "")]
        tax_id = seller.get("tax_id", "")
        return {
            "language": self.locale[:2],
            "accent": settings.PRODUCT_COLOR,
            "test": _("Test billing: no money moves") if self.invoice.printed.get("test") else "",
            "seller": [
                seller["name"],
                seller["street"],
                f"{seller['postal_code']} {seller['city']}",
                self.country(seller),
            ],
            "buyer": [
                buyer["name"],
                buyer.get("street", ""),
                f"{buyer.get('postal_code', '')} {buyer.get('city', '')}".strip(),
                self.country(buyer) if buyer["country"] != seller["country"] else "",
            ],
            "head": [_("Description"), _("Quantity"), _("Price"), _("Amount")],
            "footer": " · ".join(
                filter(None, [seller["name"], tax_id and f"{_('VAT number')} {tax_id}", *bank])
            ),
            "page_of": [_("Page"), _("of")],
        }


def _terms(invoice: Invoice, page: _Page) -> str:
    if (
        invoice.due_at > invoice.issued_at
    ):  # how it was to be paid when it was written, not how others are now
        return _("Please transfer the total by %(day)s and state the invoice number %(number)s.") % {
            "day": page.day(invoice.due_at),
            "number": invoice.number,
        }
    return _("The total is charged to your payment method. You need not do anything.")
