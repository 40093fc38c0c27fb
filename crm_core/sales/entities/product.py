"""Product (SAL-50)."""

from django.utils.translation import gettext_lazy as _

from crm_core.metadata.conditions import ACTIVE, condition
from crm_core.metadata.declaration import declare
from crm_core.metadata.entity import CATALOGUE_FEATURES, ORGANISATION_OWNED, Form, Section, View
from crm_core.sales.models import Product

COLUMNS = ("name", "product_number", "family", "product_type", "list_price", "supplier")

PRODUCT = declare(
    Product,
    name="product",
    plural="products",
    label=_("Product"),
    label_plural=_("Products"),
    description=_("What you sell: goods, services, charges."),
    group="catalogue",
    icon="package",
    color="teal",
    primary="name",
    ownership=ORGANISATION_OWNED,
    features=CATALOGUE_FEATURES | {"duplicates", "notes", "attachments"},
    duplicates=(("name",),),
    facts=("product_number", "list_price"),
    quick_create=("name", "product_number", "family", "list_price"),
    form=Form(
        (
            Section(_("Product"), ("name", "product_number", "family", "parent_product", "product_type", "supplier", "url",
                                   "status_reason")),
            Section(_("Prices"), ("list_price", "currency", "current_cost", "standard_cost", "decimals_supported", "stock_quantity")),
            Section(_("Properties"), ("weight", "volume", "size", "warranty_months", "service_interval_months", "valid_from",
                                      "valid_to")),
            Section(_("Description"), ("description",), columns=1),
            Section(_("Administration"), ("external_key",)),
        ),
        header=("product_number", "family", "list_price", "product_type"),
        related=("opportunities", "opportunity_products", "child_products"),
    ),
    views=(
        View(_("Active products"), COLUMNS, filter=ACTIVE, order=("name",), default=True, key="active"),
        View(_("Recently created"), (*COLUMNS, "created_at"), filter=condition("created_at", "last_n_days", 30), key="recent"),
        View(_("Retired products"), COLUMNS, filter=condition("state", "eq", "inactive"), order=("name",), key="inactive"),
        View(_("All products"), (*COLUMNS, "state"), order=("name",), key="all"),
    ),
)  # fmt: skip
