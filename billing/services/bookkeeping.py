"""What a bookkeeper needs of a time: documents with their VAT, movements of money, sums, and that no number is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing.models import CreditNote, Invoice, LedgerEntry
from billing.services import ledger
from tenants.models import Tenant


@dataclass(frozen=True)
class Document:
    """An invoice, or a credit note with its amounts below zero. Amounts in minor units."""

    number: str
    kind: str
    invoice: Invoice
    issued_at: datetime
    net_minor: int
    tax_minor: int
    total_minor: int
    reason: str = ""


@dataclass(frozen=True)
class TaxSum:
    """What was invoiced less what was credited under one rate."""

    currency: str
    country: str
    treatment: str
    rate: Decimal
    net_minor: int
    tax_minor: int
    total_minor: int


def documents(start: datetime, end: datetime) -> list[Document]:
    """Invoices and credit notes issued from `start` on and before `end`, by date and number."""
    issued = Invoice.objects.select_related("tenant").filter(issued_at__gte=start, issued_at__lt=end)
    issued = issued.prefetch_related("lines", "payments")
    notes = CreditNote.objects.select_related("invoice__tenant").filter(
        issued_at__gte=start, issued_at__lt=end
    )
    found = [
        Document(i.number, "invoice", i, i.issued_at, i.net_minor, i.tax_minor, i.total_minor)
        for i in issued.exclude(number="").exclude(state=Invoice.State.DRAFT)
        if i.issued_at is not None
    ]
    found += [
        Document(
            n.number,
            "credit_note",
            n.invoice,
            n.issued_at,
            -n.net_minor,
            -n.tax_minor,
            -n.total_minor,
            n.reason,
        )
        for n in notes
    ]
    return sorted(found, key=lambda d: (d.issued_at, d.number))


def tax_sums(rows: Iterable[Document]) -> list[TaxSum]:
    """The VAT to be declared, per currency, country, treatment and rate. Void invoices count for nothing."""
    sums: dict[tuple[str, str, str, Decimal], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        if row.invoice.state == Invoice.State.VOID:
            continue
        invoice = row.invoice
        key = (invoice.currency, invoice.buyer_country, invoice.tax_treatment, invoice.tax_rate)
        for place, amount in enumerate((row.net_minor, row.tax_minor, row.total_minor)):
            sums[key][place] += amount
    return [TaxSum(*key, *amounts) for key, amounts in sorted(sums.items())]


def missing_numbers() -> list[str]:
    """Numbers of the built-in provider's invoices and credit notes that nobody has: none, else books have a hole."""
    from billing.providers.builtin.models import CreditNote as Note
    from billing.providers.builtin.models import Invoice as Issued
    from billing.providers.builtin.models import NumberSeries

    known = {*Issued.objects.values_list("number", flat=True), *Note.objects.values_list("number", flat=True)}
    return [
        number
        for series in NumberSeries.objects.order_by("name")
        for number in (f"{series.name}-{count:05d}" for count in range(1, series.last + 1))
        if number not in known
    ]


def unsound_accounts() -> list[tuple[Tenant, str]]:
    """Accounts whose entries were tampered with, or which say something else than their invoices; none, normally."""
    found = []
    for tenant in Tenant.objects.filter(ledger__isnull=False).distinct().order_by("name"):
        faults = ledger.verify(tenant)
        if faults:
            found.append((tenant, f"{faults[0].what} {faults[0].number}"))
        elif any(ledger.difference(tenant).values()):
            found.append((tenant, "sum"))
    return found


def movements(start: datetime, end: datetime) -> Iterator[LedgerEntry]:
    """Entries of all accounts that happened from `start` on and before `end`."""
    rows = LedgerEntry.objects.select_related("tenant", "invoice").filter(at__gte=start, at__lt=end)
    yield from rows.order_by("at", "tenant", "number").iterator(500)
