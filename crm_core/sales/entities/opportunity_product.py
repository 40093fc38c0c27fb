"""Opportunity product: the lines (SAL-53)."""

from django.utils.translation import gettext_lazy as _

from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import Form, Section, View
from crm_core.sales import rules
from crm_core.sales.models import OpportunityProduct

COLUMNS = (
    "name",
    "opportunity",
    "product",
    "quantity",
    "price_per_unit",
    "manual_discount",
    "tax",
    "extended_amount",
)

OPPORTUNITY_PRODUCT = declare(
    OpportunityProduct,
    name="opportunity_product",
    plural="opportunity_products",
    label=_("Opportunity product"),
    label_plural=_("Opportunity products"),
    description=_("The products of an opportunity with quantity and price."),
    group="sales",
    icon="tag",
    in_navigation=False,
    color="violet",
    primary="name",
    features=frozenset({"import", "export", "audit", "bulk", "quick_create"}),
    facts=("opportunity", "extended_amount"),
    quick_create=("opportunity", "product", "name", "quantity", "price_per_unit", "manual_discount"),
    form=Form(
        (
            Section(_("Line"), ("opportunity", "product", "name", "sequence", "quantity", "price_per_unit", "base_amount",
                                "manual_discount", "tax", "extended_amount")),
            Section(_("Description"), ("description",), columns=1),
        ),
        header=("opportunity", "product", "quantity", "extended_amount"),
    ),
    views=(View(_("All opportunity products"), COLUMNS, default=True, key="all"),),
    derived={
        "name": ("product",),
        "price_per_unit": ("product.list_price",),
        "base_amount": ("quantity", "price_per_unit"),
        "extended_amount": ("base_amount", "manual_discount", "tax"),
    },
    rules=(
        rules.line_follows_opportunity, rules.line_is_described, rules.line_quantity_and_product,
        rules.line_amounts_are_calculated, rules.opportunity_totals_follow,
    ),
)  # fmt: skip
