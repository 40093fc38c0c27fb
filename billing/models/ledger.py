"""The account of each customer: what happened with his money, entry by entry, never changed (issue: proof of money)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class LedgerEntry(models.Model):
    """One movement on a customer's account, or a step of dunning (amount zero).

    `amount_minor` above zero is owed by the customer, below zero is in his favour. Entries are numbered per tenant
    without gaps; each carries the hash of the one before, so that nothing can be taken out or put in between later.
    The table takes neither UPDATE nor DELETE (migration 0007). Written by `billing.services.ledger` alone.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")
        PAYMENT = "payment", _("Payment")
        PAYMENT_RETURNED = "payment_returned", _("Payment returned by the bank")
        REFUND = "refund", _("Refund")
        CHARGEBACK = "chargeback", _("Payment taken back after a dispute")
        CHARGEBACK_WON = "chargeback_won", _("Dispute decided for us")
        WRITE_OFF = "write_off", _("Written off")
        CORRECTION = "correction", _("Correction")
        PAYMENT_FAILED = "payment_failed", _("Payment failed")
        REMINDER = "reminder", _("Payment reminder")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="ledger")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    #: When it happened, and when we wrote it down.
    at = models.DateTimeField()
    booked_at = models.DateTimeField()
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.PROTECT, null=True, blank=True, related_name="ledger"
    )
    #: Number of the document, reference of the payment, or why it failed.
    document = models.CharField(max_length=200, blank=True, default="")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    #: The account in this currency after the entry.
    balance_minor = models.BigIntegerField()
    #: What it was written for; nothing is written twice.
    source = models.CharField(max_length=140)
    previous_hash = models.CharField(max_length=64, blank=True, default="")
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "billing_ledger_entry"
        ordering = ["tenant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="billing_ledger_number"),
            models.UniqueConstraint(fields=["tenant", "source"], name="billing_ledger_once"),
        ]
        indexes = [models.Index(fields=["at"], name="billing_ledger_at")]
