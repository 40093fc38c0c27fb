"""Lead (CUS-4, SAL-1)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.customers import rules
from crm_core.customers.entities.account import ADDRESS, PREFERENCES
from crm_core.customers.models import Lead
from crm_core.customers.services.addresses import BLOCK_DERIVED
from crm_core.customers.services.lead_actions import DISQUALIFY, QUALIFY, REACTIVATE
from crm_core.customers.states import LEAD_STATES
from crm_core.metadata.conditions import MINE, OPEN, all_of, condition, equals
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import RECORD_FEATURES, Board, Form, Section, View

COLUMNS = (
    "topic",
    "full_name",
    "company_name",
    "rating",
    "status_reason",
    "source",
    "email",
    "owner",
    "created_at",
)

LEAD = declare(
    Lead,
    name="lead",
    plural="leads",
    label=_("Lead"),
    label_plural=_("Leads"),
    description=_("Prospects that are not qualified yet."),
    group="sales",
    order=10,
    icon="user-plus",
    color="orange",
    primary="topic",
    states=LEAD_STATES,
    features=RECORD_FEATURES | {"duplicates", "kanban"},
    merge=True,
    person=frozenset(),
    duplicates=(("email",),),
    duplicates_elsewhere=(("contact", (("email", "email"),)),),
    facts=("company_name", "full_name"),
    closed_writable=frozenset({"last_contacted_at", "next_activity_at"}),
    quick_create=("topic", "first_name", "last_name", "company_name", "email", "business_phone", "source", "rating"),
    board=Board(
        "rating",
        sum="estimated_value",
        card=("company_name", "full_name", "estimated_value", "owner"),
        filter=OPEN,
        drop=(("qualify", pgettext_lazy("action", "Qualify")), ("disqualify", pgettext_lazy("action", "Disqualify"))),
    ),
    form=Form(
        (
            Section(_("Lead"), ("topic", "status_reason", "rating", "score", "source", "estimated_value", "currency", "budget",
                                "purchase_timeframe", "owner")),
            Section(_("Person"), ("salutation", "first_name", "last_name", "job_title", "email", "business_phone", "mobile_phone",
                                  "home_phone", "fax")),
            Section(_("Company"), ("company_name", "website", "industry", "annual_revenue", "number_of_employees")),
            Section(_("Address"), ADDRESS),
            Section(_("Contact preferences"), PREFERENCES),
            Section(_("Description"), ("description",), columns=1),
            Section(_("Origin"), ("utm_source", "utm_medium", "utm_campaign", "external_key", "qualified_at", "last_contacted_at",
                                  "next_activity_at")),
        ),
        header=("company_name", "full_name", "rating", "estimated_value", "last_contacted_at", "next_activity_at", "owner"),
        path="status_reason",
        related=("accounts", "contacts", "opportunities", "addresses", "marketing_lists"),
    ),
    views=(
        View(_("Open leads"), COLUMNS, filter=OPEN, default=True, key="open"),
        View(_("My open leads"), COLUMNS, filter=all_of(OPEN, MINE), key="mine"),
        View(_("Open leads by rating"), COLUMNS, filter=OPEN, order=("rating", "-created_at"), key="rating"),
        View(_("Board by rating"), COLUMNS, filter=OPEN, layout="kanban", board_attribute="rating", key="board"),
        View(_("Hot leads"), COLUMNS, filter=all_of(OPEN, equals("rating", 1)), key="hot"),
        View(_("Recently created"), COLUMNS, filter=condition("created_at", "last_n_days", 30), key="recent"),
        View(_("Qualified leads"), (*COLUMNS, "qualified_at"), filter=equals("state", "qualified"), key="qualified"),
        View(_("Disqualified leads"), COLUMNS, filter=equals("state", "disqualified"), key="disqualified"),
        View(_("All leads"), (*COLUMNS, "state"), key="all"),
    ),
    derived={"full_name": ("first_name", "last_name"), "rating": ("score",), **BLOCK_DERIVED},
    rules=(
        rules.lead_needs_a_name, rules.full_name_from_parts, rules.rating_from_score,
        rules.address_follows_block, rules.addresses_follow_owner, rules.merged_addresses_are_numbered_once,
        rules.merged_dates_are_joined,
    ),
    actions=(QUALIFY, DISQUALIFY, REACTIVATE),
)  # fmt: skip
