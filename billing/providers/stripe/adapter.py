"""Stripe behind the common interface; every call checked offline against the SDK's typed parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import stripe
from django.conf import settings
from django.utils import timezone

from billing.providers.interface import (
    BillingProvider,
    CheckoutState,
    CouponTerms,
    CustomerData,
    CustomerState,
    Envelope,
    InvoiceState,
    Items,
    Order,
    Page,
    Preview,
    ProviderError,
    SubscriptionState,
)
from billing.providers.stripe import shapes
from billing.webhooks import envelope

#: Pinned here and on the webhook endpoint, else shapes drift apart (SAAS.md §3.1).
API_VERSION = "2026-10-28.endive"
CHECKOUT_OPEN = timedelta(minutes=31)  # Stripe's least is 30
PAGE = 100


@contextmanager
def _errors() -> Iterator[None]:
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


def _once(key: str) -> Any:
    """Request options with the idempotency key of an act."""
    return {"idempotency_key": key[:255]}


class StripeProvider(BillingProvider):
    """Stripe with Checkout, Customer Portal, Stripe Tax and subscription schedules."""

    name = "stripe"

    def __init__(self, client: stripe.StripeClient, secrets: list[str]) -> None:
        self.api = client.v1
        self.secrets = secrets
        self._prices: dict[str, str] = {}

    @classmethod
    def from_settings(cls) -> StripeProvider:
        """The account of `STRIPE_SECRET_KEY`."""
        client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY, stripe_version=API_VERSION, max_network_retries=2
        )
        return cls(client, [s.strip() for s in settings.STRIPE_WEBHOOK_SECRET.split(",") if s.strip()])

    def ensure_customer(self, data: CustomerData, customer_id: str, key: str) -> str:
        params: dict[str, Any] = {
            "name": data.name,
            "email": data.email,
            "address": {
                "line1": data.street,
                "postal_code": data.postal_code,
                "city": data.city,
                "country": data.country,
            },
            "preferred_locales": [data.language],
            "metadata": {"tenant": data.tenant_id},
        }
        if data.po_number:
            field = {"name": "PO", "value": data.po_number[:140]}
            params["invoice_settings"] = {"custom_fields": [field]}
        with _errors():
            if not customer_id:
                if data.tax_id:
                    params["tax_id_data"] = [{"type": "eu_vat", "value": data.tax_id}]
                return str(self.api.customers.create(params, _once(key)).id)  # type: ignore[arg-type]
            self.api.customers.update(customer_id, params)  # type: ignore[arg-type]
            self._keep_tax_id(customer_id, data.tax_id)
        return customer_id

    def _keep_tax_id(self, customer_id: str, wanted: str) -> None:
        known = self.api.customers.tax_ids.list(customer_id, {"limit": 20}).data
        for row in known:
            if row.type == "eu_vat" and row.value != wanted:
                self.api.customers.tax_ids.delete(customer_id, row.id)
        if wanted and all(row.value != wanted for row in known):
            self.api.customers.tax_ids.create(customer_id, {"type": "eu_vat", "value": wanted})

    def fetch_customer(self, customer_id: str) -> CustomerState:
        with _errors():
            found = self.api.customers.retrieve(customer_id, {"expand": ["tax_ids"]}).to_dict()
            methods = self.api.customers.payment_methods.list(customer_id, {"limit": 20}).to_dict()
        return shapes.customer(found, shapes.rows(methods))

    def create_checkout(self, order: Order, key: str) -> Page:
        expires = timezone.now() + CHECKOUT_OPEN
        about = {"tenant": order.tenant_id, "coupon": order.coupon.code if order.coupon else ""}
        with _errors():
            params: dict[str, Any] = {
                "mode": "subscription",
                "customer": order.customer_id,
                "customer_update": {"name": "auto", "address": "auto"},
                "client_reference_id": order.tenant_id,
                "line_items": self._fresh_items(order.lookup_key, order.seats, order.addons),
                "success_url": order.success_url,
                "cancel_url": order.cancel_url,
                "billing_address_collection": "required",
                "tax_id_collection": {"enabled": True},
                "automatic_tax": {"enabled": True},
                "subscription_data": {"metadata": about},
                "metadata": about,
                "locale": order.language if order.language in ("de", "en", "sv", "ru", "bg") else "auto",
                "expires_at": int(expires.timestamp()),
            }
            if order.coupon is not None:
                params["discounts"] = [{"promotion_code": self._promotion(order.coupon)}]
            else:
                params["allow_promotion_codes"] = True
            session = self.api.checkout.sessions.create(params, _once(key))  # type: ignore[arg-type]
        return Page(str(session.id), str(session.url))

    def _price_id(self, lookup_key: str) -> str:
        if lookup_key not in self._prices:
            found = self.api.prices.list({"lookup_keys": [lookup_key], "limit": 1}).data
            if not found:
                raise ProviderError("provider.not_found", f"No such price: {lookup_key}")
            self._prices[lookup_key] = str(found[0].id)
        return self._prices[lookup_key]

    def _fresh_items(self, lookup_key: str, seats: int, addons: Items) -> list[dict[str, Any]]:
        """Items of a subscription that is not there yet, or of a phase: the plan's users first."""
        wanted = [(lookup_key, seats), *sorted(addons.items())]
        return [{"price": self._price_id(key), "quantity": number} for key, number in wanted if number]

    def _changed_items(
        self, known: dict[str, Any], lookup_key: str, seats: int, addons: Items | None
    ) -> list[dict[str, Any]]:
        """What every item of a subscription becomes; absolute quantities. What is not wanted any more is deleted."""
        item, beside = shapes.items(known)
        changed = [{"id": item["id"], "price": self._price_id(lookup_key), "quantity": seats}]
        if addons is None:
            return changed
        left = {key: quantity for key, quantity in addons.items() if quantity}
        for row in beside:
            quantity = left.pop(str(row["price"]["lookup_key"]), 0)
            changed.append(
                {"id": row["id"], "quantity": quantity} if quantity else {"id": row["id"], "deleted": True}
            )
        return changed + [{"price": self._price_id(k), "quantity": n} for k, n in sorted(left.items())]

    def _promotion(self, terms: CouponTerms) -> str:
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
        coupon = self.api.coupons.create(params, _once(f"coupon:{terms.code}"))  # type: ignore[arg-type]
        made = self.api.promotion_codes.create(
            {"code": terms.code, "promotion": {"type": "coupon", "coupon": coupon.id}},
            _once(f"promotion:{terms.code}"),
        )
        return str(made.id)

    def fetch_checkout(self, checkout_id: str) -> CheckoutState:
        with _errors():
            return shapes.checkout(self.api.checkout.sessions.retrieve(checkout_id).to_dict())

    def create_portal(self, customer_id: str, return_url: str, language: str) -> Page:
        locale: Any = language if language in ("de", "en", "sv", "ru", "bg") else "auto"
        with _errors():
            session = self.api.billing_portal.sessions.create(
                {"customer": customer_id, "return_url": return_url, "locale": locale}
            )
        return Page(str(session.id), str(session.url))

    def fetch_subscription(self, subscription_id: str) -> SubscriptionState:
        with _errors():
            return shapes.subscription(self._subscription(subscription_id))

    def _subscription(self, subscription_id: str) -> dict[str, Any]:
        return self.api.subscriptions.retrieve(subscription_id, {"expand": ["schedule"]}).to_dict()

    def subscriptions_of(self, customer_id: str) -> list[SubscriptionState]:
        with _errors():
            listed = self.api.subscriptions.list(
                {"customer": customer_id, "status": "all", "limit": PAGE, "expand": ["data.schedule"]}
            )
            return [shapes.subscription(row.to_dict()) for row in listed.auto_paging_iter()]

    def change_now(
        self, subscription_id: str, lookup_key: str, seats: int, key: str, addons: Items | None = None
    ) -> SubscriptionState:
        with _errors():
            known = self._subscription(subscription_id)
            self._release(known)
            params: dict[str, Any] = {
                "items": self._changed_items(known, lookup_key, seats, addons),
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
            }
            self.api.subscriptions.update(subscription_id, params, _once(key))  # type: ignore[arg-type]
        return self.fetch_subscription(subscription_id)

    def _release(self, known: dict[str, Any]) -> None:
        schedule = shapes.reference(known.get("schedule"))
        if schedule:
            self.api.subscription_schedules.release(schedule)

    def change_at_renewal(
        self, subscription_id: str, lookup_key: str, seats: int, key: str, addons: Items | None = None
    ) -> SubscriptionState:
        with _errors():
            known = self._subscription(subscription_id)
            self._release(known)
            item, _beside = shapes.items(known)
            today = shapes.subscription({**known, "schedule": None})
            wanted = {k: n for k, n in (today.addons if addons is None else addons).items() if n}
            if (lookup_key, seats, wanted) != (today.lookup_key, today.seats, today.addons):
                made = self.api.subscription_schedules.create(
                    {"from_subscription": subscription_id}, _once(f"{key}:schedule")
                )
                current = [
                    {"price": row["price"]["id"], "quantity": row["quantity"]}
                    for row in shapes.rows(known["items"])
                ]
                following = self._fresh_items(lookup_key, seats, wanted)
                phase = {"start_date": item["current_period_start"], "end_date": item["current_period_end"]}
                params: dict[str, Any] = {
                    "end_behavior": "release",
                    "metadata": {"lookup_key": lookup_key, "addons": shapes.written_addons(wanted)},
                    "proration_behavior": "none",
                    "phases": [
                        {**phase, "items": current},
                        {
                            "items": following,
                            "duration": {"interval": _interval(lookup_key), "interval_count": 1},
                        },
                    ],
                }
                self.api.subscription_schedules.update(made.id, params, _once(f"{key}:phases"))  # type: ignore[arg-type]
        return self.fetch_subscription(subscription_id)

    def preview(
        self,
        subscription_id: str,
        lookup_key: str,
        seats: int,
        *,
        at_renewal: bool,
        addons: Items | None = None,
    ) -> Preview:
        with _errors():
            wanted = self._changed_items(self._subscription(subscription_id), lookup_key, seats, addons)
            how: Any = "none" if at_renewal else "always_invoice"
            params: dict[str, Any] = {
                "subscription": subscription_id,
                "subscription_details": {"items": wanted, "proration_behavior": how},
            }
            found = self.api.invoices.create_preview(params)  # type: ignore[arg-type]
            return shapes.preview(found.to_dict())

    def preview_order(
        self,
        customer: CustomerData,
        lookup_key: str,
        seats: int,
        coupon: CouponTerms | None,
        addons: Items | None = None,
    ) -> Preview:
        details: dict[str, Any] = {
            "address": {
                "line1": customer.street,
                "postal_code": customer.postal_code,
                "city": customer.city,
                "country": customer.country,
            }
        }
        if customer.tax_id:
            details["tax_ids"] = [{"type": "eu_vat", "value": customer.tax_id}]
        with _errors():
            params: dict[str, Any] = {
                "customer_details": details,
                "automatic_tax": {"enabled": True},
                "subscription_details": {"items": self._fresh_items(lookup_key, seats, addons or {})},
            }
            if coupon is not None:
                params["discounts"] = [{"promotion_code": self._promotion(coupon)}]
            return shapes.preview(self.api.invoices.create_preview(params).to_dict())  # type: ignore[arg-type]

    def cancel(self, subscription_id: str, *, at_once: bool, reason: str, key: str) -> SubscriptionState:
        details = {"comment": reason[:500]}
        with _errors():
            self._release(self._subscription(subscription_id))
            if at_once:
                end: dict[str, Any] = {"cancellation_details": details}
                self.api.subscriptions.cancel(subscription_id, end, _once(key))  # type: ignore[arg-type]
            else:
                params: dict[str, Any] = {"cancel_at_period_end": True, "cancellation_details": details}
                self.api.subscriptions.update(subscription_id, params, _once(key))  # type: ignore[arg-type]
        return self.fetch_subscription(subscription_id)

    def resume(self, subscription_id: str, key: str) -> SubscriptionState:
        with _errors():
            self.api.subscriptions.update(subscription_id, {"cancel_at_period_end": False}, _once(key))
        return self.fetch_subscription(subscription_id)

    def fetch_invoice(self, invoice_id: str) -> InvoiceState:
        with _errors():
            found = self.api.invoices.retrieve(
                invoice_id, {"expand": ["payments.data.payment.payment_intent"]}
            )
            return self._invoice(found.to_dict())

    def _invoice(self, thing: dict[str, Any]) -> InvoiceState:
        credits: list[Any] = []
        if thing.get("post_payment_credit_notes_amount") or thing.get("pre_payment_credit_notes_amount"):
            listed = self.api.credit_notes.list({"invoice": thing["id"], "limit": PAGE})
            credits = shapes.rows(listed.to_dict())
        return shapes.invoice(thing, credits, timezone.now())

    def invoices_of(self, customer_id: str) -> list[InvoiceState]:
        with _errors():
            listed = self.api.invoices.list(
                {"customer": customer_id, "limit": PAGE, "expand": ["data.payments"]}
            )
            found = [row.to_dict() for row in listed.auto_paging_iter()]
            return [self._invoice(row) for row in found if row.get("number")]

    def book_payment(self, invoice_id: str, amount_minor: int, reference: str, key: str) -> InvoiceState:
        """Stripe knows "paid outside" for the whole invoice only; a part is refused."""
        with _errors():
            known = self.api.invoices.retrieve(invoice_id)
            if known.status == "open":
                if amount_minor != known.amount_remaining:
                    raise ProviderError("provider.invalid", "Only the whole amount can be booked.")
                self.api.invoices.update(invoice_id, {"metadata": {"bank_reference": reference[:200]}})
                self.api.invoices.pay(invoice_id, {"paid_out_of_band": True}, _once(key))
        return self.fetch_invoice(invoice_id)

    def retry_payment(self, invoice_id: str, key: str) -> InvoiceState:
        with _errors():
            self.api.invoices.pay(invoice_id, {}, _once(key))
        return self.fetch_invoice(invoice_id)

    def credit(self, invoice_id: str, total_minor: int, reason: str, key: str) -> InvoiceState:
        with _errors():
            params: dict[str, Any] = {"invoice": invoice_id, "amount": total_minor, "memo": reason[:500]}
            if self.api.invoices.retrieve(invoice_id).status == "paid":
                params["refund_amount"] = total_minor
            self.api.credit_notes.create(params, _once(key))  # type: ignore[arg-type]
        return self.fetch_invoice(invoice_id)

    def document(self, document_id: str) -> bytes | None:
        """Stripe gives an address instead, kept on the mirror."""
        return None

    def report_usage(self, customer_id: str, meter: str, value: int, at: datetime, key: str) -> None:
        with _errors():
            self.api.billing.meter_events.create(
                {
                    "event_name": meter,
                    "payload": {"stripe_customer_id": customer_id, "value": str(value)},
                    "timestamp": int(at.astimezone(UTC).timestamp()),
                    "identifier": key[:100],
                }
            )

    def sync_catalogue(self, prices: Iterable[Any]) -> int:
        made = 0
        with _errors():
            for price in prices:
                if self.api.prices.list({"lookup_keys": [price.lookup_key], "limit": 1}).data:
                    continue
                self.api.prices.create(
                    {
                        "currency": price.currency.lower(),
                        "unit_amount": price.amount_minor,
                        "recurring": {"interval": price.interval},
                        "lookup_key": price.lookup_key,
                        "tax_behavior": "exclusive",
                        "product_data": {"name": price.version.text("name", "en")},
                        "metadata": {"kind": price.version.plan.kind},
                    },
                    _once(f"price:{price.lookup_key}"),
                )
                made += 1
        return made

    def read_event(self, body: bytes) -> Envelope:
        return envelope.read(body)

    def webhook_secrets(self) -> list[str]:
        return self.secrets


def _interval(lookup_key: str) -> str:
    return "year" if lookup_key.rsplit("_", 2)[-2] == "year" else "month"
