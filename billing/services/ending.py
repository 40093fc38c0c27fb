"""The end of a subscription: with its period or at once, and taking that back (ASP-20)."""

from __future__ import annotations

import logging

from billing.models import Subscription
from billing.services import clock, lifecycle, notices, profile, projection
from billing.services.purchase import told
from billing.services.terms import running
from tenants.errors import TenantRefusal
from tenants.models import Tenant, TenantState

logger = logging.getLogger(__name__)


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


def end_of_deleted() -> int:
    """End what still runs at the provider for workspaces that were let go: nothing more is charged, and they can be
    destroyed. What is owed stays owed. Returns how many ended; one the provider does not end now is tried again."""
    left = Subscription.objects.filter(tenant__state=TenantState.DELETED).exclude(status="ended")
    ended = 0
    for subscription in left.select_related("tenant"):
        try:
            cancel(subscription.tenant, reason="The workspace was deleted.", by="clock", at_once=True)
            ended += 1
        except TenantRefusal as refusal:
            logger.warning("Subscription %s was not ended: %s", subscription.provider_id, refusal)
        except Exception:  # one workspace's trouble keeps no other from its end
            logger.exception("Subscription %s was not ended", subscription.provider_id)
    return ended


def resume(tenant: Tenant, *, by: str) -> Subscription:
    """Take back a cancellation to the end of the period. Raises TenantRefusal 409."""
    with profile.locked(tenant) as buyer, told():
        subscription = running(tenant)
        agent = profile.provider_of(buyer)
        key = f"resume:{subscription.provider_id}:{clock.now().timestamp():.0f}"
        projection.apply_subscription(buyer, agent.resume(subscription.provider_id, key))
        lifecycle.refresh(tenant.pk, f"resumed by {by}")
    return running(tenant)
