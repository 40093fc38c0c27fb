"""The provider's own records. Names and ids follow the field's usual ones (`cus_`, `sub_`, `in_`, `evt_`)."""

from __future__ import annotations

import secrets

from django.db import models


def new_id(prefix: str) -> str:
    """A random id such as `sub_3f0c…`."""
    return f"{prefix}_{secrets.token_hex(12)}"


class Installation(models.Model):
    """One row: virtual clock, webhook secrets, and what goes wrong with deliveries on purpose."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    clock_offset_seconds = models.BigIntegerField(default=0)
    webhook_secret = models.CharField(max_length=80)
    previous_secret = models.CharField(max_length=80, blank=True, default="")
    #: {"duplicate": bool, "reorder": bool, "delay_seconds": int, "drop": bool, "fail": bool}
    switches = models.JSONField(default=dict)

    class Meta:
        db_table = "builtin_installation"


class Price(models.Model):
    """What can be bought, by lookup key; synced from the catalogue."""

    lookup_key = models.CharField(primary_key=True, max_length=120)
    names = models.JSONField(default=dict)
    interval = models.CharField(max_length=8)
    currency = models.CharField(max_length=3)
    unit_minor = models.PositiveBigIntegerField()
    #: `plan`, `addon`, `licence` or `usage`
    kind = models.CharField(max_length=8, default="plan")
    #: Of a price by usage: which meter, and how many of it are sold at `unit_minor`.
    meter = models.CharField(max_length=40, blank=True, default="")
    pack = models.PositiveBigIntegerField(default=1)

    class Meta:
        db_table = "builtin_price"


class Customer(models.Model):
    """Who pays."""

    id = models.CharField(primary_key=True, max_length=40)
    tenant_ref = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    email = models.CharField(max_length=254)
    country = models.CharField(max_length=2)
    street = models.CharField(max_length=200, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    city = models.CharField(max_length=120, blank=True, default="")
    tax_id = models.CharField(max_length=20, blank=True, default="")
    tax_id_valid = models.BooleanField(default=True)
    tax_id_verified_at = models.DateTimeField(null=True)
    po_number = models.CharField(max_length=60, blank=True, default="")
    language = models.CharField(max_length=12, default="en")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "builtin_customer"


class Method(models.Model):
    """A card, mandate or the wish to pay by transfer. Of a card only what may be shown is kept."""

    id = models.CharField(primary_key=True, max_length=40)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="methods")
    kind = models.CharField(max_length=16)
    brand = models.CharField(max_length=20, blank=True, default="")
    last4 = models.CharField(max_length=4, blank=True, default="")
    exp_month = models.PositiveSmallIntegerField(null=True)
    exp_year = models.PositiveSmallIntegerField(null=True)
    #: How the test number behaves: `ok`, `decline`, `decline_renewal`, `authenticate`, `dispute`
    behaviour = models.CharField(max_length=16, default="ok")
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "builtin_method"
        ordering = ["-is_default", "-created_at"]


class Coupon(models.Model):
    """A code for which a discount may be used so many times; its row lock lets one checkout after the other use it."""

    code = models.CharField(primary_key=True, max_length=40)
    max_redemptions = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "builtin_coupon"


class Subscription(models.Model):
    """A running contract."""

    id = models.CharField(primary_key=True, max_length=40)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="subscriptions")
    status = models.CharField(max_length=12)
    collection = models.CharField(max_length=8)
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    seats = models.PositiveIntegerField()
    anchor = models.DateTimeField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    started_at = models.DateTimeField()
    next_price = models.ForeignKey(Price, on_delete=models.PROTECT, null=True, related_name="+")
    next_seats = models.PositiveIntegerField(null=True)
    cancel_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=500, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    coupon = models.JSONField(null=True)
    #: What was taken off the running period: {"percent": "20", "twelfths": 12} or {"off": minor, "of": minor}.
    period_discount = models.JSONField(null=True)
    #: How what is paid of the running period was taxed, see `taxation.Held`.
    period_tax = models.JSONField(default=dict)
    #: Add-ons by lookup key, and those of the next period when they differ.
    addons = models.JSONField(default=dict)
    next_addons = models.JSONField(null=True)

    class Meta:
        db_table = "builtin_subscription"
        ordering = ["started_at", "id"]
        indexes = [models.Index(fields=["status", "period_end"], name="builtin_subscription_due")]


class Invoice(models.Model):
    """An invoice with everything printed on it frozen."""

    id = models.CharField(primary_key=True, max_length=40)
    number = models.CharField(max_length=40, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invoices")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="invoices")
    status = models.CharField(max_length=14)
    reason = models.CharField(max_length=24)
    currency = models.CharField(max_length=3)
    #: [{"text", "quantity", "unit_minor", "net_minor", "start", "end", "is_proration"}]
    lines = models.JSONField(default=list)
    #: Seller, buyer and language as printed.
    printed = models.JSONField(default=dict)
    net_minor = models.BigIntegerField()
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2)
    tax_treatment = models.CharField(max_length=16)
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    credited_minor = models.BigIntegerField(default=0)
    #: What went back to the customer of what he had paid.
    refunded_minor = models.BigIntegerField(default=0)
    #: What banks took back of it on their customer's word.
    charged_back_minor = models.BigIntegerField(default=0)
    issued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "builtin_invoice"
        ordering = ["issued_at", "number"]

    @property
    def due_minor(self) -> int:
        """What is still owed; below zero when the customer gets something back."""
        given_back = self.refunded_minor + self.charged_back_minor
        return self.total_minor - self.paid_minor - self.credited_minor + given_back


class Payment(models.Model):
    """An attempt to collect, or a transfer that arrived."""

    id = models.CharField(primary_key=True, max_length=40)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    status = models.CharField(max_length=12)
    amount_minor = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    reference = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    settles_at = models.DateTimeField(null=True)
    will_fail = models.BooleanField(default=False)

    class Meta:
        db_table = "builtin_payment"
        ordering = ["at", "id"]


class MeterEvent(models.Model):
    """A quantity used beyond what is paid ahead; its key makes one told twice one. Charged by `invoice`."""

    key = models.CharField(primary_key=True, max_length=100)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    meter = models.CharField(max_length=40)
    value = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "builtin_meter_event"
        indexes = [models.Index(fields=["customer", "meter", "invoice"], name="builtin_meter_event_open")]


class CreditNote(models.Model):
    """Money given back, or taken off what is due."""

    id = models.CharField(primary_key=True, max_length=40)
    number = models.CharField(max_length=40, unique=True)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credits")
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    issued_at = models.DateTimeField()

    class Meta:
        db_table = "builtin_credit_note"
        ordering = ["issued_at", "number"]


class Dispute(models.Model):
    """A payment the customer's bank takes back on his word; decided after some days."""

    id = models.CharField(primary_key=True, max_length=40)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    #: `open`, `won` (the money stays with us), `lost`
    status = models.CharField(max_length=4, default="open")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "builtin_dispute"
        ordering = ["opened_at", "id"]


