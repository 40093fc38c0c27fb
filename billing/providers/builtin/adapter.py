"""The built-in provider behind the common interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction

from billing.providers.builtin import (
    changing,
    clock,
    collecting,
    contracts,
    document,
    invoicing,
    metering,
    states,
)
from billing.providers.builtin.events import emit
from billing.providers.builtin.models import (
    Checkout,
    Coupon,
    CreditNote,
    Customer,
    Deed,
    Dispute,
    Invoice,
    Payment,
    PortalVisit,
    Price,
    Subscription,
    new_id,
)
from billing.providers.interface import (
    BillingProvider,
    CheckoutState,
    CouponTerms,
    CustomerData,
    CustomerState,
    DisputeState,
    Envelope,
    InvoiceState,
    Items,
    Order,
    Page,
    Preview,
    ProviderError,
    SubscriptionState,
)
from billing.webhooks import envelope
from tenants.addresses import public_url

CHECKOUT_OPEN = timedelta(minutes=30)
PORTAL_OPEN = timedelta(hours=1)
Row = TypeVar("Row", Subscription, Invoice, Customer, Checkout, Payment)


def _find(model: type[Row], pk: str, *, lock: bool = False) -> Row:
    rows = model._default_manager.all()
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first()
    if found is None:
        raise ProviderError("provider.not_found", f"No such {model.__name__.lower()}: {pk[:60]}")
    return found


def _price(lookup_key: str) -> Price:
    found = Price.objects.filter(pk=lookup_key).first()
    if found is None:
        raise ProviderError("provider.not_found", f"No such price: {lookup_key[:60]}")
    return found


def _once(key: str, object_id: str, act: Callable[[], None]) -> None:
    """Run `act` unless the key was used before; a second copy running at once waits for the first."""
    with transaction.atomic():
        row, fresh = Deed.objects.get_or_create(
            key=key[:200], defaults={"object_id": object_id, "done_at": clock.now()}
        )
        if fresh:
            act()
        elif row.object_id != object_id:
            raise ProviderError("provider.invalid", "This key was used for something else.")


class BuiltinProvider(BillingProvider):
    """See `billing.providers.builtin`."""

    name = "builtin"

    def ensure_customer(self, data: CustomerData, customer_id: str, key: str) -> str:
        values = {
            "tenant_ref": data.tenant_id,
            **{name: getattr(data, name) for name in ("name", "email", "country", "street", "postal_code")},
            **{name: getattr(data, name) for name in ("city", "tax_id", "po_number", "language")},
            **{name: getattr(data, name) for name in ("tax_id_valid", "tax_id_verified_at")},
        }
        if not customer_id:
            customer_id = (
                Customer.objects.filter(tenant_ref=data.tenant_id).values_list("pk", flat=True).first() or ""
            )
        if not customer_id:
            return Customer.objects.create(id=new_id("cus"), created_at=clock.now(), **values).pk
        row = _find(Customer, customer_id, lock=True)
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
            emit("customer.updated", row)
        return row.pk

    def forget_customer(self, customer_id: str) -> None:
        with transaction.atomic():
            row = _find(Customer, customer_id, lock=True)
            row.email = row.street = row.postal_code = row.city = row.po_number = ""
            row.save()
            row.methods.all().delete()
            row.checkouts.all().delete()
            PortalVisit.objects.filter(customer=row).delete()

    def fetch_customer(self, customer_id: str) -> CustomerState:
        return states.customer(_find(Customer, customer_id))

    def create_checkout(self, order: Order, key: str) -> Page:
        customer = _find(Customer, order.customer_id)
        if order.coupon is not None:
            Coupon.objects.update_or_create(
                code=order.coupon.code, defaults={"max_redemptions": order.coupon.max_redemptions}
            )
        checkout = Checkout.objects.create(
            id=new_id("cs"),
            customer=customer,
            price=_price(order.lookup_key),
            seats=order.seats,
            addons=_addons(order.addons, order.lookup_key),
            coupon=_coupon(order.coupon),
            success_url=order.success_url,
            cancel_url=order.cancel_url,
            language=order.language,
            expires_at=clock.now() + CHECKOUT_OPEN,
        )
        return Page(checkout.pk, public_url(f"/billing/checkout/{checkout.pk}/"))

    def fetch_checkout(self, checkout_id: str) -> CheckoutState:
        row = _find(Checkout, checkout_id)
        return CheckoutState(
            row.pk, row.status, row.customer.tenant_ref, row.customer_id, row.subscription_id or ""
        )

    def create_portal(self, customer_id: str, return_url: str, language: str) -> Page:
        customer = _find(Customer, customer_id)
        visit = PortalVisit.objects.create(
            id=new_id("ps"),
            customer=customer,
            return_url=return_url,
            language=language,
            expires_at=clock.now() + PORTAL_OPEN,
        )
        return Page(visit.pk, public_url(f"/billing/portal/{visit.pk}/"))

    def fetch_subscription(self, subscription_id: str) -> SubscriptionState:
        return states.subscription(_find(Subscription, subscription_id))

    def subscriptions_of(self, customer_id: str) -> list[SubscriptionState]:
        return [states.subscription(row) for row in Subscription.objects.filter(customer_id=customer_id)]

    def change_now(
        self, subscription_id: str, lookup_key: str, seats: int, key: str, addons: Items | None = None
    ) -> SubscriptionState:
        price = _price(lookup_key)

        def act() -> None:
            row = _find(Subscription, subscription_id, lock=True)
            changing.change_now(row, price, seats, clock.now(), addons)

        try:
            _once(key, subscription_id, act)
        except collecting.Declined as error:
            raise ProviderError("payment.declined", error.code) from error
        return self.fetch_subscription(subscription_id)

    def change_at_renewal(
        self, subscription_id: str, lookup_key: str, seats: int, key: str, addons: Items | None = None
    ) -> SubscriptionState:
        price = _price(lookup_key)

        def act() -> None:
            contracts.plan_renewal(_find(Subscription, subscription_id, lock=True), price, seats, addons)

        _once(key, subscription_id, act)
        return self.fetch_subscription(subscription_id)

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
        row, price = _find(Subscription, subscription_id), _price(lookup_key)
        if at_renewal:
            fresh = begun_now and price.interval != row.price.interval
            start, lines = contracts.renewal_lines(row, price, seats, addons, clock.now() if fresh else None)
            offs = invoicing.whole_period(invoicing.still_discounted(row, start, price.interval), lines)
        else:
            found = changing.work_out(row, price, seats, clock.now(), addons)
            return states.preview(found.due, price.currency, found.credits)
        return states.preview(invoicing.sum_up(row.customer, price, lines, offs), price.currency)

    def preview_order(
        self,
        customer: CustomerData,
        lookup_key: str,
        seats: int,
        coupon: CouponTerms | None,
        addons: Items | None = None,
    ) -> Preview:
        price, at = _price(lookup_key), clock.now()
        names = ("name", "email", "country", "tax_id", "language", "tax_id_valid")
        buyer = Customer(**{name: getattr(customer, name) for name in names})
        lines = contracts.first_lines(price, seats, addons or {}, at)
        offs = invoicing.whole_period(invoicing.first_discount(_coupon(coupon), price.interval), lines)
        total = invoicing.sum_up(buyer, price, lines, offs)
        return states.preview(total, price.currency)

    def cancel(self, subscription_id: str, *, at_once: bool, reason: str, key: str) -> SubscriptionState:
        with transaction.atomic():
            row = _find(Subscription, subscription_id, lock=True)
            if row.status != "ended":
                row.cancel_reason = reason[:500]
                if at_once:
                    contracts.end(row, clock.now())
                else:
                    row.cancel_at = row.period_end
                    row.save(update_fields=["cancel_at", "cancel_reason"])
                    emit("customer.subscription.updated", row)
        return self.fetch_subscription(subscription_id)

    def resume(self, subscription_id: str, key: str) -> SubscriptionState:
        with transaction.atomic():
            row = _find(Subscription, subscription_id, lock=True)
            if row.status == "ended":
                raise ProviderError("provider.invalid", "The subscription has ended.")
            if row.cancel_at is not None:
                row.cancel_at, row.cancel_reason = None, ""
                row.save(update_fields=["cancel_at", "cancel_reason"])
                emit("customer.subscription.updated", row)
        return self.fetch_subscription(subscription_id)

    def fetch_invoice(self, invoice_id: str) -> InvoiceState:
        return states.invoice(_find(Invoice, invoice_id))

    def invoices_of(self, customer_id: str) -> list[InvoiceState]:
        rows = Invoice.objects.filter(customer_id=customer_id).prefetch_related("payments", "credits")
        return [states.invoice(row) for row in rows]

    def book_payment(
        self, invoice_id: str, amount_minor: int, reference: str, key: str, *, surplus: bool = False
    ) -> InvoiceState:
        def act() -> None:
            row = _find(Invoice, invoice_id, lock=True)
            payable = surplus or row.status == "open" or row.charged_back_minor
            if not payable or amount_minor <= 0 or (amount_minor > row.due_minor and not surplus):
                raise ProviderError("provider.invalid", "The invoice is not open, or less is owed.")
            collecting.receive(row, amount_minor, clock.now(), "bank_transfer", reference)

        _once(key, invoice_id, act)
        return self.fetch_invoice(invoice_id)

    def retry_payment(self, invoice_id: str, key: str) -> InvoiceState:
        def act() -> None:
            row = _find(Invoice, invoice_id, lock=True)
            if row.status != "open":
                return
            method = collecting.default_method(row.customer)
            code = collecting.decline_code(method, renewal=True)
            if code and (method is None or method.kind != "sepa_debit"):
                raise collecting.Declined(code)
            collecting.collect(row, clock.now(), renewal=True)

        try:
            _once(key, invoice_id, act)
        except collecting.Declined as error:
            raise ProviderError("payment.declined", error.code) from error
        return self.fetch_invoice(invoice_id)

    def credit(self, invoice_id: str, total_minor: int, reason: str, key: str) -> InvoiceState:
        def act() -> None:
            row = _find(Invoice, invoice_id, lock=True)
            at: datetime = clock.now()
            try:
                note = invoicing.write_credit(row, total_minor, reason, at)
            except ValueError as error:
                raise ProviderError("provider.invalid", str(error)) from error
            contracts.issue_credit(row, note, at)

        _once(key, invoice_id, act)
        return self.fetch_invoice(invoice_id)

    def book_refund(self, invoice_id: str, amount_minor: int, reference: str, key: str) -> InvoiceState:
        def act() -> None:
            row = _find(Invoice, invoice_id, lock=True)
            try:
                collecting.pay_out(row, amount_minor, clock.now(), "bank_transfer", reference)
            except ValueError as error:
                raise ProviderError("provider.invalid", str(error)) from error

        _once(key, invoice_id, act)
        return self.fetch_invoice(invoice_id)

    def disputes_of(self, customer_id: str) -> list[DisputeState]:
        rows = Dispute.objects.filter(payment__invoice__customer_id=customer_id)
        return [states.dispute(row) for row in rows.select_related("payment__invoice")]

    def customer_of(self, charge_id: str) -> str:
        return _find(Payment, charge_id).invoice.customer_id

    def document(self, document_id: str) -> bytes | None:
        found = Invoice.objects.filter(pk=document_id).first()
        if found is not None:
            return document.invoice_pdf(found)
        note = CreditNote.objects.select_related("invoice").filter(pk=document_id).first()
        if note is None:
            raise ProviderError("provider.not_found", "No such document.")
        return document.credit_pdf(note)

    def report_usage(self, customer_id: str, meter: str, value: int, at: datetime, key: str) -> None:
        metering.note(_find(Customer, customer_id), meter, value, at, key)

    def sync_catalogue(self, prices: Iterable[Any]) -> int:
        made = 0
        for price in prices:
            texts = price.version.texts
            by_usage = price.version.plan.kind == "usage"
            meter, pack = price.version.sold_by() if by_usage else ("", 1)
            _row, fresh = Price.objects.update_or_create(
                lookup_key=price.lookup_key,
                defaults={
                    "names": {language: words["name"] for language, words in texts.items()},
                    "interval": price.interval,
                    "currency": price.currency,
                    "unit_minor": price.amount_minor,
                    "kind": price.version.plan.kind,
                    "meter": meter,
                    "pack": pack,
                },
            )
            made += fresh
        return made

    def read_event(self, body: bytes) -> Envelope:
        return envelope.read(body)

    def webhook_secrets(self) -> list[str]:
        row = clock.installation()
        return [secret for secret in (row.webhook_secret, row.previous_secret) if secret]


def _addons(items: Items, lookup_key: str) -> dict[str, int]:
    """The add-ons of an order, refused when they can't be beside its plan. Raises ProviderError."""
    wanted = {key: quantity for key, quantity in items.items() if quantity}
    contracts.units_of(wanted, _price(lookup_key))
    return wanted


def _coupon(terms: CouponTerms | None) -> dict[str, Any] | None:
    if terms is None:
        return None
    return {
        "code": terms.code,
        "percent_off": str(terms.percent_off) if terms.percent_off is not None else None,
        "amount_off_minor": terms.amount_off_minor,
        "duration": terms.duration,
        "months": terms.months,
    }
