"""Visit."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_core.activities.models.base import ActivityRecord
from crm_core.metadata import fields


class Visit(ActivityRecord):
    """A visit to a customer; checking in keeps when and where."""

    # the two sides of the attribute `customer`
    customer_account = models.ForeignKey("customers.Account", models.SET_NULL, null=True, related_name="+")
    customer_contact = models.ForeignKey("customers.Contact", models.SET_NULL, null=True, related_name="+")
    location = fields.Text(200, label=_("Location"), searchable=True)
    checked_in_at = fields.DateTime(label=_("Checked in at"), read_only=True, importable=False)
    check_in_latitude = fields.Dec(
        6, min=-90, max=90, label=_("Check-in latitude"), read_only=True, importable=False
    )
    check_in_longitude = fields.Dec(
        6, min=-180, max=180, label=_("Check-in longitude"), read_only=True, importable=False
    )

    class Meta(ActivityRecord.Meta):
        constraints = (
            *ActivityRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(customer_account=None) | Q(customer_contact=None), name="visit_one_customer"
            ),
        )
