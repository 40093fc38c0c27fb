"""Who is billed and how he pays: our mirror of the provider's customer (SAAS.md §3.2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7

#: How long a number the EU's service has not answered about is taken for valid.
UNANSWERED_COUNTS_FOR = timedelta(days=14)


class BillingProfile(models.Model):
    """Name, address and tax id on a tenant's invoices, and his customer number at the provider.

    Its row is the lock of a tenant's billing: whoever fetches from the provider or writes mirrors holds it.
    """

    class TaxIdState(models.TextChoices):
        NONE = "none", _("None")
        UNVERIFIED = "unverified", _("Format checked")
        VERIFIED = "verified", _("Verified")
        INVALID = "invalid", _("Not valid")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.OneToOneField("tenants.Tenant", on_delete=models.PROTECT, related_name="billing_profile")
    provider = models.CharField(max_length=16, blank=True, default="")
    customer_id = models.CharField(max_length=80, blank=True, default="")
    legal_name = models.CharField(_("Company"), max_length=160, blank=True, default="")
    email = models.EmailField(_("E-mail for invoices"), max_length=254, blank=True, default="")
    street = models.CharField(_("Street and number"), max_length=200, blank=True, default="")
    postal_code = models.CharField(_("Postal code"), max_length=20, blank=True, default="")
    city = models.CharField(_("City"), max_length=120, blank=True, default="")
    country = models.CharField(_("Country"), max_length=2, blank=True, default="")
    tax_id = models.CharField(_("VAT number"), max_length=20, blank=True, default="")
    tax_id_state = models.CharField(max_length=12, choices=TaxIdState.choices, default=TaxIdState.NONE)
    #: When the number was given, last confirmed by the EU's service, and is to be asked about next.
    tax_id_since = models.DateTimeField(null=True, blank=True)
    tax_id_verified_at = models.DateTimeField(null=True, blank=True)
    tax_id_check_at = models.DateTimeField(null=True, blank=True)
    po_number = models.CharField(_("Your order number"), max_length=60, blank=True, default="")
    #: Fixed by the first paid subscription; a customer is never billed in two currencies.
    currency = models.CharField(max_length=3, blank=True, default="")
    #: When the mirror was last compared with the provider.
    synced_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "billing_profile"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "customer_id"], condition=~Q(customer_id=""), name="billing_customer_once"
            )
        ]

    def __str__(self) -> str:
        return self.legal_name or str(self.tenant)

    def note_new_tax_id(self, now: datetime) -> None:
        """Another number, or none: what was known of the old one says nothing about it."""
        self.tax_id_state = self.TaxIdState.UNVERIFIED if self.tax_id else self.TaxIdState.NONE
        self.tax_id_since = now if self.tax_id else None
        self.tax_id_verified_at = self.tax_id_check_at = None

    def tax_id_counts(self, now: datetime) -> bool:
        """Whether reverse charge may rest on the number: confirmed, or well-formed and not answered about for less
        than fourteen days. Without the EU's service nobody is asked, and the format decides."""
        if self.tax_id_state == self.TaxIdState.UNVERIFIED and settings.KONTOR_VIES_URL:
            return self.tax_id_since is None or now < self.tax_id_since + UNANSWERED_COUNTS_FOR
        return self.tax_id_state != self.TaxIdState.INVALID


class TaxIdCheck(models.Model):
    """One question about a VAT number and its answer: the proof for reverse charge. Rows are never changed."""

    class Outcome(models.TextChoices):
        VALID = "valid", _("Valid")
        INVALID = "invalid", _("Not valid")
        UNANSWERED = "unanswered", _("No answer")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="tax_id_checks")
    tax_id = models.CharField(max_length=20)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    #: To whom the number belongs, as far as the member state tells, and the service's own number of the question.
    name = models.CharField(max_length=300, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    consultation = models.CharField(max_length=300, blank=True, default="")
    error = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        db_table = "billing_tax_id_check"
        ordering = ["-at", "-id"]


class PaymentMethod(models.Model):
    """How a tenant pays: what may be shown of it. Numbers stay with the provider."""

    class Kind(models.TextChoices):
        CARD = "card", _("Card")
        SEPA_DEBIT = "sepa_debit", _("SEPA direct debit")
        BANK_TRANSFER = "bank_transfer", _("Bank transfer")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    profile = models.ForeignKey(BillingProfile, on_delete=models.CASCADE, related_name="payment_methods")
    provider_id = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    brand = models.CharField(max_length=20, blank=True, default="")
    last4 = models.CharField(max_length=4, blank=True, default="")
    exp_month = models.PositiveSmallIntegerField(null=True, blank=True)
    exp_year = models.PositiveSmallIntegerField(null=True, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        db_table = "billing_payment_method"
        ordering = ["-is_default", "id"]
