"""Customer address: any number of addresses beside the block on the form (CUS-3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.record import OwnedRecord


class CustomerAddress(OwnedRecord):
    """One more address of an account, a contact or a lead. Numbers 1 and 2 are the blocks of the form."""

    name = fields.Text(200, label=_("Address name"), searchable=True)
    address_number = fields.Int(min=1, label=_("Address number"), read_only=True, importable=False)
    account = models.ForeignKey("customers.Account", models.CASCADE, null=True, related_name="+")
    contact = models.ForeignKey("customers.Contact", models.CASCADE, null=True, related_name="+")
    lead = models.ForeignKey("customers.Lead", models.CASCADE, null=True, related_name="+")
    address_type = fields.Pick("address_type", label=_("Type"))
    is_default = fields.Bool(label=_("Default for its type"))
    line1 = fields.Text(250, label=_("Street"), searchable=True)
    line2 = fields.Text(250, label=_("Street, line 2"))
    line3 = fields.Text(250, label=_("Street, line 3"))
    city = fields.Text(80, label=_("City"), searchable=True)
    state_or_province = fields.Text(80, label=_("State or province"))
    postal_code = fields.Text(20, label=_("Postal code"), searchable=True)
    county = fields.Text(80, label=_("County"))
    country = fields.Text(80, label=_("Country"))
    latitude = fields.Dec(6, min=-90, max=90, label=_("Latitude"))
    longitude = fields.Dec(6, min=-180, max=180, label=_("Longitude"))
    utc_offset = fields.Int(min=-840, max=840, label=_("UTC offset in minutes"))
    contact_name = fields.Text(200, label=_("Contact name"))
    phone = fields.Text(50, format="phone", label=_("Phone"))
    fax = fields.Text(50, format="phone", label=_("Fax"))
    shipping_method = fields.Pick("shipping_method", label=_("Shipping method"))
    freight_terms = fields.Pick("freight_terms", label=_("Freight terms"))

    class Meta(OwnedRecord.Meta):
        constraints = (
            *OwnedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=(
                    Q(account__isnull=False, contact=None, lead=None)
                    | Q(account=None, contact__isnull=False, lead=None)
                    | Q(account=None, contact=None, lead__isnull=False)
                ),
                name="customer_address_one_parent",
            ),
        )
