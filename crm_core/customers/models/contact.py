"""Contact: a person (CUS-2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
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


class Contact(WithAddress, WithPreferences, WithAppointmentPreferences, WithTrade, WithMoney, CustomerRecord):
    """A person, with or without a company; never subordinate to the account it belongs to."""

    full_name = fields.Text(400, label=_("Full name"), read_only=True, searchable=True, importable=False)
    salutation = fields.Text(50, label=_("Salutation"))
    first_name = fields.Text(100, label=_("First name"))
    middle_name = fields.Text(100, label=_("Middle name"))
    last_name = fields.Text(100, label=_("Last name"), required=True)
    suffix = fields.Text(20, label=_("Suffix"))
    nickname = fields.Text(100, label=_("Nickname"), searchable=True)

    # the two sides of the attribute `parent_customer`
    parent_account = models.ForeignKey("customers.Account", models.SET_NULL, null=True, related_name="+")
    parent_contact = models.ForeignKey("customers.Contact", models.SET_NULL, null=True, related_name="+")
    manager = fields.Lookup("customers.Contact", target="contact", label=_("Manager"), related="managed_contacts",
                            reverse_label=_("Managed contacts"))  # fmt: skip
    originating_lead = fields.Lookup(
        "customers.Lead", target="lead", label=_("Originating lead"), related="contacts", read_only=True,
        importable=False,
    )  # fmt: skip
    job_title = fields.Text(100, label=_("Job title"))
    department = fields.Text(100, label=_("Department"))
    role = fields.Pick("contact_role", label=_("Role"))
    source = fields.Pick("lead_source", label=_("Source"))
    manager_name = fields.Text(100, label=_("Manager's name"))
    manager_phone = fields.Text(50, format="phone", label=_("Manager's phone"))
    assistant_name = fields.Text(100, label=_("Assistant's name"))
    assistant_phone = fields.Text(50, format="phone", label=_("Assistant's phone"))

    email = fields.Text(100, format="email", label=_("E-mail"), searchable=True)
    email2 = fields.Text(100, format="email", label=_("Second e-mail"), searchable=True)
    email3 = fields.Text(100, format="email", label=_("Third e-mail"), searchable=True)
    business_phone = fields.Text(50, format="phone", label=_("Business phone"), searchable=True)
    mobile_phone = fields.Text(50, format="phone", label=_("Mobile phone"), searchable=True)
    home_phone = fields.Text(50, format="phone", label=_("Home phone"), searchable=True)
    pager = fields.Text(50, format="phone", label=_("Pager"))
    fax = fields.Text(50, format="phone", label=_("Fax"))
    website = fields.Text(200, format="url", label=_("Website"))
    social_profile = fields.Text(200, format="url", label=_("Social profile"))
    messenger = fields.Text(100, label=_("Messenger"))

    # personal data, class P1 (CUS-15.1)
    birth_date = fields.Date(label=_("Birthday"))
    anniversary = fields.Date(label=_("Anniversary"))
    gender = fields.Pick("gender", label=_("Gender"))
    marital_status = fields.Pick("marital_status", label=_("Marital status"))
    spouse_name = fields.Text(100, label=_("Spouse's name"))
    number_of_children = fields.Int(min=0, max=99, label=_("Number of children"))
    children_names = fields.Text(250, label=_("Children's names"))
    # class P2: hidden without a field security profile
    annual_income = fields.Money(label=_("Annual income"), min=0, secured=True)

    is_employee = fields.Bool(label=_("Works for us"))
    employee_id = fields.Text(50, label=_("Employee number"), searchable=True)
    is_supplier_contact = fields.Bool(label=_("Supplier contact"))

    class Meta(CustomerRecord.Meta):
        indexes = (
            *CustomerRecord.Meta.indexes,
            models.Index(Lower("full_name"), "id", condition=NOT_DELETED, name="contact_full_name"),
        )
        constraints = (
            *CustomerRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(parent_account=None) | Q(parent_contact=None), name="contact_one_parent"
            ),
        )
