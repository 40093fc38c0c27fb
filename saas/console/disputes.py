"""Disputed payments on the operators' console: a mark on the workspace, and a figure (SAAS.md §3.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.services import disputes
from saas.console.money import shown_amount
from tenants.models import Tenant
from tenants.operator import registry
from tenants.operator.registry import Attention, Figure, Mark


def _marks(tenants: Sequence[Tenant] | None) -> dict[Any, list[Mark]]:
    found: dict[Any, list[Mark]] = defaultdict(list)
    for row in disputes.unsettled(None if tenants is None else [t.pk for t in tenants]):
        values = {
            "amount": shown_amount(row.currency, row.amount_minor),
            "number": row.invoice.number if row.invoice else "–",
            "opened": f"{row.opened_at:%Y-%m-%d}",
            "until": f"{row.answer_by:%Y-%m-%d}" if row.answer_by else "–",
        }
        if row.state == disputes.State.OPEN:
            words = _("payment disputed")
            details = _(
                "Since %(opened)s the customer's bank is asked to take back %(amount)s paid for invoice %(number)s; it takes an answer until %(until)s."
            )
        else:
            words = _("payment taken back")
            details = _(
                "The customer's bank took back %(amount)s paid for invoice %(number)s, disputed since %(opened)s. Nobody has paid it again or credited it."
            )
        url = reverse("invoices:invoice", args=[row.invoice_id]) if row.invoice_id else ""
        found[row.tenant_id].append(Mark("bad", words, details % values, url))
    return found


def _figure() -> dict[str, Any]:
    rows = disputes.unsettled()
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row.currency] += row.amount_minor
    lost = sum(row.state == disputes.State.LOST for row in rows)
    amounts = " + ".join(shown_amount(*entry) for entry in sorted(sums.items()))
    words = _("%(amounts)s; %(lost)s of them taken back") % {"amounts": amounts, "lost": lost}
    return {"value": str(len(rows)), "hint": words if rows else _("nothing is disputed")}


def register() -> None:
    """Add the mark and the figure; called once the apps are ready."""
    registry.register_attention(Attention("disputes", _marks, order=10))
    registry.register_figure(Figure("disputes", gettext_lazy("Disputed payments"), _figure, order=42))
