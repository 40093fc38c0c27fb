"""The current terms of a plan for who runs on older ones: shown, and taken by consent from the renewal on (ASP-1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from billing.models import PlanPrice, PlanVersion, Subscription
from billing.services import catalogue, lifecycle, profile
from billing.services.applying import apply_plan
from billing.services.changes import Change
from billing.services.purchase import find_price, told
from billing.services.terms import RENEWAL, for_interval, items_of, refuse_exceeded, running, seats_kept
from tenants.errors import TenantRefusal
from tenants.models import Tenant


def preview_newer(tenant: Tenant) -> Change:
    """The next invoice under the plan's current terms. Raises TenantRefusal 409 `plan.current` when they run already."""
    subscription = running(tenant)
    price = _newer_price(subscription)
    wanted = seats_kept(subscription, price, RENEWAL)
    later = for_interval(subscription, items_of(subscription, later=True), price.interval)
    with told():
        agent = profile.provider_of(profile.profile_of(tenant))
        renewal = agent.preview(
            subscription.provider_id, price.lookup_key, wanted, at_renewal=True, addons=later
        )
    return Change(RENEWAL, None, renewal)


def take_newer(tenant: Tenant, *, by: str, key: str) -> Subscription:
    """Consent to the plan's current terms from the renewal on (ASP-1: no change of terms without it).

    Raises TenantRefusal 409 `plan.current`, `plan.limits_exceeded` with the list, `plan.not_subscribed`.
    """
    with profile.locked(tenant) as buyer, told():
        subscription = running(tenant)
        price = _newer_price(subscription)
        wanted = seats_kept(subscription, price, RENEWAL)
        refuse_exceeded(tenant, price.version, wanted)
        apply_plan(buyer, subscription, price, wanted, RENEWAL, f"terms:{subscription.provider_id}:{key}")
        lifecycle.refresh(tenant.pk, f"new terms by {by}")
    return running(tenant)


def newer_version(subscription: Subscription) -> PlanVersion | None:
    """The plan's current version when the subscription runs on an older one."""
    current = catalogue.current_version(subscription.price.version.plan.code)
    return None if current.pk == subscription.price.version_id else current


def _newer_price(subscription: Subscription) -> PlanPrice:
    price = subscription.price
    if newer_version(subscription) is None:
        raise TenantRefusal("plan.current", _("You have the current terms."), status=409)
    return find_price(subscription.tenant, price.version.plan.code, price.interval, price.currency)
