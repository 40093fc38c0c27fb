"""The books as files: every document and every movement of money as CSV, in a plain layout for programs and in the one
German spreadsheets and tax advisers read (semicolon, comma in amounts, German words)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TextIO

from billing.models import Invoice, LedgerEntry, Payment
from billing.services.bookkeeping import Document

#: Column → its German heading.
DOCUMENT_COLUMNS = {
    "number": "Belegnummer", "kind": "Belegart", "issued_on": "Belegdatum", "service_from": "Leistung von",
    "service_to": "Leistung bis", "due_on": "Fällig am", "customer": "Kundennummer", "workspace": "Arbeitsbereich",
    "name": "Rechnungsempfänger", "country": "Land", "vat_number": "USt-IdNr.", "net": "Netto", "vat_rate": "USt-Satz %",
    "vat_treatment": "Steuerfall", "reverse_charge": "Reverse Charge", "vat": "USt", "gross": "Brutto",
    "currency": "Währung", "for_invoice": "Zu Rechnung", "state": "Zustand", "paid": "Bezahlt", "paid_on": "Bezahlt am",
    "payment": "Zahlungsart", "open": "Offen", "reason": "Grund",
}  # fmt: skip
MOVEMENT_COLUMNS = {
    "customer": "Kundennummer", "workspace": "Arbeitsbereich", "entry": "Buchung Nr.", "happened_on": "Datum",
    "booked_at": "Gebucht am", "kind": "Art", "document": "Beleg oder Verwendungszweck", "invoice": "Rechnung",
    "amount": "Betrag", "balance": "Saldo", "currency": "Währung", "check_sum": "Prüfsumme",
}  # fmt: skip
#: German words of what is a code in the plain layout.
_GERMAN = {
    "kind": {
        "invoice": "Rechnung", "credit_note": "Rechnungskorrektur", "payment": "Zahlung",
        "payment_returned": "Zahlung von der Bank zurückgegeben", "refund": "Erstattung",
        "chargeback": "Rückbelastung nach Einspruch", "chargeback_won": "Einspruch zu unseren Gunsten",
        "write_off": "Ausbuchung", "correction": "Korrektur", "payment_failed": "Zahlung fehlgeschlagen",
        "reminder": "Zahlungserinnerung",
    },
    "vat_treatment": {
        "standard": "steuerpflichtig", "reverse_charge": "Steuerschuld des Leistungsempfängers",
        "out_of_scope": "nicht steuerbar",
    },
    "state": {"open": "offen", "paid": "bezahlt", "uncollectible": "uneinbringlich", "void": "storniert"},
    "reverse_charge": {"yes": "ja", "no": "nein"},
    "payment": {"card": "Karte", "sepa_debit": "SEPA-Lastschrift", "bank_transfer": "Überweisung"},
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """How a file is written: `words` are those of codes by column, `german` chooses the headings."""

    delimiter: str = ","
    decimal: str = "."
    day: str = "%Y-%m-%d"
    german: bool = False
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def shown(self, column: str, value: Any) -> str:
        """A value as the file has it; a text never is a formula."""
        if value is None:
            return ""
        if isinstance(value, Decimal):
            return f"{value:.2f}".replace(".", self.decimal)
        if isinstance(value, datetime):
            return value.isoformat(timespec="seconds")
        if isinstance(value, date):
            return value.strftime(self.day)
        known = self.words.get(column, {})
        return plain(", ".join(known.get(part, part) for part in str(value).split(", ")) if known else value)


PLAIN = Layout()
GERMAN = Layout(";", ",", "%d.%m.%Y", True, _GERMAN)
LAYOUTS = {"plain": PLAIN, "de": GERMAN}


def write_documents(out: TextIO, rows: Iterable[Document], layout: Layout = PLAIN) -> None:
    """One line per invoice and credit note; amounts of credit notes are below zero."""
    _write(out, DOCUMENT_COLUMNS, (_document(row) for row in rows), layout)


def write_movements(out: TextIO, rows: Iterable[LedgerEntry], layout: Layout = PLAIN) -> None:
    """One line per entry of an account."""
    _write(out, MOVEMENT_COLUMNS, (_movement(row) for row in rows), layout)


def _write(out: TextIO, columns: Mapping[str, str], rows: Iterator[dict[str, Any]], layout: Layout) -> None:
    writer = csv.writer(out, delimiter=layout.delimiter)
    writer.writerow(columns.values() if layout.german else columns)
    for row in rows:
        writer.writerow([layout.shown(column, row.get(column)) for column in columns])


def _document(row: Document) -> dict[str, Any]:
    invoice = row.invoice
    values = {
        "number": row.number,
        "kind": row.kind,
        "issued_on": row.issued_at.date(),
        "customer": invoice.tenant_id,
        "workspace": invoice.tenant.name,
        "name": invoice.buyer_name,
        "country": invoice.buyer_country,
        "vat_number": invoice.buyer_tax_id,
        "net": money(row.net_minor),
        "vat_rate": invoice.tax_rate,
        "vat_treatment": invoice.tax_treatment,
        "reverse_charge": "yes" if invoice.tax_treatment == "reverse_charge" else "no",
        "vat": money(row.tax_minor),
        "gross": money(row.total_minor),
        "currency": invoice.currency,
        "state": invoice.state,
        "reason": row.reason,
    }
    if row.kind == "credit_note":
        return values | {"for_invoice": invoice.number}
    return values | _settled(invoice)


def _settled(invoice: Invoice) -> dict[str, Any]:
    """Period, due date and what was paid of an invoice: `paid` is what stayed with us, `open` what is owed."""
    lines = list(invoice.lines.all())
    paid = [p for p in invoice.payments.all() if p.state == Payment.State.SUCCEEDED]
    kept = invoice.paid_minor - invoice.refunded_minor - invoice.charged_back_minor
    given_up = invoice.state in (Invoice.State.VOID, Invoice.State.UNCOLLECTIBLE)
    return {
        "service_from": min((x.period_start.date() for x in lines if x.period_start), default=None),
        "service_to": max((x.period_end.date() for x in lines if x.period_end), default=None),
        "due_on": invoice.due_at.date() if invoice.due_at else None,
        "paid": money(kept),
        "paid_on": max((p.at.date() for p in paid), default=None),
        "payment": ", ".join(sorted({p.kind for p in paid if p.kind})),
        "open": money(0 if given_up else invoice.balance_minor),
    }


def _movement(row: LedgerEntry) -> dict[str, Any]:
    return {
        "customer": row.tenant_id,
        "workspace": row.tenant.name,
        "entry": row.number,
        "happened_on": row.at.date(),
        "booked_at": row.booked_at,
        "kind": row.kind,
        "document": row.document,
        "invoice": row.invoice.number if row.invoice else "",
        "amount": money(row.amount_minor),
        "balance": money(row.balance_minor),
        "currency": row.currency,
        "check_sum": row.hash,
    }


def money(minor: int) -> Decimal:
    """Minor units as an amount with two places, exactly."""
    return Decimal(minor).scaleb(-2)


def plain(text: Any) -> str:
    """A text no spreadsheet takes for a formula."""
    shown = str(text)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@", "\t", "\r") else shown
