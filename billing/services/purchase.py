"""From trial, expired or canceled to a subscription: the order, its price to the cent, the provider's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Coupon, CouponRedemption, Invoice, Plan, PlanPrice, PlanVersion, Subscription
from billing.providers.interface import CouponTerms, Order, Page, Preview, ProviderError
from billing.services import catalogue, clock, profile, reconcile, seats
from tenants.addresses import workspace_url
from tenants.errors import TenantRefusal
from tenants.models import Tenant, TenantState

INTERVALS = ("month", "year")
READ_ONLY_SEAT = "read_only_user"


@contextmanager
def told() -> Iterator[None]:
    """Turns the provider's refusals into ours: 402 for money, 409 for what can't be, 503 when it is away."""
    try:
        yield
    except ProviderError as error:
        words = {
            "payment.declined": (
                402,
                _("The payment was declined. Nothing was changed. Try another way to pay."),
            ),
            "payment.action_required": (402, _("Your bank wants you to confirm the payment.")),
            "provider.unavailable": (503, _("The payment service does not answer. Try again in a moment.")),
            "provider.not_found": (404, _("There is nothing like this at the payment service.")),
        }
        status, message = words.get(error.code, (409, _("The payment service refused this.")))
        raise TenantRefusal(error.code, message, status=status, reason=error.message) from error


def live_subscription(tenant: Tenant) -> Subscription | None:
    """The subscription that has not ended."""
    return (
        Subscription.objects.filter(tenant=tenant)
        .exclude(status=Subscription.Status.ENDED)
        .select_related("price__version__plan", "next_price__version__plan")
        .first()
    )


def _checked(tenant: Tenant, plan_code: str, interval: str, wanted: int) -> PlanPrice:
    """The price of an order. Raises TenantRefusal."""
    if tenant.state == TenantState.DELETED:
        raise TenantRefusal("tenant.deleted", _("This workspace is deleted."), status=409)
    if live_subscription(tenant) is not None:
        message = _("A subscription is running already. Change it instead.")
        raise TenantRefusal("plan.subscribed", message, status=409)
    _refuse_debts(tenant)
    currency = profile.profile_of(tenant).currency or catalogue.price_currency(tenant.currency)
    price = find_price(tenant, plan_code, interval, currency)
    check_seats(tenant, price, wanted)
    return price


def _refuse_debts(tenant: Tenant) -> None:
    """Raises TenantRefusal 409 `billing.unpaid`: who ended one subscription without paying it does not begin another."""
    overdue = Q(failed_at__isnull=False) | Q(due_at__lte=clock.now())
    owed = (
        Invoice.objects.filter(overdue, tenant=tenant, state=Invoice.State.OPEN).order_by("issued_at").first()
    )
    if owed is not None:
        message = _("Invoice %(number)s is overdue. Pay it first, then choose a plan.") % {
            "number": owed.number
        }
        raise TenantRefusal("billing.unpaid", message, status=409, field="plan", invoice=owed.number)


def find_price(tenant: Tenant, plan_code: str, interval: str, currency: str) -> PlanPrice:
    """Today's price of a plan this workspace may have. Raises TenantRefusal 422 `plan.unknown`."""
    if interval in INTERVALS:
        try:
            price = catalogue.price_of(plan_code, interval, currency)
        except catalogue.UnknownPlan:
            price = None
        if price is not None and catalogue.may_have(tenant, price.version.plan):
            return price
    raise TenantRefusal("plan.unknown", _("This plan is not on sale."), status=422, field="plan")


def find_addons(wanted: Mapping[str, int], interval: str, currency: str) -> dict[str, PlanPrice]:
    """Today's prices of the add-ons in `wanted` (code → how many). Raises TenantRefusal 422 `addon.unknown`,
    `addon.quantity`."""
    found = {}
    for code, quantity in wanted.items():
        try:
            price = catalogue.price_of(code, interval, currency, addon=True)
            if price.version.plan.kind == Plan.Kind.USAGE:
                raise catalogue.UnknownPlan(code)  # nobody buys those by number
        except catalogue.UnknownPlan:
            message = _("This add-on is not on sale.")
            raise TenantRefusal(
                "addon.unknown", message, status=422, field="addons", addon=code[:40]
            ) from None
        found[code] = price
        check_quantity(price.version, quantity)
    return found


def check_quantity(version: PlanVersion, quantity: int) -> None:
    """Raises TenantRefusal 422 `addon.quantity` below none and above what may be had of an add-on."""
    most = version.max_users or 100_000
    if not 0 <= quantity <= most:
        message = _("Between none and %(most)d of these can be had.") % {"most": most}
        code = version.plan.code
        raise TenantRefusal("addon.quantity", message, status=422, field="addons", addon=code, most=most)


