"""Leads one workspace through every state on the virtual clock; for demonstrations and the browser journey.

Each stop does what people and time would have done: buying goes through the provider's checkout, failures come from a
card that fails, days pass one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from billing.models import Invoice, Subscription
from billing.providers.builtin import cards, checkout
from billing.services import clock, ending, lifecycle, payments, purchase, reconcile, seats, virtual_time
from tenants.errors import TenantRefusal
from tenants.models import Tenant

BY = "tour"
GOOD, FAILS_AT_RENEWAL = "4242424242424242", "4000000000000341"


def _until(moment_days: timedelta) -> None:
    if moment_days > timedelta(0):
        virtual_time.advance(moment_days + timedelta(minutes=1), by=BY)


def _running(tenant: Tenant) -> Subscription:
    found = purchase.live_subscription(tenant)
    if found is None:
        raise TenantRefusal("plan.not_subscribed", "The tour's stops come in their order.", status=409)
    return found


def _buy(tenant: Tenant, number: str) -> None:
    wanted = max(seats.active_users(tenant), 1)
    page = purchase.start_checkout(tenant, tenant.plan_code, "month", wanted, by=BY)
    year = clock.now().year + 3
    checkout.pay(page.id, cards.card(number, "12", str(year), clock.now().date()))
    reconcile.reconcile(tenant)


def trialing(tenant: Tenant) -> None:
    """Begin a trial of 30 days."""
    Tenant.objects.filter(pk=tenant.pk).update(trial_ends_at=clock.now() + timedelta(days=30))
    lifecycle.refresh(tenant.pk, BY)


def read_only(tenant: Tenant) -> None:
    """Let the trial run out."""
    assert tenant.trial_ends_at is not None
    _until(tenant.trial_ends_at - clock.now())


def administrators(tenant: Tenant) -> None:
    """Wait 15 days more."""
    _until(timedelta(days=15))


def active(tenant: Tenant) -> None:
    """Buy, with a card that fails at the renewal."""
    _buy(tenant, FAILS_AT_RENEWAL)


def past_due(tenant: Tenant) -> None:
    """Let the renewal fail."""
    _until(_running(tenant).period_end - clock.now())


def suspended(tenant: Tenant) -> None:
    """Do not pay for 14 days."""
    _until(timedelta(days=14))


def paid(tenant: Tenant) -> None:
    """Book a transfer for what is open."""
    for invoice in Invoice.objects.filter(tenant=tenant, state="open"):
        payments.book_bank_payment(invoice.pk, invoice.due_minor, reference=f"Tour {invoice.number}", by=BY)


def canceling(tenant: Tenant) -> None:
    """Cancel to the end of the period."""
    ending.cancel(tenant, reason="tour", by=BY)


def canceled(tenant: Tenant) -> None:
    """Wait for the end of the period."""
    _until(_running(tenant).period_end - clock.now())


def reactivated(tenant: Tenant) -> None:
    """Buy again, with a card that works."""
    _buy(tenant, GOOD)


def deleted(tenant: Tenant) -> None:
    """Cancel at once and wait 30 days."""
    ending.cancel(tenant, reason="tour", by=BY, at_once=True)
    _until(timedelta(days=30))


STOPS: dict[str, Callable[[Tenant], None]] = {
    function.__name__: function
    for function in (
        trialing, read_only, administrators, active, past_due, suspended, paid, canceling, canceled,
        reactivated, deleted,
    )
}  # fmt: skip


def go(tenant: Tenant, stop: str) -> Tenant:
    """Make one stop and return the tenant as it is then. Raises KeyError, TenantRefusal."""
    act = STOPS[stop]
    tenant.refresh_from_db()
    act(tenant)
    tenant.refresh_from_db()
    return tenant
