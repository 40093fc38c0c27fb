"""Fixtures of money: a catalogue with AC-02's figures, a clock that can be moved, a workspace that buys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from billing.models import Notice, Subscription
from billing.providers.builtin import cards, checkout
from billing.services import lifecycle, purchase, reconcile, virtual_time
from billing.services.catalogue import sync_catalogue
from onboarding.models import OutgoingMail
from tenants import hosts
from tenants.context import activate
from tenants.identity.models import User
from tenants.models import Tenant

#: April has 30 days, as AC-02 asks for.
START = datetime(2026, 4, 1, 9, tzinfo=UTC)
GOOD, BAD_LATER = "4242424242424242", "4000000000000341"


@pytest.fixture
def frozen(database: None) -> Iterator[Any]:
    """Real time stands still at START; only the virtual clock moves."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def plans(frozen: Any) -> None:
    """The delivered catalogue, and no mails of the preparation."""
    sync_catalogue()
    OutgoingMail.objects.all().delete()


@pytest.fixture
def tenant(plans: None) -> Tenant:
    """A workspace in its trial, 30 days of it left, with its owner as only user. Not active."""
    found = Tenant.objects.get(domains__slug="acme")
    found.state, found.trial_ends_at = "trialing", START + timedelta(days=30)
    found.owner_email, found.country, found.currency = "owner@acme.test", "DE", "EUR"
    found.save()
    lifecycle.refresh(found.pk, "test")
    with activate(found):
        User.objects.filter(is_active=True).update(is_active=False)
        User.objects.create_user(
            "owner@acme.test", "correct horse battery staple", full_name="Olga", is_admin=True
        )
    found.refresh_from_db()
    return found


@pytest.fixture
def buy(tenant: Tenant) -> Callable[..., Subscription]:
    """Buy a subscription on the provider's page: `buy(seats=10, card="4242…")`."""

    def act(
        seats: int = 10,
        card: str = GOOD,
        plan: str = "professional",
        interval: str = "month",
        coupon: str = "",
        by_transfer: bool = False,
    ) -> Subscription:
        page = purchase.start_checkout(tenant, plan, interval, seats, coupon=coupon, by="owner@acme.test")
        details = cards.transfer() if by_transfer else cards.card(card, "12", "30", START.date())
        checkout.pay(page.id, details)
        reconcile.reconcile(tenant)
        tenant.refresh_from_db()
        return Subscription.objects.get(tenant=tenant, ended_at=None)

    return act


@pytest.fixture
def later(tenant: Tenant) -> Callable[[float], None]:
    """Let days pass on the virtual clock."""

    def act(days: float) -> None:
        virtual_time.advance(timedelta(days=days), by="test")
        tenant.refresh_from_db()

    return act


def add_users(tenant: Tenant, count: int) -> None:
    """Active users with CRM accounts, beyond those there are."""
    from crm_core.security.services import create_system_user

    with activate(tenant):
        for number in range(count):
            address = f"user{number}-{User.objects.count()}@acme.test"
            login = User.objects.create_user(address, full_name=f"User {number}")
            create_system_user(f"User {number}", address, login_id=login.pk, roles=["salesperson"])


def told(tenant: Tenant) -> list[str]:
    """Kinds of the notices sent, in order."""
    return list(
        Notice.objects.filter(tenant=tenant).order_by("queued_at", "id").values_list("kind", flat=True)
    )


@pytest.fixture(autouse=True)
def _fresh_hosts() -> Iterator[None]:
    yield
    hosts.forget()
