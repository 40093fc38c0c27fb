"""Plans, their versions and prices (ASP-1 Plan, SAAS.md §3.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenants.ids import uuid7

GIGABYTE = 1024**3


class Plan(models.Model):
    """What is sold under one name. Terms live in versions, so that a change never touches running ones."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("Plan")
        ADDON = "addon", _("Add-on")
        LICENCE = "licence", _("Kind of user")
        USAGE = "usage", _("Charged by usage")

    class Origin(models.TextChoices):
        DELIVERED = "delivered", _("Delivered")
        OPERATOR = "operator", _("Changed here")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(_("Code"), max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PLAN)
    position = models.PositiveSmallIntegerField(default=0)
    is_public = models.BooleanField(_("Public"), default=True)
    is_recommended = models.BooleanField(_("Recommended"), default=False)
    #: Whose word counts: `sync_catalogue` writes delivered plans only, what an operator changed it reports.
    origin = models.CharField(max_length=9, choices=Origin.choices, default=Origin.DELIVERED)
    #: From then on nobody new can have it; whoever has it keeps it.
    off_sale_at = models.DateTimeField(null=True, blank=True)
    #: Who may have it while it is not public.
    buyers = models.ManyToManyField("tenants.Tenant", related_name="private_plans", blank=True)

    class Meta:
        db_table = "billing_plan"
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.code


class PlanVersion(models.Model):
    """The terms of a plan from one day on. At most one version of a plan is `current`."""

    class State(models.TextChoices):
        CURRENT = "current", _("Current")
        RETIRED = "retired", _("Retired")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.CURRENT)
    #: Name and pitch per language: {"en": {"name": "...", "pitch": "..."}, "de": {...}}
    texts = models.JSONField(default=dict)
    trial_days = models.PositiveSmallIntegerField(default=30)
    trial_users = models.PositiveIntegerField(default=25)
    min_users = models.PositiveIntegerField(default=1)
    max_users = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: E-mail of the operator who put it on sale; empty for what was delivered.
    made_by = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "billing_plan_version"
        ordering = ["plan", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_version_number"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(state="current"), name="plan_one_current_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.code} v{self.number}"

    def text(self, key: str, language: str) -> str:
        """Text `key` (`name`, `pitch`) in `language`, else in English."""
        texts = self.texts.get(language) or self.texts["en"]
        return str(texts.get(key) or self.texts["en"][key])

    def sold_by(self) -> tuple[str, int]:
        """Of a price by usage: the meter, and how many of it a unit is. Bytes are metered in gigabytes kept for a day."""
        row = self.features.select_related("feature").get()
        if row.feature.unit == "bytes":
            return f"{row.feature.code}_days", max(1, (row.limit or 0) // GIGABYTE)
        return row.feature.code, row.limit or 1


class PlanDraft(models.Model):
    """The next terms of a plan while operators write them. Nobody can buy them, no provider knows them."""

    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    #: `billing.services.plan_terms.Terms.as_json`
    terms = models.JSONField()
    #: Number of the version that was current when it was written; 0 for a plan that was never on sale.
    based_on = models.PositiveIntegerField(default=0)
    #: Counts the saves: who saves or puts on sale says which one he saw.
    revision = models.PositiveIntegerField(default=1)
    changed_by = models.CharField(max_length=254)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "billing_plan_draft"


class PlanPrice(models.Model):
    """Price of one user (unit of an add-on, pack of a meter) for one month or one year in one currency, in minor units (cents)."""

    class Interval(models.TextChoices):
        MONTH = "month", _("Monthly")
        YEAR = "year", _("Yearly")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="prices")
    interval = models.CharField(max_length=8, choices=Interval.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.PositiveBigIntegerField()

    class Meta:
        db_table = "billing_plan_price"
        ordering = ["currency", "interval"]
        constraints = [
            models.UniqueConstraint(fields=["version", "interval", "currency"], name="plan_price_once"),
        ]

    @property
    def lookup_key(self) -> str:
        """The name a payment provider addresses this price by, stable over installations."""
        plan = self.version.plan.code
        return f"{plan}_v{self.version.number}_{self.interval}_{self.currency.lower()}"
