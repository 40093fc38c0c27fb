"""What a payment provider does for us, and what we read from it (ARCHITECTURE.md §7).

Every money-moving call takes an idempotency key: the same key means the same act and gives the same answer.
Quantities are absolute. What comes back are plain values; mirrors are written by `billing.services.projection` only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

#: Add-ons of a subscription: lookup key → how many.
Items = Mapping[str, int]


class ProviderError(Exception):
    """The provider refused. `code` is stable: `payment.declined`, `payment.action_required`,
    `provider.not_found`, `provider.unavailable`, `provider.invalid`, `coupon.invalid`."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message or code


@dataclass(frozen=True)
class CustomerData:
    """Who is billed."""

    tenant_id: str
    name: str
    email: str
    country: str
    street: str = ""
    postal_code: str = ""
    city: str = ""
    tax_id: str = ""
    po_number: str = ""
    language: str = "en"
    #: Whether the tax id may be relied on, and when the EU's service last confirmed it.
    tax_id_valid: bool = True
    tax_id_verified_at: datetime | None = None


@dataclass(frozen=True)
class CouponTerms:
    """A coupon as the provider has to apply it."""

    code: str
    percent_off: Decimal | None = None
    amount_off_minor: int | None = None
    currency: str = ""
    duration: str = "once"
    months: int | None = None
    #: How many customers can use it; None: any number.
    max_redemptions: int | None = None


@dataclass(frozen=True)
class Order:
    """A subscription to be bought on the provider's page."""

    tenant_id: str
    customer_id: str
    lookup_key: str
    seats: int
    success_url: str
    cancel_url: str
    coupon: CouponTerms | None = None
    language: str = "en"
    addons: Items = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page of the provider to send somebody to."""

    id: str
    url: str


@dataclass(frozen=True)
class CheckoutState:
    """`open`, `complete` or `expired`, and what it led to."""

    id: str
    status: str
    tenant_id: str
    customer_id: str
    subscription_id: str = ""


@dataclass(frozen=True)
class SubscriptionState:
    """A subscription as the provider has it. `status`: incomplete, active, past_due, unpaid, ended."""

    id: str
    customer_id: str
    status: str
    collection: str
    lookup_key: str
    seats: int
    period_start: datetime
    period_end: datetime
    started_at: datetime
    next_seats: int | None = None
    next_lookup_key: str = ""
    cancel_at: datetime | None = None
    cancel_reason: str = ""
    ended_at: datetime | None = None
    coupon_code: str = ""
    addons: Items = field(default_factory=dict)
    next_addons: Items | None = None


@dataclass(frozen=True)
class LineState:
    """A line of an invoice, net."""

    text: str
    quantity: int
    unit_minor: int
    net_minor: int
    period_start: datetime | None = None
    period_end: datetime | None = None
    is_proration: bool = False


@dataclass(frozen=True)
class PaymentState:
    """A payment or an attempt. `status`: processing, succeeded, failed, refunded."""

    id: str
    status: str
    amount_minor: int
    kind: str
    at: datetime
    reference: str = ""


@dataclass(frozen=True)
class CreditState:
    """A credit note."""

    id: str
    number: str
    net_minor: int
    tax_minor: int
    total_minor: int
    reason: str
    issued_at: datetime
    document_url: str = ""


@dataclass(frozen=True)
class InvoiceState:
    """An invoice as the provider has it; `status`: draft, open, paid, uncollectible, void."""

    id: str
    customer_id: str
    subscription_id: str
    number: str
    status: str
    reason: str
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int
    tax_rate: Decimal = Decimal(0)
    tax_treatment: str = "standard"
    issued_at: datetime | None = None
    due_at: datetime | None = None
    paid_at: datetime | None = None
    failed_at: datetime | None = None
    attempts: int = 0
    next_attempt_at: datetime | None = None
    document_url: str = ""
    #: The buyer as printed.
    buyer_name: str = ""
    buyer_country: str = ""
    buyer_tax_id: str = ""
    lines: tuple[LineState, ...] = ()
    payments: tuple[PaymentState, ...] = ()
    credits: tuple[CreditState, ...] = ()


@dataclass(frozen=True)
class DisputeState:
    """A payment the customer's bank takes back on his word. `status`: open, won (it stays with us), lost."""

    id: str
    customer_id: str
    invoice_id: str
    status: str
    currency: str
    amount_minor: int
    reason: str
    opened_at: datetime
    closed_at: datetime | None = None
    #: Until when the bank takes an answer.
    answer_by: datetime | None = None


@dataclass(frozen=True)
class MethodState:
    """A payment method: what may be shown of it."""

    id: str
    kind: str
    brand: str = ""
    last4: str = ""
    exp_month: int | None = None
    exp_year: int | None = None
    is_default: bool = False


@dataclass(frozen=True)
class CustomerState:
    """What people changed on the provider's own pages."""

    id: str
    data: CustomerData
    methods: tuple[MethodState, ...] = ()
    #: `verified`, `unverified` or `invalid` when the provider asks the EU's service itself; empty when we do.
    tax_id_state: str = ""


