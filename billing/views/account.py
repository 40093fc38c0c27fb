"""The account of the customer: every invoice, credit, payment and refund with the balance after it, and as CSV."""

from __future__ import annotations

import csv
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import mode
from billing.services import ledger
from billing.services.booking_export import plain
from billing.views.access import administrators_only
from tenants.models import Tenant


@require_safe
@administrators_only
def statement(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The page, newest entry first."""
    context = {
        "test": mode.is_test(),
        "rows": list(reversed(ledger.statement(tenant))),
        "balances": sorted(ledger.balances(tenant).items()),
        "sound": not ledger.verify(tenant),
    }
    return render(request, "billing/statement.html", context)


@require_safe
@administrators_only
def statement_csv(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """The same, oldest first, with the hashes that prove that nothing was changed."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="account.csv"'
    answer.write("\ufeff")
    writer = csv.writer(answer)
    writer.writerow(
        [
            _("No."), _("Date"), _("Entry"), _("Document"), _("Invoice"), _("Amount"), _("Balance"), _("Currency"),
            _("Check sum"),
        ]
    )  # fmt: skip
    for row in ledger.statement(tenant):
        entry = row["entry"]
        writer.writerow(
            [
                entry.number,
                entry.at.isoformat(timespec="seconds"),
                row["label"],
                plain(row["document"]),
                entry.invoice.number if entry.invoice else "",
                Decimal(entry.amount_minor) / 100,
                Decimal(entry.balance_minor) / 100,
                entry.currency,
                entry.hash,
            ]
        )
    return answer
