"""What all calls to Stripe share: version, errors as ours, idempotency keys, the list of prices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import stripe

from billing.providers.interface import Items, ProviderError

#: Pinned here and on the webhook endpoint, else shapes drift apart (SAAS.md §3.1).
API_VERSION = "2026-10-28.endive"
PAGE = 100
LOCALES = ("de", "en", "sv", "ru", "bg")


@contextmanager
def errors() -> Iterator[None]:
    """Stripe's errors as ours."""
    try:
        yield
    except stripe.CardError as error:
        code = "payment.action_required" if error.code == "authentication_required" else "payment.declined"
        raise ProviderError(code, str(error.code or "")) from error
    except stripe.InvalidRequestError as error:
        missing = error.http_status == 404 or error.code == "resource_missing"
        raise ProviderError("provider.not_found" if missing else "provider.invalid", str(error)) from error
    except stripe.StripeError as error:
        raise ProviderError("provider.unavailable", type(error).__name__) from error


def once(key: str) -> Any:
    """Request options with the idempotency key of an act."""
    return {"idempotency_key": key[:255]}


def locale_of(language: str) -> Any:
    """The language of a page of Stripe; its own choice for one we do not speak."""
    return language if language in LOCALES else "auto"


class Account:
    """One Stripe account: its client and what is known of its prices."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self.api = client.v1
        self._known_prices: dict[str, tuple[str, bool]] = {}

    def price(self, lookup_key: str) -> tuple[str, bool]:
        """Stripe's id of a price, and whether it is charged by usage. Raises ProviderError `provider.not_found`."""
        if lookup_key not in self._known_prices:
            found = self.api.prices.list({"lookup_keys": [lookup_key], "limit": 1}).data
            if not found:
                raise ProviderError("provider.not_found", f"No such price: {lookup_key}")
            recurring = found[0].to_dict().get("recurring") or {}
            self._known_prices[lookup_key] = (str(found[0].id), recurring.get("usage_type") == "metered")
        return self._known_prices[lookup_key]

    def item(self, lookup_key: str, quantity: int) -> dict[str, Any]:
        """An item to be made: what is charged by usage has no quantity."""
        price, metered = self.price(lookup_key)
        return {"price": price} if metered else {"price": price, "quantity": quantity}

    def fresh_items(self, lookup_key: str, seats: int, addons: Items) -> list[dict[str, Any]]:
        """Items of a subscription that is not there yet, or of a phase: the plan's users first."""
        wanted = [(lookup_key, seats), *sorted(addons.items())]
        return [self.item(key, number) for key, number in wanted if number]
