"""Collects the facts of a tenant, asks the state function, and writes what comes out. The only writer of states."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from billing.models import (
    Closure,
    Dispute,
    Hold,
    Invoice,
    Notice,
    Override,
    StateTransition,
    Subscription,
    SubscriptionItem,
)
from billing.services import clock, entitlements, notices
from billing.standing import DELETED, DELETION_NOTICE, Facts, Span, Standing, standing_at
from tenants.models import Deletion, Tenant, TenantState

logger = logging.getLogger(__name__)

#: Provisioning owns these.
NOT_OURS = (TenantState.PROVISIONING, TenantState.FAILED)


def _with_facts(rows: QuerySet[Tenant]) -> QuerySet[Tenant]:
    """Tenants with everything the facts need, in a fixed number of statements."""
    subscriptions = (
        Subscription.objects.exclude(status="incomplete")
        .select_related("price__version__plan", "next_price")
        .prefetch_related(
            Prefetch("items", SubscriptionItem.objects.select_related("price__version__plan")),
            "items__price__version__features__feature",
        )
    )
    unpaid = Invoice.objects.filter(state="open", failed_at__isnull=False).order_by("failed_at")
    return rows.prefetch_related(
        Prefetch("subscriptions", subscriptions.order_by("started_at"), to_attr="known_subscriptions"),
        Prefetch("invoices", unpaid, to_attr="unpaid_invoices"),
        Prefetch("disputes", Dispute.unsettled(), to_attr="unsettled_disputes"),
        Prefetch("closures", Closure.objects.all(), to_attr="known_closures"),
        Prefetch(
            "billing_notices",
            Notice.objects.filter(kind="deletion_soon").order_by("queued_at"),
            to_attr="deletion_warnings",
        ),
        Prefetch("deletions", Deletion.objects.filter(state="recovered"), to_attr="recovered_deletions"),
        Prefetch("holds", Hold.objects.all(), to_attr="known_holds"),
        Prefetch("overrides", Override.objects.all(), to_attr="known_overrides"),
    )


def load(tenant_id: UUID) -> Any:
    """A tenant with its facts attached; typed as Any because the attachments are."""
    return _with_facts(Tenant.objects.filter(pk=tenant_id)).get()


def live_subscription(tenant: Any) -> Subscription | None:
    """The one that has not ended, of a tenant from `load`."""
    return next((s for s in tenant.known_subscriptions if s.is_live), None)


def facts_of(tenant: Any, now: datetime) -> Facts:
    """The facts of a tenant from `load`, as they are at the moment `now`."""
    live = live_subscription(tenant)
    ended = [s.ended_at for s in tenant.known_subscriptions if not s.is_live and s.ended_at]
    unpaid = [
        i.failed_at
        for i in tenant.unpaid_invoices
        if live is not None and i.subscription_provider_id == live.provider_id
    ]
    until = {o.feature: o.until for o in tenant.known_overrides}
    closures = tenant.known_closures
    reopened = [closure.lifted_at for closure in closures if closure.lifted_at]
    reopened += [row.finished_at for row in tenant.recovered_deletions if row.finished_at]
    ended_at = max(ended, default=None) if live is None else None
    holds = tuple((hold.from_at, hold.let_go_at) for hold in tenant.known_holds)
    doomed_since = min(unpaid, default=None) if live is not None else ended_at or tenant.trial_ends_at
    return Facts(
        trial_ends_at=tenant.trial_ends_at,
        subscribed=live is not None,
        unpaid_since=min(unpaid, default=None),
        disputed_since=min((d.opened_at for d in tenant.unsettled_disputes), default=None),
        ended_at=ended_at,
        free_until=until.get(Override.FREE),
        grace_until=until.get(Override.GRACE),
        closed_at=next((closure.from_at for closure in closures if closure.lifted_at is None), None),
        reopened_at=max(reopened, default=None),
        not_deleted_before=_warned_until(tenant, _last_let_go(doomed_since, holds), now),
        holds=holds,
        deleted_at=tenant.deleted_at,
    )


def _last_let_go(doomed_since: datetime | None, holds: Iterable[Span]) -> datetime | None:
    """Since when warnings count: what was announced before operators held the workspace did not come."""
    if doomed_since is None:
        return None
    return max([doomed_since, *(let_go for _from, let_go in holds if let_go is not None)])


def _warned_until(tenant: Any, doomed_since: datetime | None, now: datetime) -> datetime | None:
    """The earliest moment the clock may delete it: a week after the first warning of this time, or from now on.

    While operators have scheduled the deletion they can call it off: the clock does not come before them.
    """
    if tenant.deletion_due_at is not None:
        return now + DELETION_NOTICE
    if doomed_since is None or now < doomed_since:
        return None
    told = next((n.queued_at for n in tenant.deletion_warnings if n.queued_at >= doomed_since), now)
    return told + DELETION_NOTICE


def standing_of(tenant: Tenant) -> Standing:
    """What the facts say now; nothing is written."""
    now = clock.now()
    return standing_at(facts_of(load(tenant.pk), now), now)


def refresh(tenant_id: UUID, cause: str) -> StateTransition | None:
    """Bring state and entitlements of one tenant to what the facts say; log and announce a change.

    `cause` says what set it off (`clock`, `event evt_…`, `operator name`). Returns the transition, if any.
    """
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant_id)
        tenant = load(tenant_id)
        if (
            tenant.state in NOT_OURS or tenant.is_sandbox
        ):  # a sandbox follows its parent, and nobody pays for it
            return None
        now = clock.now()
        access_before = tenant.entitlements.get("access", "")
        changed = [] if access_before else _begin_trial_on_our_clock(tenant, now)
        facts = facts_of(tenant, now)
        standing = standing_at(facts, now)
        state_before = tenant.state
        given = entitlements.current(tenant, live_subscription(tenant), standing, now)
        moved = (state_before, access_before) != (standing.state, standing.access)
        changed += ["entitlements"] if given != tenant.entitlements else []
        tenant.entitlements = given
        plan_code = given["plan"]["code"]
        if plan_code != tenant.plan_code:
            tenant.plan_code = plan_code
            changed.append("plan_code")
        if state_before != standing.state:
            tenant.state, tenant.state_changed_at = standing.state, now
            tenant.state_reason = cause[:300]
            changed += ["state", "state_changed_at", "state_reason"]
        if standing.state == DELETED and tenant.deleted_at is None:
            tenant.deleted_at = now  # no payment brings it back from here
            changed.append("deleted_at")
        if changed:
            tenant.save(update_fields=changed)
        if not moved or (not access_before and state_before == standing.state):
            return None  # the first look at a tenant only notes what is already so
        return _log(tenant, state_before, access_before, standing, cause, facts, now)


def _begin_trial_on_our_clock(tenant: Tenant, now: datetime) -> list[str]:
    """Sign-up counts a trial from real time; on a test installation whose clock is ahead it would be over at once."""
    ahead = now - timezone.now()
    if tenant.state != TenantState.TRIALING or tenant.trial_ends_at is None or ahead < timedelta(minutes=1):
        return []
    tenant.trial_ends_at += ahead
    return ["trial_ends_at"]


def _log(
    tenant: Tenant,
    state_before: str,
    access_before: str,
    standing: Standing,
    cause: str,
    facts: Facts,
    now: datetime,
) -> StateTransition:
    transition = StateTransition.objects.create(
        tenant=tenant,
        at=now,
        state_before=state_before,
        state_after=standing.state,
        access_before=access_before,
        access_after=standing.access,
        cause=cause[:200],
        facts={name: _plain(value) for name, value in vars(facts).items()},
    )
    logger.info("Tenant %s: %s → %s (%s)", tenant.pk, state_before, standing.state, cause)
    notices.on_transition(tenant, transition, standing)
    return transition


def _plain(fact: Any) -> Any:
    """A fact as JSON can hold it."""
    if isinstance(fact, tuple):
        return [_plain(one) for one in fact]
    return fact.isoformat() if isinstance(fact, datetime) else fact


def refresh_all(cause: str = "clock") -> int:
    """Look at every tenant and refresh those whose standing moved. Returns how many changed state or access."""
    now = clock.now()
    moved = 0
    for tenant in _pages():
        standing = standing_at(facts_of(tenant, now), now)
        given = tenant.entitlements
        known = (tenant.state, given.get("access", ""), given.get("next_at"))
        wanted = (standing.state, standing.access, standing.next_at.isoformat() if standing.next_at else None)
        ended = any(o.until and o.until <= now for o in tenant.known_overrides)
        if known != wanted or ended:
            try:
                moved += refresh(tenant.pk, cause) is not None
            except Exception:  # one tenant's trouble keeps no other from its state
                logger.exception("The state of tenant %s was not refreshed", tenant.pk)
        notices.remind(tenant, standing, now)
    return moved


def _pages() -> Iterator[Any]:
    rows = (
        Tenant.objects.filter(parent=None).exclude(state__in=[*NOT_OURS, TenantState.DELETED]).order_by("pk")
    )
    yield from _with_facts(rows).iterator(chunk_size=200)
