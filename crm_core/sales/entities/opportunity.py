"""Opportunity (SAL-3)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm_core.metadata.cascade import PARENTAL
from crm_core.metadata.conditions import MINE, OPEN, all_of, condition, equals
from crm_core.metadata.declaration import customer_attribute, declare
from crm_core.metadata.entity import RECORD_FEATURES, Board, Form, Section, SummaryTable, View
from crm_core.sales import rules
from crm_core.sales.models import Opportunity, OpportunityRollup
from crm_core.sales.option_lists import OPPORTUNITY_STATES
from crm_core.sales.services.closing import LOSE, REOPEN, WIN

COLUMNS = (
    "topic",
    "customer",
    "stage",
    "estimated_revenue",
    "probability",
    "estimated_close_date",
    "next_activity_at",
    "owner",
)
CLOSED = ("topic", "customer", "actual_revenue", "actual_close_date", "product", "owner")

OPPORTUNITY = declare(
    Opportunity,
    name="opportunity",
    plural="opportunities",
    label=_("Opportunity"),
    label_plural=_("Opportunities"),
    description=_("Chances to sell something, from the first talk to the order."),
    group="sales",
    order=20,
    icon="target",
    color="violet",
    primary="topic",
    states=OPPORTUNITY_STATES,
    features=RECORD_FEATURES | {"kanban"},
    facts=("customer", "estimated_revenue"),
    closed_writable=frozenset({"last_contacted_at", "next_activity_at"}),
    extra=(
        customer_attribute("customer", _("Customer"), account="customer_account", contact="customer_contact",
                           related="opportunities", required=True, on_delete="cascade", cascade=PARENTAL),
    ),
    quick_create=("topic", "customer", "estimated_revenue", "estimated_close_date", "stage", "product"),
    board=Board(
        "stage",
        sum="estimated_revenue",
        weighted="weighted_revenue",
        card=("customer", "estimated_revenue", "estimated_close_date", "owner"),
        filter=OPEN,
        drop=(("win", pgettext_lazy("opportunity", "Won")), ("lose", pgettext_lazy("opportunity", "Lost"))),
    ),
    rollup=SummaryTable(
        OpportunityRollup,
        keys=frozenset({"state", "stage", "owner"}),
        months=frozenset({"estimated_close_date"}),
        sums=("estimated_revenue_base", "weighted_revenue_base"),
    ),
    form=Form(
        (
            Section(_("Opportunity"), ("topic", "opportunity_number", "customer", "contact", "product", "source", "originating_lead",
                                       "competitor")),
            Section(_("Forecast"), ("stage", "probability", "forecast_category", "rating", "revenue_mode", "estimated_revenue",
                                    "currency", "weighted_revenue", "started_on", "estimated_close_date")),
            Section(_("Qualification"), ("need", "budget", "purchase_timeframe", "purchase_process", "purchase_purpose")),
            Section(_("Closing"), ("actual_revenue", "actual_close_date", "close_reason")),
            Section(_("Description"), ("description",), columns=1),
            Section(_("Administration"), ("owner", "status_reason", "stage_entered_at", "external_key", "last_contacted_at",
                                          "next_activity_at")),
        ),
        header=("customer", "estimated_revenue", "estimated_close_date", "probability", "next_activity_at", "owner"),
        path="stage",
        related=("opportunity_products",),
    ),
    views=(
        View(_("Open pipeline"), COLUMNS, filter=OPEN, order=("estimated_close_date",), default=True, key="open"),
        View(_("My open opportunities"), COLUMNS, filter=all_of(OPEN, MINE), order=("estimated_close_date",), key="mine"),
        View(_("Pipeline board"), COLUMNS, filter=OPEN, layout="kanban", board_attribute="stage", key="board"),
        View(_("Closing this month"), COLUMNS, filter=all_of(OPEN, condition("estimated_close_date", "this_month")),
             order=("estimated_close_date",), key="closing"),
        View(_("Overdue"), COLUMNS, filter=all_of(OPEN, condition("estimated_close_date", "older_than_n_days", 0)),
             order=("estimated_close_date",), key="overdue"),
        View(_("Recently created"), (*COLUMNS, "created_at"), filter=condition("created_at", "last_n_days", 30), key="recent"),
        View(_("Won"), CLOSED, filter=equals("state", "won"), order=("-actual_close_date",), key="won"),
        View(_("Lost"), (*CLOSED, "status_reason", "competitor", "close_reason"), filter=equals("state", "lost"),
             order=("-actual_close_date",), key="lost"),
        View(_("All opportunities"), (*COLUMNS, "state"), key="all"),
    ),
    derived={
        "topic": ("opportunity_number", "product"),
        "probability": ("stage",),
        "forecast_category": ("stage",),
        "stage_entered_at": ("stage",),
        "weighted_revenue": ("estimated_revenue", "probability"),
        "estimated_revenue": (
            "revenue_mode", "opportunity_product.extended_amount", "opportunity_product.tax", "actual_revenue",
        ),
        "actual_revenue": ("estimated_revenue",),
    },
    rules=(
        rules.topic_from_what_is_known, rules.probability_from_stage, rules.closed_on_import, rules.revenue_from_lines,
        rules.weighted_revenue, rules.competitor_record_follows,
    ),
    actions=(WIN, LOSE, REOPEN),
)  # fmt: skip
