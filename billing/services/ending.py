"""The end of a subscription: with its period or at once, and taking that back (ASP-20)."""

from __future__ import annotations

from billing.models import Subscription
from billing.services import clock, lifecycle, notices, profile, projection
from billing.services.purchase import told
from billing.services.terms import running
from tenants.models import Tenant


def cancel(tenant: Tenant, *, reason: str, by: str, at_once: bool = False) -> Subscription:
    """End the subscription with its period, or at once. Raises TenantRefusal 409 `plan.not_subscribed`."""
    with profile.locked(tenant) as buyer, told():
        subscription = running(tenant)
        agent = profile.provider_of(buyer)
        key = f"cancel:{subscription.provider_id}:{clock.now().timestamp():.0f}"
        state = agent.cancel(
            subscription.provider_id, at_once=at_once, reason=" ".join(reason.split())[:500], key=key
        )
        projection.apply_subscription(buyer, state)
        lifecycle.refresh(tenant.pk, f"canceled by {by}")
        if state.cancel_at is not None and state.ended_at is None:
            notices.tell(tenant, "canceling", f"{state.id}:{clock.now():%Y%m%d}", next_at=state.cancel_at)
    subscription.refresh_from_db()
    return subscription


def resume(tenant: Tenant, *, by: str) -> Subscription:
    """Take back a cancellation to the end of the period. Raises TenantRefusal 409."""
    with profile.locked(tenant) as buyer, told():
        subscription = running(tenant)
        agent = profile.provider_of(buyer)
        key = f"resume:{subscription.provider_id}:{clock.now().timestamp():.0f}"
        projection.apply_subscription(buyer, agent.resume(subscription.provider_id, key))
        lifecycle.refresh(tenant.pk, f"resumed by {by}")
    return running(tenant)
