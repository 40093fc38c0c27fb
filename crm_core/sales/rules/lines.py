"""Rules of opportunity lines (SAL-53)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm_core.metadata import registry, workspace
from crm_core.metadata.errors import Conflict, Invalid
from crm_core.metadata.rules import rule
from crm_core.metadata.types.reference import Reference
from crm_core.records.change import Change
from crm_core.records.query import Query
from crm_core.records.service.saving import currencies
from crm_core.sales.arithmetic import CENT, ZERO, decimals_of, line_amounts, rounded
from crm_core.sales.services.totals import refresh_estimate

AMOUNTS = ("quantity", "price_per_unit", "manual_discount", "tax")


def _product(change: Change) -> dict[str, Any] | None:
    reference = change.get("product")
    if reference is None:
        return None
    paths = ["name", "state", "list_price", "currency", "decimals_supported"]
    return Query(registry.get("product"), change.actor.for_rules()).one(reference.id, paths)


@rule(on=("create", "update", "delete"))
def line_follows_opportunity(change: Change) -> None:
    """Lines of a closed opportunity are as closed as it is; a new line has its currency and its owner."""
    if change.options.get("cascaded"):
        return
    opportunity = Query(registry.get("opportunity"), change.actor.for_rules()).instance(
        change.get("opportunity").id
    )
    if opportunity.state != "open" and set(change.changed_names) != {"owner"}:
        raise Conflict("record.read_only", _("The opportunity is closed; reopen it to change its products."), field="opportunity",
                       details={"state": opportunity.state})  # fmt: skip
    if not change.is_create:
        return
    if opportunity.currency:
        change.set("currency", opportunity.currency)
    if opportunity.owner_id and opportunity.owner_id != getattr(change.get("owner"), "id", None):
        change.set("owner", Reference("user", opportunity.owner_id))
        change.set_unit(opportunity.owning_business_unit_id)


@rule(on=("create", "update"), attributes=("product", "name"))
def line_is_described(change: Change) -> None:
    """A line names a product of the catalogue that is still sold, or is written in by name; the list price is proposed."""
    product = _product(change)
    if product is None:
        if not change.get("name"):
            raise Invalid("line.product_or_name", _("A line needs a product or a name."), field="product")
        return
    if product["state"] != "active" and change.changed("product"):
        raise Invalid("product.inactive", _("This product is no longer sold."), field="product")
    if not change.get("name") or (change.changed("product") and not change.changed("name")):
        change.set("name", product["name"])
    priced = product["list_price"] is not None and product["currency"] == change.get("currency")
    if priced and change.changed("product") and not change.changed("price_per_unit"):
        change.set("price_per_unit", Decimal(product["list_price"]))


@rule(on=("create", "update"), attributes=("quantity", "product"))
def line_quantity_and_product(change: Change) -> None:
    """Quantities are positive and no finer than the product allows (SAL-53.2)."""
    quantity = change.get("quantity")
    if quantity is None or quantity <= 0:
        raise Invalid("line.quantity_positive", _("The quantity is more than zero."), field="quantity")
    product = _product(change)
    allowed = product["decimals_supported"] if product else None
    if allowed is not None and decimals_of(quantity) > allowed:
        raise Invalid("line.quantity_decimals", _("This product is sold with at most %(n)s decimals.") % {"n": allowed},
                      field="quantity", details={"decimals": allowed})  # fmt: skip


@rule(on=("create", "update"), attributes=(*AMOUNTS, "product"))
def line_amounts_are_calculated(change: Change) -> None:
    """base = round(quantity × price), extended = base − discount + tax; a discount never exceeds the base."""
    quantity, price, discount, tax = (change.get(name) or ZERO for name in AMOUNTS)
    step = _step(change)
    line = line_amounts(quantity, price, discount, tax, step)
    if not ZERO <= rounded(discount, step) <= line.base:
        raise Invalid("line.discount_range", _("The discount is between zero and the amount of the line."), field="manual_discount",
                      details={"base_amount": str(line.base)})  # fmt: skip
    change.set("base_amount", line.base)
    change.set("extended_amount", line.extended)


def _step(change: Change) -> Decimal:
    """The smallest amount of the line's currency."""
    known = currencies().get(change.get("currency") or workspace.current().currency)
    return Decimal(1).scaleb(-known[1]) if known else CENT


@rule(on=("after_create", "after_update", "after_delete", "after_restore"))
def opportunity_totals_follow(change: Change) -> None:
    """A system calculated estimate is the sum of the lines."""
    if not change.options.get("cascaded"):
        refresh_estimate(change.get("opportunity").id, change.actor)
