"""Lead: a prospect who is not qualified yet (CUS-4)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm_core.customers.models.blocks import NOT_DELETED, CustomerRecord, WithAddress, WithPreferences
from crm_core.metadata import fields
from crm_core.metadata.record import WithMoney


class Lead(WithAddress, WithPreferences, WithMoney, CustomerRecord):
    """Somebody who may become a customer; qualifying makes account, contact and opportunity of it (SAL-1)."""

    topic = fields.Text(200, label=_("Topic"), required=True, searchable=True)
    full_name = fields.Text(400, label=_("Full name"), read_only=True, searchable=True, importable=False)
    salutation = fields.Text(50, label=_("Salutation"))
    first_name = fields.Text(100, label=_("First name"))
    last_name = fields.Text(100, label=_("Last name"))
    company_name = fields.Text(160, label=_("Company"), searchable=True)
    job_title = fields.Text(100, label=_("Job title"))
    email = fields.Text(100, format="email", label=_("E-mail"), searchable=True)
    business_phone = fields.Text(50, format="phone", label=_("Business phone"), searchable=True)
    mobile_phone = fields.Text(50, format="phone", label=_("Mobile phone"), searchable=True)
    home_phone = fields.Text(50, format="phone", label=_("Home phone"), searchable=True)
    fax = fields.Text(50, format="phone", label=_("Fax"))
    website = fields.Text(200, format="url", label=_("Website"))
    source = fields.Pick("lead_source", label=_("Source"))
    rating = fields.Pick("rating", label=_("Rating"))
    score = fields.Int(min=0, max=100, label=_("Score"))
    industry = fields.Pick("industry", label=_("Industry"))
    number_of_employees = fields.Int(min=0, label=_("Number of employees"))
    annual_revenue = fields.Money(label=_("Annual revenue"), min=0)
    estimated_value = fields.Money(label=_("Estimated value"), min=0)
    budget = fields.Money(label=_("Budget"), min=0)
    purchase_timeframe = fields.Pick("purchase_timeframe", label=_("Purchase timeframe"))
    utm_source = fields.Text(100, label=_("UTM source"))
    utm_medium = fields.Text(100, label=_("UTM medium"))
    utm_campaign = fields.Text(100, label=_("UTM campaign"))
    qualified_at = fields.DateTime(label=_("Qualified at"), read_only=True, importable=False)

    class Meta(CustomerRecord.Meta):
        indexes = (
            *CustomerRecord.Meta.indexes,
            models.Index(
                "state", "rating", "created_at", "id", condition=NOT_DELETED, name="lead_state_rating"
            ),
        )
