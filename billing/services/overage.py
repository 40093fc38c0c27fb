"""Use beyond the plan, charged afterwards: agreed to by an administrator, capped, reported as meter events (SAAS.md §3.2).

Without an agreement limits stop, as ever. With one the day's limit is raised by what is left of the cap, and what is
used above the plan goes to the provider, which charges it with the next invoice. While an invoice is unpaid nothing
is raised.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.models import (
    Feature,
    OverageConsent,
    OverageReport,
    Plan,
    Subscription,
    SubscriptionItem,
    UsageRecord,
)
from billing.models.plan import GIGABYTE
from billing.providers.interface import ProviderError
from billing.services import applying, catalogue, clock, lifecycle, notices, profile, terms
from billing.services.allowance import Agreement, agreements, counting_day, reported
from billing.services.purchase import told
from tenants import metering
from tenants.errors import TenantRefusal
from tenants.models import Tenant

logger = logging.getLogger(__name__)

MOST_PACKS = 10_000


def agree(tenant: Tenant, code: str, most_packs: int, *, by: str, key: str) -> Agreement:
    """Have use beyond the plan charged up to `most_packs` a period; 0 takes it back, and limits stop again at once.

    What was used until then stays charged. Raises TenantRefusal 422 `overage.unknown`, `overage.packs`, 409
    `plan.not_subscribed`, `billing.unpaid`; nothing is changed then.
    """
    if not 0 <= most_packs <= MOST_PACKS:
        message = _("Between none and %(most)d.") % {"most": MOST_PACKS}
        raise TenantRefusal("overage.packs", message, status=422, field=code[:40], most=MOST_PACKS)
    with profile.locked(tenant) as buyer, told():
        subscription = terms.running(tenant)
        if most_packs:
            terms.require_paid(subscription)
        known = {one.code: one for one in agreements(subscription)}
        if code in known:
            charge(tenant)  # what was used under the agreement that ends
        elif not most_packs:
            _price(code, subscription)
            nothing = _("Say how many may be charged. Nothing is agreed yet.")
            raise TenantRefusal("overage.packs", nothing, status=422, field=code)
        else:
            lookup_key = _price(code, subscription).lookup_key
            applying.add_item(buyer, subscription, lookup_key, f"overage:{subscription.provider_id}:{key}")
        OverageConsent.objects.create(
            tenant=tenant, code=code, most_packs=most_packs, agreed_by=by, agreed_at=clock.now()
        )
        lifecycle.refresh(tenant.pk, f"use beyond the plan by {by}")
        return next(one for one in agreements(terms.running(tenant)) if one.code == code)


def _price(code: str, subscription: Subscription) -> Any:
    price = subscription.price
    try:
        found = catalogue.price_of(code, price.interval, price.currency, addon=True)
    except catalogue.UnknownPlan:
        found = None
    if found is None or found.version.plan.kind != Plan.Kind.USAGE:
        message = _("There is no such price.")
        raise TenantRefusal("overage.unknown", message, status=422, field="code")
    return found


def charge(tenant: Tenant) -> int:
    """Write down what was used beyond the plan since the last time. Returns how many reports were written.

    Never more than the cap; a day's use is charged once, whoever looks first.
    """
    with profile.locked(tenant):
        subscription = Subscription.objects.filter(tenant=tenant).exclude(status="ended").first()
        if subscription is None:
            return 0
        tenant.refresh_from_db()
        included: dict[str, int | None] = tenant.entitlements.get("included", {})
        written = 0
        for one in agreements(subscription):
            most = included.get(one.feature)
            if most is not None:
                written += _charge_days(tenant, one, most)
        lifecycle.refresh(tenant.pk, "use beyond the plan")
    return written


def _charge_days(tenant: Tenant, one: Agreement, included: int) -> int:
    left, written = one.left, 0
    for day, used in _days(tenant, one.feature):
        beyond = max(0, used - included)
        units = beyond if one.feature in metering.COUNTED else -(-beyond // GIGABYTE)
        fresh = min(units - reported(tenant, one.code, day), left)
        if fresh > 0:
            OverageReport.objects.create(
                tenant=tenant, code=one.code, meter=one.meter, day=day, at=clock.now(), quantity=fresh
            )
            left -= fresh
            written += 1
    if written:
        start = one.item.subscription.period_start
        notices.tell(
            tenant, "overage", f"{one.code}:{start:%Y%m%d}", price=one.item.price.version.text("name", tenant.language),
            each=(one.item.price.amount_minor, one.item.price.currency), most=(one.most_minor, one.item.price.currency),
        )  # fmt: skip
    return written


def _days(tenant: Tenant, feature: str) -> Iterator[tuple[date, int]]:
    """Yesterday's and today's use, as far as it is in the ledger."""
    today = counting_day(feature)
    rows = UsageRecord.objects.filter(tenant=tenant, meter=feature)
    days = [today - timedelta(days=1), today] if feature in metering.COUNTED else [today]
    for row in rows.filter(day__in=days).order_by("day"):
        yield row.day, row.value


def send() -> int:
    """Tell the provider what was written down; what he does not take is told again next time. Returns how many."""
    sent = 0
    waiting = OverageReport.objects.filter(sent_at=None).select_related("tenant").order_by("at", "id")
    for report in waiting[:500]:
        buyer = profile.profile_of(report.tenant)
        try:
            agent = profile.provider_of(buyer)
            agent.report_usage(buyer.customer_id, report.meter, report.quantity, report.at, str(report.pk))
        except ProviderError as error:
            logger.warning("Use of tenant %s was not taken: %s", report.tenant_id, error.message)
            continue
        OverageReport.objects.filter(pk=report.pk).update(sent_at=clock.now())
        sent += 1
    return sent


def charge_all() -> int:
    """Everybody who agreed: write down what is used beyond, then tell the provider. Returns how many were told."""
    items = SubscriptionItem.objects.filter(
        price__version__plan__kind=Plan.Kind.USAGE, subscription__ended_at=None
    )
    for tenant in Tenant.objects.filter(subscriptions__items__in=items).distinct():
        try:
            charge(tenant)
        except Exception:  # one tenant's trouble keeps no other from being charged right
            logger.exception("Use of tenant %s was not charged", tenant.pk)
    return send()


def offers(subscription: Subscription, language: str) -> list[dict[str, Any]]:
    """What may be agreed to, for the page: price, unit and what runs."""
    known = {one.code: one for one in agreements(subscription)}
    units = dict(Feature.objects.values_list("code", "unit"))
    found = []
    for offer in catalogue.usage_offers(subscription.price.currency, language):
        one = known.get(offer.code)
        shown = (
            catalogue.usage_offer(one.item.price.version, offer.currency, language) if one else offer
        )  # what was agreed keeps its price
        found.append({"offer": shown, "agreed": one, "unit": units.get(offer.feature, "count")})
    return found
