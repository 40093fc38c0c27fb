"""What falls due by itself: renewals, retries, settled debits, overdue transfers, pages that expire."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef

from billing.providers.builtin import clock, collecting, contracts
from billing.providers.builtin.events import emit
from billing.providers.builtin.models import Checkout, Dispute, Invoice, Payment, Subscription

logger = logging.getLogger(__name__)

MOST_STEPS = 100_000


def run_due(until: datetime | None = None) -> set[str]:
    """Do everything due by `until` (now), oldest first, each step in its own transaction.

    Returns the ids of the customers concerned. Two at once share the work: a row being worked on is skipped. A step that
    breaks is logged and tried again in the next round; it keeps no other customer's back (SAAS.md F15).
    """
    until = until or clock.now()
    touched: set[str] = set()
    broken: set[str] = set()
    for _step in range(MOST_STEPS):
        due = _earliest(until, broken)
        if due is None:
            break
        act, pk = due
        try:
            with transaction.atomic():
                customer_id = act(pk, until)
        except OperationalError:  # the database, not this row: everything waits for the next round
            raise
        except Exception:
            logger.exception("What is due of %s was not done", pk)
            broken.add(pk)
            continue
        if customer_id is None:  # somebody else has it; leave the rest to the next round
            break
        touched.add(customer_id)
    return touched


def _earliest(
    until: datetime, broken: Collection[str]
) -> tuple[Callable[[str, datetime], str | None], str] | None:
    """The step that was due first, of rows that did not break one."""
    found: list[tuple[datetime, int, Callable[[str, datetime], str | None], str]] = []
    renewals = Subscription.objects.filter(status="active", period_end__lte=until).order_by(
        "period_end", "id"
    )
    # Somebody who canceled and does not pay ends with his period all the same.
    ending = Subscription.objects.filter(cancel_at__lte=until).exclude(status="ended").order_by("cancel_at")
    retries = Invoice.objects.filter(status="open", next_attempt_at__lte=until).order_by(
        "next_attempt_at", "id"
    )
    on_its_way = Payment.objects.filter(invoice=OuterRef("pk"), status="processing")
    overdue = Invoice.objects.filter(
        ~Exists(on_its_way), status="open", failed_at=None, due_at__lte=until
    ).order_by("due_at", "id")
    debits = Payment.objects.filter(status="processing", settles_at__lte=until).order_by("settles_at", "id")
    disputes = Dispute.objects.filter(status="open", decided_at__lte=until).order_by("decided_at", "id")
    expired = Checkout.objects.filter(status="open", expires_at__lte=until).order_by("expires_at", "id")
    sources: list[tuple[Any, str, Callable[[str, datetime], str | None]]] = [
        (debits, "settles_at", _settle_debit),
        (ending, "cancel_at", _end),
        (renewals, "period_end", _renew),
        (retries, "next_attempt_at", _retry),
        (overdue, "due_at", _note_overdue),
        (disputes, "decided_at", _decide),
        (expired, "expires_at", _expire),
    ]
    for order, (rows, field, act) in enumerate(sources):
        first = rows.exclude(pk__in=broken).values_list(field, "pk").first()
        if first is not None:
            found.append((first[0], order, act, first[1]))
    if not found:
        return None
    _at, _order, act, pk = min(found, key=lambda item: item[:2])
    return act, pk


def _locked(model: Any, pk: str) -> Any:
    return model.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()


def _renew(pk: str, until: datetime) -> str | None:
    row = _locked(Subscription, pk)
    if row is None or row.status != "active" or row.period_end > until:
        return None
    contracts.renew(row)
    return str(row.customer_id)


def _end(pk: str, until: datetime) -> str | None:
    row = _locked(Subscription, pk)
    if row is None or row.status == "ended" or row.cancel_at is None or row.cancel_at > until:
        return None
    contracts.end(row, row.cancel_at)
    return str(row.customer_id)


def _retry(pk: str, until: datetime) -> str | None:
    row = _locked(Invoice, pk)
    if row is None or row.status != "open" or row.next_attempt_at is None or row.next_attempt_at > until:
        return None
    at = row.next_attempt_at
    if row.subscription.collection == "invoice":
        collecting.note_failure(row, at, "bank_transfer", "overdue")
        return str(row.customer_id)
    collecting.collect(row, at, renewal=True)
    return str(row.customer_id)


def _note_overdue(pk: str, until: datetime) -> str | None:
    row = _locked(Invoice, pk)
    if row is None or row.status != "open" or row.failed_at is not None:
        return None
    if row.subscription.collection == "invoice":
        collecting.note_failure(row, row.due_at, "bank_transfer", "overdue")
    else:
        collecting.collect(row, row.due_at, renewal=True)
    return str(row.customer_id)


def _settle_debit(pk: str, until: datetime) -> str | None:
    payment = _locked(Payment, pk)
    if payment is None or payment.status != "processing":
        return None
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=payment.invoice_id)
    at = payment.settles_at or until
    if payment.will_fail:
        collecting.note_failure(invoice, at, "sepa_debit", "debit_returned", payment)
    else:
        payment.status = "succeeded"
        payment.save(update_fields=["status"])
        collecting.arrived(invoice, payment, at)
    return str(invoice.customer_id)


def _decide(pk: str, until: datetime) -> str | None:
    row = _locked(Dispute, pk)
    if row is None or row.status != "open":
        return None
    collecting.decide(row, row.decided_at, won=False)
    return str(row.payment.invoice.customer_id)


def _expire(pk: str, until: datetime) -> str | None:
    row = _locked(Checkout, pk)
    if row is None or row.status != "open":
        return None
    row.status = "expired"
    row.save(update_fields=["status"])
    emit("checkout.session.expired", row)
    return str(row.customer_id)
