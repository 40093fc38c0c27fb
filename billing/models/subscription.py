"""What a tenant rents, and each change of its seats (ASP-1 Subscription, ASP-20.1)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Subscription(models.Model):
    """Mirror of the provider's subscription. A tenant has at most one that has not ended."""

    class Status(models.TextChoices):
        INCOMPLETE = "incomplete", _("Waiting for the first payment")
        ACTIVE = "active", _("Active")
        PAST_DUE = "past_due", _("Past due")
        UNPAID = "unpaid", _("Unpaid")
        ENDED = "ended", _("Ended")

    class Collection(models.TextChoices):
        CHARGE = "charge", _("Charged automatically")
        INVOICE = "invoice", _("Paid by bank transfer")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="subscriptions")
    provider = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=80)
    status = models.CharField(max_length=12, choices=Status.choices)
    collection = models.CharField(max_length=8, choices=Collection.choices, default=Collection.CHARGE)
    price = models.ForeignKey("billing.PlanPrice", on_delete=models.PROTECT, related_name="+")
    seats = models.PositiveIntegerField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    #: What holds from the next period on, when it differs: fewer seats, a smaller plan, another interval.
    next_seats = models.PositiveIntegerField(null=True, blank=True)
    next_price = models.ForeignKey(
        "billing.PlanPrice", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancel_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    #: First failed payment, or due date, of the oldest invoice still open; null while all is paid.
    unpaid_since = models.DateTimeField(null=True, blank=True)
    coupon_code = models.CharField(max_length=40, blank=True, default="")
    started_at = models.DateTimeField()
    synced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "billing_subscription"
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="billing_subscription_once"),
            models.UniqueConstraint(
                fields=["tenant"], condition=~Q(status="ended"), name="billing_one_live_subscription"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seats} × {self.price.lookup_key}"

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.status != self.Status.ENDED


class SubscriptionItem(models.Model):
    """Mirror of an add-on of a subscription. `next_quantity` holds from the next period on, when it differs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="items")
    price = models.ForeignKey("billing.PlanPrice", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    next_quantity = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        db_table = "billing_subscription_item"
        ordering = ["price__version__plan__position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "price"], name="billing_subscription_item_once"),
        ]

    @property
    def code(self) -> str:
        """The add-on's code in the catalogue."""
        return str(self.price.version.plan.code)


class SeatChange(models.Model):
    """One wish to have another number of seats; its key makes a repeated click one change (SAAS.md C1)."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        DONE = "done", _("Done")
        SCHEDULED = "scheduled", _("At renewal")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="seat_changes")
    idempotency_key = models.CharField(max_length=120)
    seats_before = models.PositiveIntegerField()
    seats_after = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    error = models.CharField(max_length=300, blank=True, default="")
    #: E-mail of the administrator or operator who asked.
    requested_by = models.CharField(max_length=254)
    requested_at = models.DateTimeField()

    class Meta:
        db_table = "billing_seat_change"
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "idempotency_key"], name="billing_seat_change_once")
        ]