class NumberSeries(models.Model):
    """The last number given out of a series and year; its row lock makes numbers gap-free."""

    name = models.CharField(primary_key=True, max_length=20)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "builtin_number_series"


class Checkout(models.Model):
    """A page on which an order is paid."""

    id = models.CharField(primary_key=True, max_length=60)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="checkouts")
    status = models.CharField(max_length=10, default="open")
    price = models.ForeignKey(Price, on_delete=models.PROTECT, related_name="+")
    seats = models.PositiveIntegerField()
    coupon = models.JSONField(null=True)
    addons = models.JSONField(default=dict)
    success_url = models.CharField(max_length=500)
    cancel_url = models.CharField(max_length=500)
    language = models.CharField(max_length=12, default="en")
    expires_at = models.DateTimeField()
    #: A card that waits for its owner's confirmation.
    waiting_method = models.JSONField(null=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "builtin_checkout"


class PortalVisit(models.Model):
    """A page on which a customer changes how he pays, for an hour."""

    id = models.CharField(primary_key=True, max_length=60)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    return_url = models.CharField(max_length=500)
    language = models.CharField(max_length=12, default="en")
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "builtin_portal_visit"


class Deed(models.Model):
    """An act done under an idempotency key, and the object it concerned."""

    key = models.CharField(primary_key=True, max_length=200)
    object_id = models.CharField(max_length=60, blank=True, default="")
    done_at = models.DateTimeField()

    class Meta:
        db_table = "builtin_deed"


class OutboundEvent(models.Model):
    """An event on its way to the receiver; times of delivery are real, `created_at` is the virtual clock's."""

    id = models.CharField(primary_key=True, max_length=40)
    type = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    body = models.TextField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    #: `delivered`, `dropped`, `given_up`
    outcome = models.CharField(max_length=10, blank=True, default="")
    last_answer = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "builtin_outbound_event"
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["finished_at", "next_try_at"], name="builtin_event_due")]
