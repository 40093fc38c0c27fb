"""Changes of a running subscription: seats, plan, interval, cancel, resume (ASP-20.1, ASP-20.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import BillingProfile, PlanPrice, PlanVersion, SeatChange, Subscription
from billing.providers.interface import Items, Preview, ProviderError
from billing.services import catalogue, clock, lifecycle, notices, profile, projection, seats
from billing.services.entitlements import snapshot
from billing.services.purchase import check_seats, find_price, live_subscription, told
from tenants import usage
from tenants.context import activate
from tenants.errors import TenantRefusal
from tenants.models import Tenant

NOW, RENEWAL = "now", "renewal"


@dataclass(frozen=True)
class Change:
    """What a change would cost: `now` is the invoice written at once (None at renewal), `renewal` the next one."""

    when: str
    now: Preview | None
    renewal: Preview


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


def preview_change(tenant: Tenant, plan_code: str, interval: str, wanted: int) -> Change:
    """What `set_seats` or `change_plan` would invoice. Writes nothing. Raises TenantRefusal."""
    subscription = running(tenant)
    old = subscription.price
    new = _target(subscription, plan_code, interval)
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
        renewal = agent.preview(pk, following.lookup_key, wanted, at_renewal=True, addons=later)
        return Change(when, now, renewal)


def seats_kept(subscription: Subscription, new: PlanPrice, when: str) -> int:
    """The seats of another plan: those there will be when it begins, as many as it may have."""
    seats_then = subscription.seats if when == NOW else subscription.next_seats or subscription.seats
    return min(seats_then, new.version.max_users or seats_then)


def _target(subscription: Subscription, plan_code: str, interval: str) -> PlanPrice:
    """The price asked for; the running version when plan and interval stay (ASP-1: no change without consent)."""
    price = subscription.price
    if price.version.plan.code == plan_code and price.interval == interval:
        return price
    return find_price(plan_code, interval, price.currency)


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
                _apply(
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
        price = _target(subscription, plan_code, interval)
        when = when_of(subscription.price, price)
        if price.pk == subscription.price_id:
            when = RENEWAL  # takes a planned change back
        else:
            require_paid(subscription)
        wanted = seats_kept(subscription, price, when)
        over = exceeded(tenant, price.version, wanted)
        if over:
            message = _("You use more than this plan has. Reduce what is listed first.")
            raise TenantRefusal("plan.limits_exceeded", message, status=409, field="plan", exceeded=over)
        _apply(buyer, subscription, price, wanted, when, f"plan:{subscription.provider_id}:{key}")
        lifecycle.refresh(tenant.pk, f"plan by {by}")
        notices.announce_invoices(tenant)
    return running(tenant)


def _apply(
    buyer: BillingProfile,
    subscription: Subscription,
    price: PlanPrice,
    wanted: int,
    when: str,
    key: str,
    planned: PlanPrice | None = None,
) -> None:
    """Other seats or another plan; a plan and add-ons `planned` for the renewal stay planned."""
    following = planned or price
    today = for_interval(subscription, items_of(subscription), price.interval)
    later = for_interval(subscription, items_of(subscription, later=True), following.interval)
    if when == NOW:
        apply(buyer, subscription, price, wanted, NOW, key, today)
        if following.pk == price.pk and later == today:
            return
        key = f"{key}:later"
    apply(buyer, subscription, following, wanted, RENEWAL, key, later)


def apply(
    buyer: BillingProfile,
    subscription: Subscription,
    price: PlanPrice,
    wanted: int,
    when: str,
    key: str,
    addons: Items,
) -> None:
    """Have the provider change the whole terms, now or at the renewal, and mirror what came of it."""
    agent = profile.provider_of(buyer)
    act = agent.change_now if when == NOW else agent.change_at_renewal
    state = act(subscription.provider_id, price.lookup_key, wanted, key, addons)
    projection.apply_subscription(buyer, state)
    for invoice in agent.invoices_of(buyer.customer_id):
        projection.apply_invoice(buyer, invoice)


def add_item(buyer: BillingProfile, subscription: Subscription, lookup_key: str, key: str) -> None:
    """Put one of a price beside the plan, now and at the renewal. The profile is locked."""
    price, seats_now = subscription.price, subscription.seats
    now = {**items_of(subscription), lookup_key: 1}
    planned = subscription.next_price is not None or items_of(subscription, later=True) != items_of(
        subscription
    )
    later = {**items_of(subscription, later=True), lookup_key: 1}
    next_price, next_seats = subscription.next_price or price, subscription.next_seats or seats_now
    following = for_interval(subscription, later, next_price.interval)
    apply(buyer, subscription, price, seats_now, NOW, key, now)
    if planned:
        apply(buyer, subscription, next_price, next_seats, RENEWAL, f"{key}:later", following)


def keep_everything(tenant: Tenant, *, by: str, key: str) -> Subscription:
    """Forget what is planned for the renewal. Raises TenantRefusal 409 `plan.not_subscribed`."""
    with profile.locked(tenant) as buyer, told():
        subscription = running(tenant)
        name = f"keep:{subscription.provider_id}:{key}"
        today = items_of(subscription)
        apply(buyer, subscription, subscription.price, subscription.seats, RENEWAL, name, today)
        lifecycle.refresh(tenant.pk, f"plan kept by {by}")
    return running(tenant)


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
        over = exceeded(tenant, price.version, wanted)
        if over:
            message = _("You use more than this plan has. Reduce what is listed first.")
            raise TenantRefusal("plan.limits_exceeded", message, status=409, field="plan", exceeded=over)
        _apply(buyer, subscription, price, wanted, RENEWAL, f"terms:{subscription.provider_id}:{key}")
        lifecycle.refresh(tenant.pk, f"new terms by {by}")
    return running(tenant)


def _newer_price(subscription: Subscription) -> PlanPrice:
    price = subscription.price
    if newer_version(subscription) is None:
        raise TenantRefusal("plan.current", _("You have the current terms."), status=409)
    return find_price(price.version.plan.code, price.interval, price.currency)


def newer_version(subscription: Subscription) -> PlanVersion | None:
    """The plan's current version when the subscription runs on an older one."""
    current = catalogue.current_version(subscription.price.version.plan.code)
    return None if current.pk == subscription.price.version_id else current
