"""Account: a company or other legal entity (CUS-1)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm_core.customers.models.blocks import (
    NOT_DELETED,
    CustomerRecord,
    WithAddress,
    WithAppointmentPreferences,
    WithPreferences,
    WithTrade,
)
from crm_core.metadata import fields
from crm_core.metadata.record import WithMoney


class Account(WithAddress, WithPreferences, WithAppointmentPreferences, WithTrade, WithMoney, CustomerRecord):
    """A company we sell to, buy from or work with."""

    name = fields.Text(160, label=_("Account name"), required=True, searchable=True)
    account_number = fields.Text(20, label=_("Account number"), searchable=True)
    parent_account = fields.Lookup(
        "customers.Account", target="account", label=_("Parent account"), related="child_accounts",
        reverse_label=_("Child accounts"), hierarchy=True,
    )  # fmt: skip
    primary_contact = fields.Lookup("customers.Contact", target="contact", label=_("Primary contact"))
    originating_lead = fields.Lookup(
        "customers.Lead", target="lead", label=_("Originating lead"), related="accounts", read_only=True,
        importable=False,
    )  # fmt: skip
    relationship_type = fields.Pick("relationship_type", label=_("Relationship type"))
    category = fields.Pick("account_category", label=_("Category"))
    rating = fields.Pick("rating", label=_("Rating"))
    company_size = fields.Pick("company_size", label=_("Size"))
    ownership = fields.Pick("ownership", label=_("Ownership"))
    industry = fields.Pick("industry", label=_("Industry"))
    source = fields.Pick("lead_source", label=_("Source"))
    sic_code = fields.Text(20, label=_("Industry code (SIC)"))
    ticker = fields.Text(10, label=_("Ticker symbol"))
    year_established = fields.Int(min=1000, max=9999, label=_("Year established"))
    website = fields.Text(200, format="url", label=_("Website"), searchable=True)
    email = fields.Text(100, format="email", label=_("E-mail"), searchable=True)
    phone = fields.Text(50, format="phone", label=_("Phone"), searchable=True)
    phone2 = fields.Text(50, format="phone", label=_("Other phone"), searchable=True)
    phone3 = fields.Text(50, format="phone", label=_("Third phone"), searchable=True)
    fax = fields.Text(50, format="phone", label=_("Fax"))
    annual_revenue = fields.Money(label=_("Annual revenue"), min=0)
    number_of_employees = fields.Int(min=0, label=_("Number of employees"))
    market_cap = fields.Money(label=_("Market capitalisation"), min=0)
    shares_outstanding = fields.Int(min=0, label=_("Shares outstanding"))

    class Meta(CustomerRecord.Meta):
        indexes = (
            *CustomerRecord.Meta.indexes,
            models.Index(Lower("name"), "id", condition=NOT_DELETED, name="account_name"),
        )