def _items(tenant: Tenant, wanted: Mapping[str, int], price: PlanPrice) -> dict[str, int]:
    """The add-ons of an order beside `price`, by lookup key. Raises 409 `plan.seats_in_use` below the readers there are."""
    prices = find_addons(wanted, price.interval, price.currency)
    used = seats.taken(tenant)["read_only_users"]
    if wanted.get(READ_ONLY_SEAT, 0) < used:
        message = _("%(used)d read-only users are active. Keep that many, or deactivate users first.") % {
            "used": used
        }
        raise TenantRefusal("plan.seats_in_use", message, status=409, field="addons", active=used)
    return {prices[code].lookup_key: quantity for code, quantity in wanted.items() if quantity}


def check_seats(tenant: Tenant, price: PlanPrice, wanted: int) -> None:
    """Raises 409 `plan.seats_in_use` below the active users, `plan.seats_range` outside of what the plan allows."""
    version = price.version
    used = seats.active_users(tenant)
    if wanted < used:
        message = _("%(used)d users are active. Deactivate users first, or keep that many seats.") % {
            "used": used
        }
        raise TenantRefusal(
            "plan.seats_in_use", message, status=409, field="seats", active=used, wanted=wanted
        )
    if wanted < version.min_users or wanted > (version.max_users or 100_000):
        message = _("This plan is for %(least)d to %(most)s users.") % {
            "least": version.min_users,
            "most": version.max_users or "∞",
        }
        raise TenantRefusal("plan.seats_range", message, status=409, field="seats", most=version.max_users)


def coupon_terms(tenant: Tenant, code: str, currency: str) -> CouponTerms | None:
    """The coupon `code` if this tenant may use it. Raises 409 `coupon.unknown`, `coupon.expired`, `coupon.used`."""
    code = code.strip().upper()[:40]
    if not code:
        return None
    coupon = Coupon.objects.filter(code=code, is_active=True).first() if code.isprintable() else None
    if coupon is None:
        raise _coupon_refusal("unknown", _("There is no such code. Leave the field empty to go on without."))
    if coupon.is_over(coupon.redemptions.count(), clock.now()):
        raise _coupon_refusal("expired", _("This code has expired. Leave the field empty to go on without."))
    if CouponRedemption.objects.filter(coupon=coupon, tenant=tenant).exists():
        raise _coupon_refusal(
            "used", _("You have used this code already. Leave the field empty to go on without.")
        )
    if coupon.amount_off_minor is not None and coupon.currency != currency:
        raise _coupon_refusal("currency", _("This code is for another currency."))
    return CouponTerms(
        coupon.code,
        coupon.percent_off,
        coupon.amount_off_minor,
        coupon.currency,
        coupon.duration,
        coupon.months,
        coupon.max_redemptions,
    )


def _coupon_refusal(what: str, message: Any) -> TenantRefusal:
    return TenantRefusal(f"coupon.{what}", message, status=409, field="coupon")


def preview_purchase(
    tenant: Tenant,
    plan_code: str,
    interval: str,
    wanted: int,
    coupon: str = "",
    addons: Mapping[str, int] | None = None,
) -> Preview:
    """The first invoice of the order, to the cent. Raises TenantRefusal."""
    price = _checked(tenant, plan_code, interval, wanted)
    items = _items(tenant, addons or {}, price)
    terms = coupon_terms(tenant, coupon, price.currency)
    buyer = profile.profile_of(tenant)
    with told():
        agent = profile.provider_of(buyer)
        return agent.preview_order(profile.customer_data(buyer), price.lookup_key, wanted, terms, items)


def start_checkout(
    tenant: Tenant,
    plan_code: str,
    interval: str,
    wanted: int,
    *,
    coupon: str = "",
    addons: Mapping[str, int] | None = None,
    by: str,
) -> Page:
    """The provider's page on which the order is paid. Grants nothing by itself. Raises TenantRefusal."""
    with profile.locked(tenant) as buyer:
        price = _checked(tenant, plan_code, interval, wanted)
        items = _items(tenant, addons or {}, price)
        terms = coupon_terms(tenant, coupon, price.currency)
        with told():
            agent = profile.ensure_customer(buyer)
            order = Order(
                tenant_id=str(tenant.pk),
                customer_id=buyer.customer_id,
                lookup_key=price.lookup_key,
                seats=wanted,
                success_url=workspace_url(tenant, "/billing/welcome/"),
                cancel_url=workspace_url(tenant, "/billing/"),
                coupon=terms,
                language=tenant.language,
                addons=items,
            )
            beside = ",".join(f"{code}={quantity}" for code, quantity in sorted(items.items()))
            key = (
                f"checkout:{tenant.pk}:{price.lookup_key}:{wanted}:{coupon}:{clock.now():%Y%m%d%H%M}:{beside}"
            )
            return agent.create_checkout(order, key)


def open_portal(tenant: Tenant) -> Page:
    """The provider's page for payment method and address. Raises TenantRefusal."""
    with profile.locked(tenant) as buyer, told():
        agent = profile.ensure_customer(buyer)
        return agent.create_portal(
            buyer.customer_id, workspace_url(tenant, "/billing/refresh/"), tenant.language
        )


def fetch_result(tenant: Tenant) -> None:
    """After a visit to the provider's page: look once, so that the page need not wait for the webhook."""
    with told():
        reconcile.reconcile(tenant)
