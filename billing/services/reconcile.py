"""Makes our mirror what the provider says, without any webhook (SAAS.md §3.2). Alone enough to run the business."""

from __future__ import annotations

import logging
from datetime import timedelta

from billing.models import BillingProfile
from billing.providers.interface import ProviderError
from billing.services import catalogue, clock, disputes, lifecycle, notices, projection
from billing.services.profile import locked, provider_of
from tenants.models import Tenant

logger = logging.getLogger(__name__)

STALE = timedelta(hours=24)


def reconcile(tenant: Tenant) -> int:
    """Fetch the customer, his subscriptions, invoices and disputes, and repair what differs. Returns how many rows did.

    Raises ProviderError when the provider does not answer; nothing is changed then.
    """
    with locked(tenant) as profile:
        if not profile.customer_id:
            return 0
        agent = provider_of(profile)
        drift = int(projection.apply_customer(profile, agent.fetch_customer(profile.customer_id)))
        subscriptions = agent.subscriptions_of(profile.customer_id)
        # Ended ones first: a tenant has one live subscription at a time.
        for state in sorted(subscriptions, key=lambda s: s.status != "ended"):
            try:
                drift += projection.apply_subscription(profile, state)
            except (projection.TwoSubscriptions, catalogue.UnknownPlan) as error:
                logger.error("Subscription %s of tenant %s needs a person: %s", state.id, tenant.pk, error)
        for invoice in agent.invoices_of(profile.customer_id):
            drift += projection.apply_invoice(profile, invoice)
        for dispute in agent.disputes_of(profile.customer_id):
            drift += projection.apply_dispute(profile, dispute)
        profile.synced_at = clock.now()
        profile.save(update_fields=["synced_at"])
        lifecycle.refresh(tenant.pk, "reconcile")
        notices.announce_invoices(tenant)
        disputes.announce(tenant)
    if drift:
        logger.info("Reconciled tenant %s: %d rows differed", tenant.pk, drift)
    return drift


def reconcile_all(*, only_stale: bool = False) -> int:
    """Reconcile every customer, or those not compared for a day. One failing keeps no other back.

    Returns the drift: how many rows differed in all.
    """
    profiles = BillingProfile.objects.exclude(customer_id="").select_related("tenant").order_by("synced_at")
    if only_stale:
        profiles = profiles.exclude(synced_at__gt=clock.now() - STALE)
    drift = 0
    for profile in profiles.iterator(100):
        try:
            drift += reconcile(profile.tenant)
        except ProviderError as error:
            logger.warning("Tenant %s was not reconciled: %s", profile.tenant_id, error.message)
    if drift:
        logger.warning("The mirror differed from the provider in %d rows", drift)
    return drift
