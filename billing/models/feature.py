"""What a plan includes: limits and switches (ASP-1 edition features)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7


class Feature(models.Model):
    """Something a plan can limit or switch. The code is what `tenants.entitlements` is asked for."""

    class Kind(models.TextChoices):
        LIMIT = "limit", _("Limit")
        SWITCH = "switch", _("Switch")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    #: `count`, `bytes`, `bytes_per_user`, `per_day`, `days`; decides how the pricing page prints it.
    unit = models.CharField(max_length=16, default="count")
    #: Label per language: {"en": "...", "de": "..."}
    labels = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "billing_feature"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.code

    def label(self, language: str) -> str:
        """The label in `language`, else in English."""
        return str(self.labels.get(language) or self.labels["en"])


class PlanFeature(models.Model):
    """The value of one feature in one plan version. A limit of null means unlimited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey("billing.PlanVersion", on_delete=models.CASCADE, related_name="features")
    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="+")
    limit = models.PositiveBigIntegerField(null=True, blank=True)
    enabled = models.BooleanField(default=True)

    class Meta:
        db_table = "billing_plan_feature"
        ordering = ["feature__position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "feature"], name="plan_feature_once"),
            models.CheckConstraint(
                condition=Q(enabled=True) | Q(limit__isnull=True), name="plan_feature_off_without_limit"
            ),
        ]
