"""Product (SAL-50). Unit groups and price lists come with the documents that need them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.record import Record, WithMoney


class Product(WithMoney, Record):
    """Something we sell. Prices and costs are per piece."""

    name = fields.Text(160, label=_("Product name"), required=True, searchable=True)
    product_number = fields.Text(100, label=_("Product number"), searchable=True, unique=True)
    family = fields.Text(
        100, label=_("Product family"), searchable=True, help=_("The series or line the product belongs to.")
    )
    parent_product = fields.Lookup(
        "sales.Product", target="product", label=_("Parent product"), related="child_products",
        reverse_label=_("Child products"), hierarchy=True,
    )  # fmt: skip
    product_type = fields.Pick("product_type", label=_("Type"), default=1)
    supplier = fields.Lookup("customers.Account", target="account", label=_("Supplier"), related="supplied_products",
                             reverse_label=_("Supplied products"))  # fmt: skip
    list_price = fields.Money(label=_("List price"), min=0)
    current_cost = fields.Money(label=_("Current cost"), min=0)
    standard_cost = fields.Money(label=_("Standard cost"), min=0)
    decimals_supported = fields.Int(min=0, max=5, default=0, label=_("Decimals in quantities"))
    stock_quantity = fields.Dec(5, label=_("Quantity in stock"))
    weight = fields.Dec(5, min=0, label=_("Weight (kg)"))
    volume = fields.Dec(5, min=0, label=_("Volume (m³)"))
    size = fields.Text(200, label=_("Size"))
    url = fields.Text(200, format="url", label=_("Web page"))
    warranty_months = fields.Int(min=0, max=1200, label=_("Warranty in months"))
    service_interval_months = fields.Int(min=0, max=1200, label=_("Service interval in months"))
    valid_from = fields.Date(label=_("Valid from"))
    valid_to = fields.Date(label=_("Valid to"))
    description = fields.Memo(100_000, label=_("Description"))

    class Meta(Record.Meta):
        indexes = (
            *Record.Meta.indexes,
            models.Index(Lower("name"), "id", condition=Q(deleted_at=None), name="product_name"),
        )
        constraints = (
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=("product_number",),
                condition=Q(product_number__isnull=False, deleted_at=None),
                name="product_number_unique",
            ),
        )
