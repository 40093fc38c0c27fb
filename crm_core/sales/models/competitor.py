"""Competitor (SAL-30)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.record import Record, WithMoney


class Competitor(WithMoney, Record):
    """A company that sells against us; everybody in the workspace shares what is known of it."""

    name = fields.Text(160, label=_("Competitor name"), required=True, searchable=True)
    website = fields.Text(200, format="url", label=_("Website"), searchable=True)
    ticker = fields.Text(10, label=_("Ticker symbol"))
    reported_revenue = fields.Money(label=_("Reported revenue"), min=0)
    address1_line1 = fields.Text(250, label=_("Street"))
    address1_city = fields.Text(80, label=_("City"))
    address1_postal_code = fields.Text(20, label=_("Postal code"))
    address1_country = fields.Text(80, label=_("Country"))
    key_products = fields.Memo(20_000, label=_("Key products"))
    overview = fields.Memo(20_000, label=_("Overview"))
    strengths = fields.Memo(20_000, label=_("Strengths"))
    weaknesses = fields.Memo(20_000, label=_("Weaknesses"))
    opportunities = fields.Memo(20_000, label=_("Our opportunities"))
    threats = fields.Memo(20_000, label=_("Threats"))
    win_percentage = fields.Dec(
        2, min=0, max=100, label=_("Win percentage"), read_only=True, importable=False,
        help=_("Won opportunities among the closed ones in which this competitor took part."),
    )  # fmt: skip

    class Meta(Record.Meta):
        indexes = (
            *Record.Meta.indexes,
            models.Index(Lower("name"), "id", condition=Q(deleted_at=None), name="competitor_name"),
        )
