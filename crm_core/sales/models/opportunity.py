"""Opportunity (SAL-3)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.record import OwnedRecord, WithMoney

NOT_DELETED = Q(deleted_at=None)


class Opportunity(WithMoney, OwnedRecord):
    """A chance to sell something to a customer."""

    topic = fields.Text(300, label=_("Topic"), recommended=True, searchable=True)
    opportunity_number = fields.Text(40, label=_("Opportunity number"), searchable=True)
    # the two sides of the attribute `customer`
    customer_account = models.ForeignKey("customers.Account", models.CASCADE, null=True, related_name="+")
    customer_contact = models.ForeignKey("customers.Contact", models.CASCADE, null=True, related_name="+")
    contact = fields.Lookup("customers.Contact", target="contact", label=_("Contact"))
    originating_lead = fields.Lookup(
        "customers.Lead",
        target="lead",
        label=_("Originating lead"),
        related="opportunities",
        importable=False,
    )
    source = fields.Pick("lead_source", label=_("Source"))
    product = fields.Lookup(
        "sales.Product", target="product", label=_("Main product"), related="opportunities"
    )
    competitor = fields.Lookup(
        "sales.Competitor", target="competitor", label=_("Competitor"), related="opportunities"
    )

    stage = fields.Pick("opportunity_stage", label=_("Stage"), default=1)
    stage_entered_at = fields.DateTime(label=_("In stage since"), read_only=True, importable=False)
    probability = fields.Int(min=0, max=100, label=_("Probability (%)"))
    forecast_category = fields.Pick("forecast_category", label=_("Forecast category"))
    rating = fields.Pick("rating", label=_("Rating"))
    revenue_mode = fields.Pick("revenue_mode", label=_("Revenue"), default=2)
    estimated_revenue = fields.Money(label=_("Estimated revenue"), min=0)
    weighted_revenue = fields.Money(label=_("Weighted revenue"), read_only=True, importable=False)
    started_on = fields.Date(label=_("Started on"))
    estimated_close_date = fields.Date(label=_("Estimated close date"))
    actual_revenue = fields.Money(label=_("Actual revenue"), create_only=True)
    actual_close_date = fields.Date(label=_("Actual close date"), create_only=True)
    close_reason = fields.Pick("close_reason", label=_("Close reason"), create_only=True)

    purchase_purpose = fields.Text(200, label=_("Purchase purpose"))
    need = fields.Pick("purchase_need", label=_("Need"))
    budget = fields.Pick("budget_status", label=_("Budget"))
    purchase_timeframe = fields.Pick("purchase_timeframe", label=_("Purchase timeframe"))
    purchase_process = fields.Pick("purchase_process", label=_("Purchase process"))
    description = fields.Memo(100_000, label=_("Description"))

    last_contacted_at = fields.DateTime(label=_("Last contacted"), read_only=True, importable=False)
    next_activity_at = fields.DateTime(label=_("Next activity"), read_only=True, importable=False)

    class Meta(OwnedRecord.Meta):
        indexes = (
            *OwnedRecord.Meta.indexes,
            models.Index("modified_at", "id", condition=NOT_DELETED, name="%(class)s_modified"),
            models.Index("owner", "created_at", "id", condition=NOT_DELETED, name="%(class)s_owner_created"),
            models.Index("state", "stage", "created_at", "id", condition=NOT_DELETED, name="%(class)s_stage"),
            # sums by stage and month are read from the index alone; the owner's columns are what rights look at
            models.Index(
                fields=("state", "stage", "estimated_close_date"),
                include=(
                    "owner",
                    "owning_business_unit",
                    "estimated_revenue_base",
                    "weighted_revenue_base",
                    "id",
                ),
                condition=NOT_DELETED,
                name="%(class)s_pipeline",
            ),
            models.Index(
                "state", "estimated_close_date", "id", condition=NOT_DELETED, name="%(class)s_estimated_close"
            ),
            models.Index(
                "state",
                F("actual_close_date").desc(nulls_last=True),
                F("id").desc(),
                condition=NOT_DELETED,
                name="%(class)s_actual_close",
            ),
        )
        constraints = (
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(customer_account=None) | Q(customer_contact=None), name="opportunity_one_customer"
            ),
        )
