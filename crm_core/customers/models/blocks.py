"""Columns that accounts, contacts and leads share."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.record import OwnedRecord

NOT_DELETED = Q(deleted_at=None)


class WithAddress(models.Model):
    """The first address block; more addresses are rows of `CustomerAddress` (CUS-1.1)."""

    address1_line1 = fields.Text(250, label=_("Street"))
    address1_line2 = fields.Text(250, label=_("Street, line 2"))
    address1_city = fields.Text(80, label=_("City"), searchable=True)
    address1_state = fields.Text(80, label=_("State or province"))
    address1_postal_code = fields.Text(20, label=_("Postal code"))
    address1_country = fields.Text(80, label=_("Country"))

    class Meta:
        abstract = True


class WithPreferences(models.Model):
    """How somebody wants to be reached, and how not (enforced by marketing and by warnings, CUS-5.4)."""

    preferred_contact_method = fields.Pick("contact_method", label=_("Preferred contact method"), default=1)
    do_not_email = fields.Bool(label=_("Do not e-mail"))
    do_not_bulk_email = fields.Bool(label=_("Do not send bulk e-mail"))
    do_not_phone = fields.Bool(label=_("Do not phone"))
    do_not_fax = fields.Bool(label=_("Do not fax"))
    do_not_postal_mail = fields.Bool(label=_("Do not send letters"))
    do_not_send_marketing_materials = fields.Bool(label=_("Do not send marketing materials"))

    class Meta:
        abstract = True


class WithAppointmentPreferences(models.Model):
    """When and with whom somebody likes to meet (defaults for finding a slot)."""

    preferred_day = fields.Pick("weekday", label=_("Preferred day"))
    preferred_time = fields.Pick("time_of_day", label=_("Preferred time"))
    preferred_user = fields.UserLookup(label=_("Preferred person"))

    class Meta:
        abstract = True


class WithTrade(models.Model):
    """Defaults for the business documents of a customer."""

    credit_limit = fields.Money(label=_("Credit limit"), min=0)
    credit_on_hold = fields.Bool(label=_("Credit on hold"))
    payment_terms = fields.Pick("payment_terms", label=_("Payment terms"))
    shipping_method = fields.Pick("shipping_method", label=_("Shipping method"))
    freight_terms = fields.Pick("freight_terms", label=_("Freight terms"))

    class Meta:
        abstract = True


class WithContactDates(models.Model):
    """Kept by the activities: usable in views such as “not contacted for 90 days” (CUS-7.4)."""

    last_contacted_at = fields.DateTime(label=_("Last contacted"), read_only=True, importable=False)
    next_activity_at = fields.DateTime(label=_("Next activity"), read_only=True, importable=False)

    class Meta:
        abstract = True


class CustomerRecord(WithContactDates, OwnedRecord):
    """What every customer-like record has, with the indexes of its lists."""

    description = fields.Memo(100_000, label=_("Description"))

    class Meta(OwnedRecord.Meta):
        abstract = True
        indexes = (
            *OwnedRecord.Meta.indexes,
            models.Index("modified_at", "id", condition=NOT_DELETED, name="%(class)s_modified"),
            models.Index("owner", "created_at", "id", condition=NOT_DELETED, name="%(class)s_owner_created"),
        )
