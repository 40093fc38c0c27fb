"""What is agreed beside the plan: coupons, overrides by an operator, closures for abuse (SAAS.md §3.2, ASP-30)."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Coupon(models.Model):
    """A discount by code on subscription invoices: percent or amount, once, for months, or for good."""

    class Duration(models.TextChoices):
        ONCE = "once", _("First invoice")
        REPEATING = "repeating", _("Some months")
        FOREVER = "forever", _("Always")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    percent_off = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    amount_off_minor = models.PositiveBigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    duration = models.CharField(max_length=10, choices=Duration.choices, default=Duration.ONCE)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    max_redemptions = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_by = models.CharField(max_length=254, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "billing_coupon"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent_off__gt=0, percent_off__lte=100, amount_off_minor__isnull=True)
                | (Q(percent_off__isnull=True, amount_off_minor__gt=0) & ~Q(currency="")),
                name="billing_coupon_percent_or_amount",
            ),
            models.CheckConstraint(
                condition=~Q(duration="repeating") | Q(months__gt=0), name="billing_coupon_months"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def is_over(self, used: int, now: datetime) -> bool:
        """Whether nobody can use it any more, when `used` workspaces have."""
        expired = self.expires_at is not None and self.expires_at <= now
        return (
            expired
            or not self.is_active
            or (self.max_redemptions is not None and used >= self.max_redemptions)
        )


class CouponRedemption(models.Model):
    """Which tenant used a coupon; nobody uses one twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="+")
    redeemed_at = models.DateTimeField()

    class Meta:
        db_table = "billing_coupon_redemption"
        constraints = [models.UniqueConstraint(fields=["coupon", "tenant"], name="billing_coupon_once")]


class Override(models.Model):
    """Another limit or switch than the plan gives, or a free period, by an operator with reason and end.

    `feature` is a feature code, a limit name (`users`, `emails_per_day` …), `free` (nothing to pay until
    `until`) or `grace` (not suspended before `until`, whatever is unpaid). `value` is a number, null (unlimited) or a boolean.
    """

    FREE = "free"
    GRACE = "grace"
    #: These change the state; all others a limit or a feature.
    ABOUT_STATE = (FREE, GRACE)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="overrides")
    feature = models.SlugField(max_length=40)
    value = models.JSONField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500)
    made_by = models.CharField(max_length=254)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "billing_override"
        ordering = ["tenant", "feature"]
        constraints = [models.UniqueConstraint(fields=["tenant", "feature"], name="billing_override_once")]


class Closure(models.Model):
    """Closed for abuse from a moment on: nothing is left but a notice (SAAS.md §3.3, ASP-30)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="closures")
    from_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    made_by = models.CharField(max_length=254)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "billing_closure"
        ordering = ["-from_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(lifted_at=None), name="billing_closure_once"
            )
        ]


class Hold(models.Model):
    """A time in which operators held the workspace, by the clock that counts its way to deletion (`tenants.lifecycle.holding`)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="holds")
    from_at = models.DateTimeField()
    let_go_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "billing_hold"
        ordering = ["from_at"]
        constraints = [
            models.UniqueConstraint(fields=["tenant"], condition=Q(let_go_at=None), name="billing_hold_once")
        ]


class OverageConsent(models.Model):
    """Somebody agreed that use beyond the plan is charged, up to `most_packs` in a billing period; zero takes that back.

    Rows are never changed: the newest of a tenant and price counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.PROTECT, related_name="overage_consents")
    #: Code of the price by usage in the catalogue.
    code = models.SlugField(max_length=40)
    most_packs = models.PositiveIntegerField()
    agreed_by = models.CharField(max_length=254)
    agreed_at = models.DateTimeField()

    class Meta:
        db_table = "billing_overage_consent"
        ordering = ["-agreed_at", "-id"]
        indexes = [models.Index(fields=["tenant", "code"], name="billing_overage_tenant")]
