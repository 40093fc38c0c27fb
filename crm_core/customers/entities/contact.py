"""Contact (CUS-2)."""

from django.utils.translation import gettext_lazy as _

from crm_core.customers import rules
from crm_core.customers.entities.account import ADDRESS, PREFERENCES
from crm_core.customers.models import Contact
from crm_core.customers.services.addresses import BLOCK_DERIVED
from crm_core.metadata.conditions import ACTIVE, MINE, all_of, condition, equals
from crm_core.metadata.declaration import customer_attribute, declare
from crm_core.metadata.entity import RECORD_FEATURES, Form, Section, View

COLUMNS = ("full_name", "parent_customer", "job_title", "email", "business_phone", "mobile_phone", "owner")

CONTACT = declare(
    Contact,
    name="contact",
    plural="contacts",
    label=_("Contact"),
    label_plural=_("Contacts"),
    description=_("People, with or without a company."),
    group="customers",
    order=20,
    icon="address-book",
    color="teal",
    primary="full_name",
    features=RECORD_FEATURES | {"duplicates"},
    merge=True,
    person=frozenset({"gender", "marital_status", "number_of_children", "annual_income", "annual_income_base",
                      "credit_limit", "credit_limit_base", "preferred_day", "preferred_time"}),
    duplicates=(("email",), ("last_name", "business_phone"), ("last_name", "mobile_phone")),
    facts=("parent_customer", "email"),
    closed_writable=frozenset({"last_contacted_at", "next_activity_at"}),
    extra=(
        customer_attribute("parent_customer", _("Company or parent"), account="parent_account", contact="parent_contact",
                           related="contacts", reverse_label=_("Contacts"), hierarchy=True),
    ),
    quick_create=("first_name", "last_name", "parent_customer", "email", "business_phone", "job_title"),
    form=Form(
        (
            Section(_("Person"), ("salutation", "first_name", "middle_name", "last_name", "suffix", "nickname", "parent_customer",
                                  "job_title", "department", "role")),
            Section(_("Reach"), ("email", "business_phone", "mobile_phone", "home_phone", "email2", "email3", "fax", "pager",
                                 "website", "social_profile", "messenger")),
            Section(_("Address"), ADDRESS),
            Section(_("Around the person"), ("manager", "manager_name", "manager_phone", "assistant_name", "assistant_phone")),
            Section(_("Contact preferences"), (*PREFERENCES, "preferred_day", "preferred_time", "preferred_user")),
            Section(_("Personal"), ("birth_date", "anniversary", "gender", "marital_status", "spouse_name", "number_of_children",
                                    "children_names", "annual_income")),
            Section(_("Trade"), ("credit_limit", "credit_on_hold", "currency", "payment_terms", "shipping_method", "freight_terms")),
            Section(_("Description"), ("description",), columns=1),
            Section(_("Administration"), ("owner", "status_reason", "source", "originating_lead", "is_employee", "employee_id",
                                          "is_supplier_contact", "external_key", "last_contacted_at", "next_activity_at")),
        ),
        header=("parent_customer", "job_title", "email", "business_phone", "last_contacted_at", "next_activity_at", "owner"),
        related=("opportunities", "contacts", "managed_contacts", "addresses", "marketing_lists"),
    ),
    views=(
        View(_("Active contacts"), COLUMNS, filter=ACTIVE, order=("full_name",), default=True, key="active"),
        View(_("My contacts"), COLUMNS, filter=all_of(ACTIVE, MINE), order=("full_name",), key="mine"),
        View(_("Recently created"), (*COLUMNS, "created_at"), filter=condition("created_at", "last_n_days", 30), key="recent"),
        View(_("Not contacted for 90 days"), ("full_name", "parent_customer", "last_contacted_at", "next_activity_at", "owner"),
             filter=all_of(ACTIVE, {"or": [condition("last_contacted_at", "empty"), condition("last_contacted_at", "older_than_n_days", 90)]}),
             order=("last_contacted_at",), key="neglected"),
        View(_("Staff directory"), ("full_name", "department", "job_title", "business_phone", "mobile_phone", "email", "manager"),
             filter=all_of(ACTIVE, equals("is_employee", True)), order=("full_name",), key="staff"),
        View(_("Inactive contacts"), COLUMNS, filter=condition("state", "eq", "inactive"), order=("full_name",), key="inactive"),
        View(_("All contacts"), (*COLUMNS, "state"), order=("full_name",), key="all"),
    ),
    derived={
        "full_name": ("first_name", "middle_name", "last_name", "suffix"),
        "parent_customer": ("account.primary_contact",),
        **BLOCK_DERIVED,
    },
    rules=(
        rules.full_name_from_parts, rules.contact_hierarchy, rules.address_follows_block,
        rules.addresses_follow_owner, rules.merged_addresses_are_numbered_once, rules.merged_dates_are_joined,
    ),
)  # fmt: skip
