"""Mirrors of the provider's invoices, credit notes and payments (ASP-1 Provider invoice, credit, payment)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Invoice(models.Model):
    """One invoice to a tenant. Amounts in minor units; the document itself is the provider's."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        PAID = "paid", _("Paid")
        UNCOLLECTIBLE = "uncollectible", _("Uncollectible")
        VOID = "void", _("Void")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="invoices")
    provider = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=80)
    subscription_provider_id = models.CharField(max_length=80, blank=True, default="")
    number = models.CharField(_("Number"), max_length=40, blank=True, default="")
    state = models.CharField(max_length=14, choices=State.choices)
    #: `subscription_create`, `subscription_cycle`, `subscription_update`, `manual`
    reason = models.CharField(max_length=24, blank=True, default="")
    currency = models.CharField(max_length=3)
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    #: What went back to the customer of what he had paid.
    refunded_minor = models.BigIntegerField(default=0)
    #: What banks took back of it on their customer's word: the sum of its lost disputes.
    charged_back_minor = models.BigIntegerField(default=0)
    #: Percent with two decimals as printed; `standard`, `reverse_charge` or `out_of_scope`.
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    tax_treatment = models.CharField(max_length=16, default="standard")
    #: The buyer as printed; the profile may have changed since.
    buyer_name = models.CharField(max_length=160, blank=True, default="")
    buyer_country = models.CharField(max_length=2, blank=True, default="")
    buyer_tax_id = models.CharField(max_length=40, blank=True, default="")
    issued_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    #: First failed charge, or due date passed; null while nothing went wrong.
    failed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    #: Address of the provider's document; empty for `builtin`, whose PDF we serve ourselves.
    document_url = models.CharField(max_length=500, blank=True, default="")
    synced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "billing_invoice"
        ordering = ["-issued_at", "-id"]
        indexes = [models.Index(fields=["tenant", "state"], name="billing_invoice_tenant")]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="billing_invoice_once")
        ]

    def __str__(self) -> str:
        return self.number or self.provider_id

    @property
    def due_minor(self) -> int:
        """What is still to be paid; of a paid one what a bank took back of it."""
        if self.state == "paid":
            return max(self.balance_minor, 0) if self.charged_back_minor else 0
        return self.balance_minor if self.state == "open" else 0

    @property
    def balance_minor(self) -> int:
        """Owed by the customer; below zero what he gets back."""
        given_back = self.refunded_minor + self.charged_back_minor
        return self.total_minor - self.paid_minor - self.credited_minor + given_back

    @property
    def disputed_minor(self) -> int:
        """What banks have not decided about yet; neither ours to keep nor to pay back."""
        return sum(d.amount_minor for d in self.disputes.all() if d.state == Dispute.State.OPEN)


class InvoiceLine(models.Model):
    """One line: text, period and net amount; `is_proration` marks a part of a period."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    quantity = models.IntegerField()
    unit_minor = models.BigIntegerField()
    net_minor = models.BigIntegerField()
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    is_proration = models.BooleanField(default=False)

    class Meta:
        db_table = "billing_invoice_line"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="billing_invoice_line_once")
        ]


class CreditNote(models.Model):
    """Money given back on an invoice, or taken off what is due. Amounts include tax."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    provider_id = models.CharField(max_length=80, unique=True)
    number = models.CharField(max_length=40, blank=True, default="")
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    reason = models.CharField(max_length=300, blank=True, default="")
    issued_at = models.DateTimeField()
    document_url = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        db_table = "billing_credit_note"
        ordering = ["-issued_at"]


class Payment(models.Model):
    """One payment or attempt on an invoice; the provider's id makes a payment told twice one row (AC-02)."""

    class State(models.TextChoices):
        PROCESSING = "processing", _("Being collected")
        SUCCEEDED = "succeeded", _("Received")
        FAILED = "failed", _("Failed")
        REFUNDED = "refunded", _("Paid back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    provider_id = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=12, choices=State.choices)
    amount_minor = models.BigIntegerField()
    kind = models.CharField(max_length=16, blank=True, default="")
    #: What stood on the bank statement, or the decline code.
    reference = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "billing_payment"
        ordering = ["-at"]


class Dispute(models.Model):
    """A payment the customer's bank takes back on his word (SAAS.md §3.3). Mirror of the provider's."""

    class State(models.TextChoices):
        OPEN = "open", _("Being decided")
        WON = "won", _("Decided for us")
        LOST = "lost", _("Taken back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="disputes")
    invoice = models.ForeignKey(
        Invoice, on_delete=models.PROTECT, null=True, blank=True, related_name="disputes"
    )
    provider_id = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=4, choices=State.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=60, blank=True, default="")
    opened_at = models.DateTimeField()
    #: Until when the bank takes our answer, where the provider says so.
    answer_by = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "billing_dispute"
        ordering = ["-opened_at"]

    @classmethod
    def unsettled(cls) -> models.QuerySet[Dispute]:
        """Those being decided, and those that took money nobody has credited or paid again since; oldest first."""
        had = models.F("invoice__paid_minor") + models.F("invoice__credited_minor")
        given_back = models.F("invoice__refunded_minor") + models.F("invoice__charged_back_minor")
        settled = models.Q(invoice__total_minor__lte=had - given_back)
        settled |= models.Q(invoice__state__in=[Invoice.State.VOID, Invoice.State.UNCOLLECTIBLE])
        rows = cls.objects.exclude(state=cls.State.WON).exclude(settled, state=cls.State.LOST)
        return rows.order_by("opened_at")
