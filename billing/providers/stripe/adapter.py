"""Stripe behind the common interface; every call checked offline against the SDK's typed parameters."""

from __future__ import annotations

import stripe
from django.conf import settings

from billing.providers.interface import BillingProvider, Envelope
from billing.providers.stripe.api import API_VERSION
from billing.providers.stripe.catalogue import Catalogue
from billing.providers.stripe.customers import Customers
from billing.providers.stripe.invoices import Invoices
from billing.providers.stripe.subscriptions import Subscriptions
from billing.webhooks import envelope


class StripeProvider(Customers, Subscriptions, Invoices, Catalogue, BillingProvider):
    """Stripe with Checkout, Customer Portal, Stripe Tax, subscription schedules and meters."""

    name = "stripe"

    def __init__(self, client: stripe.StripeClient, secrets: list[str]) -> None:
        super().__init__(client)
        self.secrets = secrets

    @classmethod
    def from_settings(cls) -> StripeProvider:
        """The account of `STRIPE_SECRET_KEY`."""
        client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY, stripe_version=API_VERSION, max_network_retries=2
        )
        return cls(client, [s.strip() for s in settings.STRIPE_WEBHOOK_SECRET.split(",") if s.strip()])

    def document(self, document_id: str) -> bytes | None:
        """Stripe gives an address instead, kept on the mirror."""
        return None

    def read_event(self, body: bytes) -> Envelope:
        return envelope.read(body)

    def webhook_secrets(self) -> list[str]:
        return self.secrets
