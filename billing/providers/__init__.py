"""Who takes the money: one interface, two adapters; which one is in use is decided by settings alone."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from billing.providers.interface import BillingProvider


@cache
def provider_named(name: str) -> BillingProvider:
    """The adapter `builtin` or `stripe`. Raises KeyError for another name."""
    if name == "builtin":
        from billing.providers.builtin.adapter import BuiltinProvider

        return BuiltinProvider()
    if name == "stripe":
        from billing.providers.stripe.adapter import StripeProvider

        return StripeProvider.from_settings()
    raise KeyError(name)


def provider() -> BillingProvider:
    """The adapter new customers are made with."""
    return provider_named(settings.KONTOR_BILLING_PROVIDER)
