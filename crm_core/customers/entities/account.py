"""Account (CUS-1)."""

from django.utils.translation import gettext_lazy as _

from crm_core.customers import rules
from crm_core.customers.models import Account
from crm_core.customers.services.addresses import BLOCK_DERIVED
from crm_core.customers.services.deactivation import DEACTIVATE_ACCOUNT
from crm_core.metadata.conditions import ACTIVE, MINE, all_of, condition
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import RECORD_FEATURES, Form, Section, View

COLUMNS = ("name", "industry", "address1_city", "phone", "primary_contact", "annual_revenue", "owner")
ADDRESS = (
    "address1_line1",
    "address1_line2",
    "address1_postal_code",
    "address1_city",
    "address1_state",
    "address1_country",
)
PREFERENCES = (
    "preferred_contact_method", "do_not_email", "do_not_bulk_email", "do_not_phone", "do_not_fax", "do_not_postal_mail",
    "do_not_send_marketing_materials",
)  # fmt: skip

ACCOUNT = declare(
    Account,
    name="account",
    plural="accounts",
    label=_("Account"),
    label_plural=_("Accounts"),
    description=_("Companies and other organisations you work with."),
    group="customers",
    order=10,
    icon="building",
    color="blue",
    primary="name",
    features=RECORD_FEATURES | {"duplicates"},
    merge=True,
    duplicates=(("name",), ("email",), ("website",)),
    duplicate_operators={"name": "company"},
    facts=("address1_city", "industry"),
    closed_writable=frozenset({"last_contacted_at", "next_activity_at"}),
    quick_create=("name", "phone", "email", "website", "industry", "address1_city"),
    form=Form(
        (
            Section(_("Account"), ("name", "account_number", "parent_account", "primary_contact", "phone", "phone2", "phone3",
                                   "fax", "email", "website")),
            Section(_("Address"), ADDRESS),
            Section(_("Segmentation"), ("relationship_type", "category", "rating", "industry", "company_size", "ownership",
                                        "source", "originating_lead")),
            Section(_("Company"), ("year_established", "number_of_employees", "annual_revenue", "currency", "market_cap",
                                   "shares_outstanding", "sic_code", "ticker")),
            Section(_("Trade"), ("credit_limit", "credit_on_hold", "payment_terms", "shipping_method", "freight_terms")),
            Section(_("Contact preferences"), (*PREFERENCES, "preferred_day", "preferred_time", "preferred_user")),
            Section(_("Description"), ("description",), columns=1),
            Section(_("Administration"), ("owner", "status_reason", "external_key", "last_contacted_at", "next_activity_at")),
        ),
        header=("phone", "industry", "annual_revenue", "last_contacted_at", "next_activity_at", "owner"),
        related=("contacts", "opportunities", "child_accounts", "addresses", "marketing_lists"),
    ),
    views=(
        View(_("Active accounts"), COLUMNS, filter=ACTIVE, order=("name",), default=True, key="active"),
        View(_("My accounts"), COLUMNS, filter=all_of(ACTIVE, MINE), order=("name",), key="mine"),
        View(_("Recently created"), (*COLUMNS, "created_at"), filter=condition("created_at", "last_n_days", 30), key="recent"),
        View(_("Not contacted for 90 days"), ("name", "last_contacted_at", "next_activity_at", "phone", "owner"),
             filter=all_of(ACTIVE, {"or": [condition("last_contacted_at", "empty"), condition("last_contacted_at", "older_than_n_days", 90)]}),
             order=("last_contacted_at",), key="neglected"),
        View(_("Suppliers"), ("name", "relationship_type", "phone", "email", "address1_city", "owner"),
             filter=all_of(ACTIVE, condition("relationship_type", "in", [10, 11, 12])), order=("name",), key="suppliers"),
        View(_("Inactive accounts"), COLUMNS, filter=condition("state", "eq", "inactive"), order=("name",), key="inactive"),
        View(_("All accounts"), (*COLUMNS, "state"), order=("name",), key="all"),
    ),
    derived=BLOCK_DERIVED,
    rules=(
        rules.account_hierarchy, rules.primary_contact_joins_account, rules.address_follows_block,
        rules.addresses_follow_owner, rules.merged_addresses_are_numbered_once, rules.merged_dates_are_joined,
    ),
    actions=(DEACTIVATE_ACCOUNT,),
)  # fmt: skip
