"""Changes of a running subscription: seats, plan, interval (ASP-20.1, ASP-20.2)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from billing.models import SeatChange, Subscription
from billing.providers.interface import Preview, ProviderError
from billing.services import clock, lifecycle, notices, profile
from billing.services.applying import apply, apply_plan
from billing.services.purchase import check_seats, told
from billing.services.terms import (
    NOW,
    RENEWAL,
    for_interval,
    items_of,
    refuse_exceeded,
    require_paid,
    running,
    seats_kept,
    target,
    when_of,
)
from tenants.models import Tenant


@dataclass(frozen=True)
class Change:
    """What a change would cost: `now` is the invoice written at once (None at renewal), `renewal` the next one."""

    when: str
    now: Preview | None
    renewal: Preview


def preview_change(tenant: Tenant, plan_code: str, interval: str, wanted: int) -> Change:
    """What `set_seats` or `change_plan` would invoice. Writes nothing. Raises TenantRefusal."""
    subscription = running(tenant)
    old = subscription.price
    new = target(subscription, plan_code, interval)
    following = new
    if new.pk == old.pk:
        when = NOW if wanted > subscription.seats else RENEWAL
        following = subscription.next_price or new
    else:
        when = when_of(old, new)
        wanted = seats_kept(subscription, new, when)
    check_seats(tenant, following, wanted)
    with told():
        agent = profile.provider_of(profile.profile_of(tenant))
        pk = subscription.provider_id
        today = for_interval(subscription, items_of(subscription), new.interval)
        later = for_interval(subscription, items_of(subscription, later=True), following.interval)
        now = (
            agent.preview(pk, new.lookup_key, wanted, at_renewal=False, addons=today) if when == NOW else None
        )
        renewal = agent.preview(
            pk, following.lookup_key, wanted, at_renewal=True, addons=later, begun_now=when == NOW
        )
        return Change(when, now, renewal)


def set_seats(tenant: Tenant, wanted: int, *, by: str, key: str) -> SeatChange:
    """More seats at once, charged for the rest of the period; fewer from the renewal on.

    `key` names the wish: the same key is the same change and gives the same answer (SAAS.md C1). Raises
    TenantRefusal 409 `plan.seats_in_use`, `plan.seats_range`, `plan.not_subscribed`, `billing.unpaid`,
    402 `payment.declined`; nothing is changed then.
    """
    with profile.locked(tenant) as buyer:
        known = SeatChange.objects.filter(tenant=tenant, idempotency_key=key).first()
        if known is not None and known.state != SeatChange.State.FAILED:
            return known
        subscription = running(tenant)
        check_seats(tenant, subscription.next_price or subscription.price, wanted)
        if wanted > subscription.seats:
            check_seats(tenant, subscription.price, wanted)
            require_paid(subscription)
        change = known or SeatChange(tenant=tenant, idempotency_key=key)
        change.seats_before, change.seats_after = subscription.seats, wanted
        change.requested_by, change.requested_at = by, clock.now()
        change.state, change.error = SeatChange.State.REQUESTED, ""
        change.save()
        more = wanted > subscription.seats
        price = subscription.price if more else subscription.next_price or subscription.price
        try:
            with transaction.atomic():
                apply_plan(
                    buyer,
                    subscription,
                    price,
                    wanted,
                    NOW if more else RENEWAL,
                    f"seats:{change.pk}:{wanted}",
                    subscription.next_price,
                )
        except ProviderError as error:
            change.state, change.error = SeatChange.State.FAILED, error.message[:300]
            change.save()
            failure: ProviderError | None = error
        else:
            same = wanted == subscription.seats
            change.state = SeatChange.State.DONE if more or same else SeatChange.State.SCHEDULED
            change.save()
            failure = None
            lifecycle.refresh(tenant.pk, f"seats by {by}")
            notices.announce_invoices(tenant)
    if failure is not None:  # after the block, so that the failed wish stays on record
        with told():
            raise failure
    return change


def change_plan(tenant: Tenant, plan_code: str, interval: str, *, by: str, key: str) -> Subscription:
    """Up at once with proration, down at renewal.

    Raises TenantRefusal 409 `plan.limits_exceeded` with the list, `plan.not_subscribed`, `billing.unpaid`,
    422 `plan.unknown`, 402 `payment.declined`.
    """
    with profile.locked(tenant) as buyer, told():
        subscription = running(tenant)
        price = target(subscription, plan_code, interval)
        when = when_of(subscription.price, price)
        if price.pk == subscription.price_id:
            when = RENEWAL  # takes a planned change back
        else:
            require_paid(subscription)
        wanted = seats_kept(subscription, price, when)
        refuse_exceeded(tenant, price.version, wanted)
        apply_plan(buyer, subscription, price, wanted, when, f"plan:{subscription.provider_id}:{key}")
        lifecycle.refresh(tenant.pk, f"plan by {by}")
        notices.announce_invoices(tenant)
    return running(tenant)


def keep_everything(tenant: Tenant, *, by: str, key: str) -> Subscription:
    """Forget what is planned for the renewal. Raises TenantRefusal 409 `plan.not_subscribed`."""
    with profile.locked(tenant) as buyer, told():
        subscription = running(tenant)
        name = f"keep:{subscription.provider_id}:{key}"
        today = items_of(subscription)
        apply(buyer, subscription, subscription.price, subscription.seats, RENEWAL, name, today)
        lifecycle.refresh(tenant.pk, f"plan kept by {by}")
    return running(tenant)
