"""The page on which an order is paid, and the coupons that may be used on it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from billing.providers.interface import CheckoutState, CouponTerms, Order, Page
from billing.providers.stripe import shapes
from billing.providers.stripe.api import Account, errors, locale_of, once

CHECKOUT_OPEN = timedelta(minutes=31)  # Stripe's least is 30


class Checkouts(Account):
    """Orders on Stripe's page."""

    def create_checkout(self, order: Order, key: str) -> Page:
        expires = timezone.now() + CHECKOUT_OPEN
        about = {"tenant": order.tenant_id, "coupon": order.coupon.code if order.coupon else ""}
        with errors():
            params: dict[str, Any] = {
                "mode": "subscription",
                "customer": order.customer_id,
                "customer_update": {"name": "auto", "address": "auto"},
                "client_reference_id": order.tenant_id,
                "line_items": self.fresh_items(order.lookup_key, order.seats, order.addons),
                "success_url": order.success_url,
                "cancel_url": order.cancel_url,
                "billing_address_collection": "required",
                "tax_id_collection": {"enabled": True},
                "automatic_tax": {"enabled": True},
                "subscription_data": {"metadata": about},
                "metadata": about,
                "locale": locale_of(order.language),
                "expires_at": int(expires.timestamp()),
            }
            if order.coupon is not None:
                params["discounts"] = [{"promotion_code": self.promotion(order.coupon)}]
            else:
                params["allow_promotion_codes"] = True
            session = self.api.checkout.sessions.create(params, once(key))  # type: ignore[arg-type]
        return Page(str(session.id), str(session.url))

    def promotion(self, terms: CouponTerms) -> str:
        """The promotion code of our coupon, made at first use."""
        found = self.api.promotion_codes.list({"code": terms.code, "active": True, "limit": 1}).data
        if found:
            return str(found[0].id)
        params: dict[str, Any] = {
            "name": terms.code,
            "duration": terms.duration,
            "metadata": {"code": terms.code},
        }
        if terms.percent_off is not None:
            params["percent_off"] = Decimal(terms.percent_off)
        else:
            params |= {"amount_off": terms.amount_off_minor, "currency": terms.currency.lower()}
        if terms.duration == "repeating":
            params["duration_in_months"] = terms.months
        if terms.max_redemptions is not None:
            params["max_redemptions"] = terms.max_redemptions
        coupon = self.api.coupons.create(params, once(f"coupon:{terms.code}"))  # type: ignore[arg-type]
        made = self.api.promotion_codes.create(
            {"code": terms.code, "promotion": {"type": "coupon", "coupon": coupon.id}},
            once(f"promotion:{terms.code}"),
        )
        return str(made.id)

    def fetch_checkout(self, checkout_id: str) -> CheckoutState:
        with errors():
            return shapes.checkout(self.api.checkout.sessions.retrieve(checkout_id).to_dict())