@dataclass(frozen=True)
class Preview:
    """An invoice that would be written: due now (proration) and at the next renewal. Minor units."""

    currency: str
    lines: tuple[LineState, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    tax_rate: Decimal
    tax_treatment: str
    #: What goes back by credit notes of its own, below zero: it was taxed otherwise than a sale is now.
    credits: tuple[Preview, ...] = ()


@dataclass(frozen=True)
class Envelope:
    """A verified webhook: what happened to which object. A hint only; the object is fetched (SAAS.md §0.9)."""

    id: str
    type: str
    created_at: datetime
    object_type: str
    object_id: str
    customer_id: str
    tenant_id: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


class BillingProvider(ABC):
    """A payment provider. All methods raise ProviderError."""

    name: str

    @abstractmethod
    def ensure_customer(self, data: CustomerData, customer_id: str, key: str) -> str:
        """Make the customer, or bring him up to date when `customer_id` is given. Returns his id."""

    @abstractmethod
    def forget_customer(self, customer_id: str) -> None:
        """Erase how to reach and charge a customer whose workspace is destroyed. Invoices stay as they are printed;
        safe to repeat."""

    @abstractmethod
    def fetch_customer(self, customer_id: str) -> CustomerState:
        """Name, address, tax id and payment methods as they are now."""

    @abstractmethod
    def create_checkout(self, order: Order, key: str) -> Page:
        """A page on which the order is paid; open for 30 minutes."""

    @abstractmethod
    def fetch_checkout(self, checkout_id: str) -> CheckoutState:
        """What became of a checkout."""

    @abstractmethod
    def create_portal(self, customer_id: str, return_url: str, language: str) -> Page:
        """A page on which payment method, address and tax id are changed."""

    @abstractmethod
    def fetch_subscription(self, subscription_id: str) -> SubscriptionState:
        """A subscription as it is now."""

    @abstractmethod
    def subscriptions_of(self, customer_id: str) -> list[SubscriptionState]:
        """All subscriptions of a customer, ended ones too."""

    @abstractmethod
    def change_now(
        self, subscription_id: str, lookup_key: str, seats: int, key: str, addons: Items | None = None
    ) -> SubscriptionState:
        """Another price, more seats or more add-ons at once; the difference for the rest of the period is invoiced.

        `addons` are all there shall be, of the interval of `lookup_key`; None leaves them. What was planned for the
        renewal is forgotten.
        """

    @abstractmethod
    def change_at_renewal(
        self, subscription_id: str, lookup_key: str, seats: int, key: str, addons: Items | None = None
    ) -> SubscriptionState:
        """Another price, fewer seats or fewer add-ons from the next period on; naming today's terms takes a plan back.

        `addons` are all there shall be then; None: those of today.
        """

    @abstractmethod
    def preview(
        self,
        subscription_id: str,
        lookup_key: str,
        seats: int,
        *,
        at_renewal: bool,
        addons: Items | None = None,
        begun_now: bool = False,
    ) -> Preview:
        """What `change_now` would invoice, or the next renewal with these terms; `begun_now`: with a first period that
        begins at once where the interval is another. Writes nothing."""

    @abstractmethod
    def preview_order(
        self,
        customer: CustomerData,
        lookup_key: str,
        seats: int,
        coupon: CouponTerms | None,
        addons: Items | None = None,
    ) -> Preview:
        """What the first invoice of an order would be. Writes nothing."""

    @abstractmethod
    def cancel(self, subscription_id: str, *, at_once: bool, reason: str, key: str) -> SubscriptionState:
        """End it with the period, or at once."""

    @abstractmethod
    def resume(self, subscription_id: str, key: str) -> SubscriptionState:
        """Take back a cancellation to the end of the period."""

    @abstractmethod
    def fetch_invoice(self, invoice_id: str) -> InvoiceState:
        """An invoice with lines, payments and credits as it is now."""

    @abstractmethod
    def invoices_of(self, customer_id: str) -> list[InvoiceState]:
        """All numbered invoices of a customer."""

    @abstractmethod
    def disputes_of(self, customer_id: str) -> list[DisputeState]:
        """All disputes of a customer's payments."""

    @abstractmethod
    def customer_of(self, charge_id: str) -> str:
        """Whose charge it is: events about disputes and refunds do not say."""

    @abstractmethod
    def book_payment(
        self, invoice_id: str, amount_minor: int, reference: str, key: str, *, surplus: bool = False
    ) -> InvoiceState:
        """Note a payment that arrived outside (bank transfer). With `surplus` it may be more than is owed, also on an
        invoice that is paid: the rest stays in the customer's favour until `book_refund`."""

    @abstractmethod
    def retry_payment(self, invoice_id: str, key: str) -> InvoiceState:
        """Charge the default payment method now."""

    @abstractmethod
    def credit(self, invoice_id: str, total_minor: int, reason: str, key: str) -> InvoiceState:
        """Write a credit note over `total_minor` including tax. What was paid too much then goes back the way it came;
        a transfer's is paid out by hand, see `book_refund`."""

    @abstractmethod
    def book_refund(self, invoice_id: str, amount_minor: int, reference: str, key: str) -> InvoiceState:
        """Note that a credit was paid back by bank transfer."""

    @abstractmethod
    def document(self, document_id: str) -> bytes | None:
        """The PDF of an invoice or credit note, or None when the provider gives an address instead."""

    @abstractmethod
    def report_usage(self, customer_id: str, meter: str, value: int, at: datetime, key: str) -> None:
        """Add a quantity to a meter; the same `key` counts once. It is charged with the period `at` lies in."""

    @abstractmethod
    def sync_catalogue(self, prices: Iterable[Any]) -> int:
        """Make sure every PlanPrice can be bought by its lookup key. Returns how many were made."""

    @abstractmethod
    def read_event(self, body: bytes) -> Envelope:
        """The envelope in a webhook body whose signature was checked. Raises ProviderError `provider.invalid`."""

    @abstractmethod
    def webhook_secrets(self) -> list[str]:
        """Secrets accepted at the moment: the current one and, while rotating, the one before."""
