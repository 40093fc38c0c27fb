"""Fewer add-ons from the renewal on, and more in use by then than is left (ASP-20.1: never below what is used)."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from billing.models import Override, PlanVersion, Subscription
from billing.providers.interface import Items
from billing.services import applying, catalogue, lifecycle, near_renewals, notices, profile, terms
from billing.services.entitlements import snapshot
from billing.services.purchase import told
from tenants.models import Tenant


def keep_those_in_use() -> int:
    """Raise what is planned for a renewal that is near to the add-ons in use, and say so. Returns for how many workspaces.

    What was taken away while nobody used it, and is used again, would cost nothing after the renewal.
    """
    return near_renewals.keep_in_use("Add-ons", _keep, items__next_quantity__lt=F("items__quantity"))


def _keep(tenant: Tenant) -> bool:
    with profile.locked(tenant) as buyer, told():
        subscription = terms.running(tenant)
        planned = terms.items_of(subscription, later=True)
        kept = _needed(tenant, subscription, planned)
        if kept == planned:
            return False
        price, seats = subscription.next_price or subscription.price, subscription.next_seats
        addons = terms.for_interval(subscription, kept, price.interval)
        found = ",".join(f"{key}={quantity}" for key, quantity in sorted(kept.items()))
        occasion = f"{subscription.provider_id}:{subscription.period_end:%Y%m%d}:{found}"
        applying.apply(
            buyer,
            subscription,
            price,
            seats or subscription.seats,
            terms.RENEWAL,
            f"in-use:{occasion}",
            addons,
        )
        lifecycle.refresh(tenant.pk, "add-ons in use")
        more = {key: quantity for key, quantity in kept.items() if quantity > planned.get(key, 0)}
        notices.tell(
            tenant, "addons_kept", occasion, addons=_named(more, tenant), next_at=subscription.period_end
        )
    return True


def _needed(tenant: Tenant, subscription: Subscription, planned: Items) -> dict[str, int]:
    """The add-ons of the renewal: those planned, and of what is in use then no fewer than today."""
    today, kept = terms.items_of(subscription), dict(planned)
    versions = {key: catalogue.price_by_key(key).version for key in today}
    for row in terms.beyond(tenant, _limits(tenant, subscription, planned), leaving_out={"users"}):
        gives = {key: _amount(version, row["meter"]) for key, version in versions.items()}
        missing = row["used"] - row["limit"]
        missing -= sum((kept[key] - planned.get(key, 0)) * gives[key] for key in kept)
        for key in sorted(key for key in today if gives[key]):
            left = today[key] - kept.get(key, 0)
            more = min(max(left, 0), max(-(-missing // gives[key]), 0))
            if more:
                kept[key] = kept.get(key, 0) + more
                missing -= more * gives[key]
    return kept


def _limits(tenant: Tenant, subscription: Subscription, planned: Items) -> dict[str, int | None]:
    """What may be used after the renewal: plan, users and add-ons as planned, and what operators agreed beside."""
    price, seats = subscription.next_price or subscription.price, subscription.next_seats
    addons = [(catalogue.price_by_key(key).version, quantity) for key, quantity in planned.items()]
    given: dict[str, int | None] = snapshot(
        price.version, trial=False, seats=seats or subscription.seats, addons=addons
    )["limits"]
    lasting = Q(until=None) | Q(until__gt=subscription.period_end)
    agreed = Override.objects.filter(lasting, tenant=tenant, feature__in=list(given))
    return given | {row.feature: row.value for row in agreed if not isinstance(row.value, bool)}


def _amount(version: PlanVersion, meter: str) -> int:
    """How much of a limit a unit of an add-on gives."""
    rows: Any = version.features.filter(feature__code=meter).values_list("limit", flat=True)
    return rows.first() or 0


def _named(addons: Items, tenant: Tenant) -> str:
    """`2 × Storage 10 GB`, in the language of the workspace's mails."""
    language = tenant.language[:2]
    found = [(catalogue.price_by_key(key).version.text("name", language), n) for key, n in addons.items()]
    return ", ".join(f"{quantity} × {name}" for name, quantity in sorted(found))
