"""Opportunity product: one line of an opportunity (SAL-53)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm_core.metadata import fields
from crm_core.metadata.cascade import PARENTAL
from crm_core.metadata.record import OwnedRecord, WithMoney


class OpportunityProduct(WithMoney, OwnedRecord):
    """A product of the catalogue, or a write-in by name, with quantity and price."""

    name = fields.Text(300, label=_("Product name"), searchable=True)
    opportunity = fields.Lookup(
        "sales.Opportunity", target="opportunity", label=_("Opportunity"), related="opportunity_products",
        reverse_label=_("Products"), on_delete="cascade", cascade=PARENTAL, required=True, create_only=True,
    )  # fmt: skip
    product = fields.Lookup("sales.Product", target="product", label=_("Product"), related="opportunity_products",
                            reverse_label=_("Opportunity products"))  # fmt: skip
    sequence = fields.Int(min=0, max=100_000, label=_("Position"))
    quantity = fields.Dec(5, label=_("Quantity"), default="1")
    price_per_unit = fields.Money(label=_("Price per unit"), min=0)
    base_amount = fields.Money(label=_("Amount before discount"), read_only=True, importable=False)
    manual_discount = fields.Money(label=_("Discount"), min=0)
    tax = fields.Money(label=_("Tax"), min=0)
    extended_amount = fields.Money(label=_("Extended amount"), read_only=True, importable=False)
    description = fields.Memo(20_000, label=_("Description"))

    class Meta(OwnedRecord.Meta):
        pass
