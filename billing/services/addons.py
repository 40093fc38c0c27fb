"""Add-ons beside a plan: what there is, what may go, what it costs (ASP-1 Subscription, ASP-20.1, ASP-20.2).

More counts at once and is charged for the rest of the period; less counts from the renewal on, and not while it is in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.models import Plan, PlanPrice, Subscription, SubscriptionItem
from billing.providers.interface import Items
from billing.services import applying, catalogue, lifecycle, notices, profile, terms
from billing.services.changes import Change
from billing.services.entitlements import snapshot
from billing.services.purchase import check_quantity, find_addons, told
from tenants.errors import TenantRefusal
from tenants.models import Tenant


def held(subscription: Subscription) -> list[SubscriptionItem]:
    """The add-ons of a subscription that are paid ahead, in the catalogue's order."""
    rows = subscription.items.select_related("price__version__plan")
    return list(rows.exclude(price__version__plan__kind=Plan.Kind.USAGE))


def set_addons(tenant: Tenant, wanted: Mapping[str, int], *, by: str, key: str) -> Subscription:
    """Have so many of each add-on; those that are not named stay. `wanted` maps codes to absolute quantities.

    `key` names the wish: the same key is the same change (SAAS.md C1). Raises TenantRefusal 422 `addon.unknown`,
    `addon.quantity`, 409 `addon.in_use` with the list, `plan.not_subscribed`, `billing.unpaid`, 402 `payment.declined`;
    nothing is changed then.
    """
    with profile.locked(tenant) as buyer, told():
        subscription = terms.running(tenant)
        now, later = _targets(tenant, subscription, wanted)
        today = terms.items_of(subscription)
        if now != today:
            terms.require_paid(subscription)
        name = f"addons:{subscription.provider_id}:{key}"
        price, seats = subscription.price, subscription.seats
        next_price = subscription.next_price or price
        next_seats = subscription.next_seats or seats
        following = terms.for_interval(subscription, later, next_price.interval)
        planned = (next_price.pk, next_seats, later) != (price.pk, seats, now)
        if now != today:
            applying.apply(buyer, subscription, price, seats, terms.NOW, name, now)
        if planned or now == today:
            applying.apply(
                buyer, subscription, next_price, next_seats, terms.RENEWAL, f"{name}:later", following
            )
        lifecycle.refresh(tenant.pk, f"add-ons by {by}")
        notices.announce_invoices(tenant)
    return terms.running(tenant)


def preview_addons(tenant: Tenant, wanted: Mapping[str, int]) -> Change:
    """What `set_addons` would invoice now and at the renewal. Writes nothing. Raises TenantRefusal."""
    subscription = terms.running(tenant)
    now, later = _targets(tenant, subscription, wanted)
    more = now != terms.items_of(subscription)
    next_price = subscription.next_price or subscription.price
    next_seats = subscription.next_seats or subscription.seats
    with told():
        agent = profile.provider_of(profile.profile_of(tenant))
        pk = subscription.provider_id
        first = (
            agent.preview(pk, subscription.price.lookup_key, subscription.seats, at_renewal=False, addons=now)
            if more
            else None
        )
        following = terms.for_interval(subscription, later, next_price.interval)
        renewal = agent.preview(pk, next_price.lookup_key, next_seats, at_renewal=True, addons=following)
    return Change(terms.NOW if more else terms.RENEWAL, first, renewal)


def _targets(tenant: Tenant, subscription: Subscription, wanted: Mapping[str, int]) -> tuple[Items, Items]:
    """Add-ons by lookup key from now on (nothing less than today), and from the renewal on."""
    prices = _prices(subscription, wanted)
    now = dict(terms.items_of(subscription))
    later = dict(terms.items_of(subscription, later=True))
    for code, quantity in wanted.items():
        key = prices[code].lookup_key
        if quantity > now.get(key, 0):
            now[key] = quantity
        later[key] = quantity
    later = {key: quantity for key, quantity in later.items() if quantity}
    if any(later.get(key, 0) < quantity for key, quantity in now.items()):
        over = _in_use(tenant, subscription, later)
        if over:
            message = _("What is taken away is in use. Reduce what is listed first.")
            raise TenantRefusal("addon.in_use", message, status=409, field="addons", exceeded=over)
    return now, later


def _prices(subscription: Subscription, wanted: Mapping[str, int]) -> dict[str, PlanPrice]:
    """The price of each code: of those there are, the running version's; of others, today's."""
    known = {item.code: item.price for item in held(subscription)}
    price = subscription.price
    fresh = find_addons({c: n for c, n in wanted.items() if c not in known}, price.interval, price.currency)
    for code, quantity in wanted.items():
        if code in known:
            check_quantity(known[code].version, quantity)
    return {code: known[code] if code in known else fresh[code] for code in wanted}


def _in_use(tenant: Tenant, subscription: Subscription, later: Items) -> list[dict[str, Any]]:
    """What the workspace uses beyond what would be left: `[{"meter", "used", "limit"}]`."""
    left = [(catalogue.price_by_key(key).version, quantity) for key, quantity in later.items()]
    limits = snapshot(subscription.price.version, trial=False, seats=subscription.seats, addons=left)[
        "limits"
    ]
    return terms.beyond(tenant, limits, leaving_out={"users"})
