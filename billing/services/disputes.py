"""Payments a bank takes back on its customer's word: who is told, and what is not settled (SAAS.md §3.3).

What follows from a dispute is a person's decision: operators are told and find it on their console; the workspace
stays in use. A lost one is settled when the invoice was credited, or paid again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from billing.models import Dispute
from billing.services import notices
from tenants.addresses import operator_url
from tenants.models import Tenant

State = Dispute.State


def announce(tenant: Tenant) -> None:
    """Tell the customer of each new and each lost dispute, and operators of its end as well, each once."""
    for row in Dispute.objects.filter(tenant=tenant).select_related("invoice").order_by("opened_at"):
        values = _values(row)
        notices.tell(tenant, "dispute_opened", row.provider_id, **values)
        _tell_operators(row, "dispute_opened_operator", values)
        if row.state == State.LOST:
            notices.tell(tenant, "dispute_lost", row.provider_id, **values)
            _tell_operators(row, "dispute_lost_operator", values)
        elif row.state == State.WON:
            _tell_operators(row, "dispute_won_operator", values)


def _tell_operators(row: Dispute, kind: str, values: dict[str, Any]) -> None:
    path = f"/invoices/{row.invoice_id}/" if row.invoice_id else f"/tenants/{row.tenant_id}/"
    notices.tell_operators(row.tenant, kind, row.provider_id, operator_url(path), **values)


def _values(row: Dispute) -> dict[str, Any]:
    return {
        "number": row.invoice.number if row.invoice else "–",
        "amount": (row.amount_minor, row.currency),
        "bank_reason": row.reason.replace("_", " ") or "–",
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "answer_by": row.answer_by,
    }


def unsettled(tenant_ids: Iterable[UUID] | None = None) -> list[Dispute]:
    """Disputes being decided, and lost ones nobody has credited or paid again; of these tenants or of all."""
    rows = Dispute.unsettled().select_related("invoice")
    return list(rows if tenant_ids is None else rows.filter(tenant__in=list(tenant_ids)))
