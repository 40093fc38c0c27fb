"""Competitor (SAL-30)."""

from django.utils.translation import gettext_lazy as _

from crm_core.metadata.conditions import ACTIVE
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import CATALOGUE_FEATURES, ORGANISATION_OWNED, Form, Section, View
from crm_core.sales.models import Competitor

COLUMNS = ("name", "website", "address1_city", "reported_revenue", "win_percentage")

COMPETITOR = declare(
    Competitor,
    name="competitor",
    plural="competitors",
    label=_("Competitor"),
    label_plural=_("Competitors"),
    description=_("Companies that sell against you, and what you know of them."),
    group="sales",
    order=90,
    icon="flag",
    color="red",
    primary="name",
    ownership=ORGANISATION_OWNED,
    features=CATALOGUE_FEATURES | {"duplicates", "notes", "attachments"},
    duplicates=(("name",), ("website",)),
    facts=("website", "address1_city"),
    quick_create=("name", "website", "key_products"),
    form=Form(
        (
            Section(_("Competitor"), ("name", "website", "ticker", "reported_revenue", "currency", "win_percentage", "status_reason")),
            Section(_("Address"), ("address1_line1", "address1_postal_code", "address1_city", "address1_country")),
            Section(_("Analysis"), ("key_products", "overview", "strengths", "weaknesses", "opportunities", "threats"), columns=1),
            Section(_("Administration"), ("external_key",)),
        ),
        header=("website", "reported_revenue", "win_percentage"),
        related=("opportunities",),
    ),
    derived={"win_percentage": ("opportunity.competitor",)},
    views=(
        View(_("Active competitors"), COLUMNS, filter=ACTIVE, order=("name",), default=True, key="active"),
        View(_("All competitors"), (*COLUMNS, "state"), order=("name",), key="all"),
    ),
)  # fmt: skip
