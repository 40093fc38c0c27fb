"""What a subscription has, and what another plan, interval or number of users would mean for it. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.models import PlanPrice, PlanVersion, Subscription
from billing.providers.interface import Items
from billing.services import catalogue, seats
from billing.services.entitlements import snapshot
from billing.services.purchase import find_price, live_subscription
from tenants import usage
from tenants.context import activate
from tenants.errors import TenantRefusal
from tenants.models import Tenant

NOW, RENEWAL = "now", "renewal"


def running(tenant: Tenant) -> Subscription:
    """The subscription to change. Raises TenantRefusal 409 `plan.not_subscribed`."""
    found = live_subscription(tenant)
    if found is None:
        raise TenantRefusal("plan.not_subscribed", _("Choose a plan first."), status=409)
    return found


def require_paid(subscription: Subscription) -> None:
    """Raises TenantRefusal 409 `billing.unpaid` while an invoice is open."""
    if subscription.status in (Subscription.Status.PAST_DUE, Subscription.Status.UNPAID):
        message = _("An invoice is open. Pay it first, then change the subscription.")
        raise TenantRefusal("billing.unpaid", message, status=409)


def items_of(subscription: Subscription, *, later: bool = False) -> dict[str, int]:
    """The add-ons by today's lookup keys: those of today, or with `later` those planned for the renewal."""
    rows = subscription.items.select_related("price__version__plan")
    wanted = {
        item.price.lookup_key: item.quantity
        if not later or item.next_quantity is None
        else item.next_quantity
        for item in rows
    }
    return {key: quantity for key, quantity in wanted.items() if quantity}


def for_interval(subscription: Subscription, addons: Items, interval: str) -> dict[str, int]:
    """The same add-ons by the lookup keys of another interval; the version stays (ASP-1: no change without consent).

    Raises TenantRefusal 422 `plan.unknown`.
    """
    if interval == subscription.price.interval:
        return dict(addons)
    found = {}
    for key, quantity in addons.items():
        price = catalogue.price_by_key(key)
        other = price.version.prices.filter(interval=interval, currency=price.currency).first()
        if other is None:
            raise TenantRefusal("plan.unknown", _("This plan is not on sale."), status=422, field="plan")
        found[other.lookup_key] = quantity
    return found


def versions_of(subscription: Subscription) -> list[tuple[PlanVersion, int]]:
    """The add-ons that run with how many there are."""
    return [
        (item.price.version, item.quantity)
        for item in subscription.items.select_related("price__version__plan")
    ]


def when_of(old: PlanPrice, new: PlanPrice) -> str:
    """Whether a change of plan or interval is made at once (up) or at renewal (down, or from year to month)."""
    if old.interval == "year" and new.interval == "month":
        return RENEWAL
    old_rank, new_rank = old.version.plan.position, new.version.plan.position
    if new_rank < old_rank:
        return RENEWAL
    if new_rank == old_rank and old.interval == new.interval and new.amount_minor < old.amount_minor:
        return RENEWAL
    return NOW


def seats_kept(subscription: Subscription, new: PlanPrice, when: str) -> int:
    """The seats of another plan: those there will be when it begins, as many as it may have."""
    seats_then = subscription.seats if when == NOW else subscription.next_seats or subscription.seats
    return min(seats_then, new.version.max_users or seats_then)


def target(subscription: Subscription, plan_code: str, interval: str) -> PlanPrice:
    """The price asked for; the running version when plan and interval stay (ASP-1: no change without consent)."""
    price = subscription.price
    if price.version.plan.code == plan_code and price.interval == interval:
        return price
    return find_price(subscription.tenant, plan_code, interval, price.currency)


def refuse_exceeded(tenant: Tenant, version: PlanVersion, wanted: int) -> None:
    """Raises TenantRefusal 409 `plan.limits_exceeded` with the list of what is in the way."""
    if over := exceeded(tenant, version, wanted):
        message = _("You use more than this plan has. Reduce what is listed first.")
        raise TenantRefusal("plan.limits_exceeded", message, status=409, field="plan", exceeded=over)


def exceeded(tenant: Tenant, version: PlanVersion, wanted: int) -> list[dict[str, Any]]:
    """What the workspace uses beyond a plan with its add-ons: `[{"meter", "used", "limit"}]` (ASP-20.2)."""
    subscription = live_subscription(tenant)
    addons = versions_of(subscription) if subscription else ()
    limits = snapshot(version, trial=False, seats=wanted, addons=addons)["limits"]
    if version.max_users is not None:
        limits["users"] = min(wanted, version.max_users)
    return beyond(tenant, limits)


def beyond(
    tenant: Tenant, limits: Mapping[str, int | None], leaving_out: Collection[str] = ()
) -> list[dict[str, Any]]:
    """What the workspace uses beyond `limits`: `[{"meter", "used", "limit"}]`. What counts anew each day never is."""
    with activate(tenant):
        used = usage.measure_all()
    used |= seats.taken(tenant)
    found = []
    for meter in sorted(set(used) - set(leaving_out)):
        most = limits.get(meter)
        if most is not None and used[meter] > most:
            found.append({"meter": meter, "used": used[meter], "limit": most})
    return found
