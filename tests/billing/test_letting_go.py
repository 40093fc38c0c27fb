"""Nothing is deleted by surprise, and nothing is charged for what is gone (ASP-20, ASP-40.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from billing.models import BillingProfile, Hold, Invoice, Notice, PaymentMethod, Subscription
from billing.providers.builtin import clock, cycle
from billing.providers.builtin.models import Customer, Installation
from billing.providers.builtin.models import Subscription as Held
from billing.services import agreements, changes, ending, lifecycle, planned_seats, profile, reconcile
from billing.tasks import look_at_states
from onboarding.models import OutgoingMail
from tenants import support
from tenants.context import activate_public
from tenants.errors import TenantRefusal
from tenants.lifecycle import deletion, holding
from tenants.models import Deletion, OwnerNotice, Tenant
from tests.billing.conftest import BAD_LATER, add_users, told

Buy = Callable[..., Subscription]
Jump = Callable[[float], None]


@pytest.fixture
def jump(tenant: Tenant) -> Jump:
    """The clock goes on at once: nobody looked in between."""

    def act(days: float) -> None:
        clock.advance(timedelta(days=days))
        cycle.run_due()
        reconcile.reconcile(tenant)
        look_at_states()
        tenant.refresh_from_db()

    return act


def warned(tenant: Tenant) -> int:
    return Notice.objects.filter(tenant=tenant, kind="deletion_soon").count()


def goes_in_a_week(tenant: Tenant, jump: Jump) -> None:
    """Warned just now; nothing is lost within a week, and deleted then."""
    assert tenant.state != "deleted" and warned(tenant) == 1
    jump(6.9)
    assert tenant.state != "deleted" and tenant.deleted_at is None
    jump(0.2)
    assert tenant.state == "deleted"


def test_after_a_long_silence_a_trial_is_warned_first(tenant: Tenant, jump: Jump) -> None:
    jump(200)
    goes_in_a_week(tenant, jump)


def test_who_never_paid_is_warned_charged_no_more_and_destroyed(tenant: Tenant, buy: Buy, jump: Jump) -> None:
    buy(seats=1, card=BAD_LATER)
    jump(30)
    jump(150)
    goes_in_a_week(tenant, jump)
    assert Held.objects.get().status == Subscription.objects.get().status == "ended"
    deletion.schedule_ended()
    assert Deletion.objects.get(tenant=tenant).state == "scheduled"


@pytest.mark.parametrize("how", ["over", "withdrawn"])
def test_the_end_of_a_free_period_is_no_deletion(tenant: Tenant, jump: Jump, how: str) -> None:
    agreements.grant_free(tenant, clock.now() + timedelta(days=200), reason="pilot", by="ops")
    jump(199)
    if how == "withdrawn":
        agreements.remove_override(tenant, "free", by="ops")
        tenant.refresh_from_db()
    else:
        jump(1)
    assert (tenant.state, tenant.entitlements["access"], warned(tenant)) == ("expired", "read_only", 0)
    jump(16)
    assert (tenant.state, tenant.entitlements["access"]) == ("expired", "suspended")


def test_reopening_after_a_closure_is_no_deletion(tenant: Tenant, jump: Jump) -> None:
    agreements.close(tenant, reason="by mistake", by="ops")
    jump(100)
    agreements.reopen(tenant, by="ops")
    tenant.refresh_from_db()
    assert (tenant.state, tenant.entitlements["access"]) == ("expired", "read_only")


def test_what_operators_hold_is_not_deleted_by_time(tenant: Tenant, jump: Jump) -> None:
    """Held ten days before the end, for a year: nothing goes, nothing is announced; then ten days with a new warning."""
    jump(30 + 50)
    holding.suspend(tenant, "abuse")
    told_before = warned(tenant)
    for _month in range(12):
        jump(30)
    tenant.refresh_from_db()
    assert (tenant.state, tenant.deleted_at, warned(tenant)) == ("expired", None, told_before)
    assert tenant.entitlements["next_at"] is None and deletion.schedule_ended() == 0
    holding.resume(tenant)
    jump(0.5)
    assert warned(tenant) == told_before + 1
    assert lifecycle.standing_of(tenant).next_at == clock.now() + timedelta(days=9.5)
    jump(9)
    assert tenant.state == "expired"
    jump(0.6)
    assert tenant.state == "deleted"


def test_a_hold_that_never_began_counts_for_nothing(tenant: Tenant, jump: Jump) -> None:
    jump(30 + 50)
    before = lifecycle.standing_of(tenant).next_at
    holding.suspend(tenant, "later", at=timezone.now() + timedelta(days=3))
    assert lifecycle.standing_of(tenant).next_at is None
    holding.suspend(tenant, "later still", at=timezone.now() + timedelta(days=4))
    assert Hold.objects.filter(tenant=tenant).count() == 1
    holding.resume(tenant)
    assert lifecycle.standing_of(tenant).next_at == before and not Hold.objects.exists()


def test_the_mail_names_no_day_while_held(tenant: Tenant, jump: Jump) -> None:
    holding.suspend(tenant, "abuse")
    jump(30)
    jump(15)
    assert told(tenant)[-1] == "trial_suspended"
    mail = OutgoingMail.objects.get(subject__contains="suspended", text__contains="15 days ago")
    assert "Nothing is deleted as long as the workspace is suspended by us." in mail.text


def test_a_deletion_called_off_is_no_deletion(tenant: Tenant, jump: Jump) -> None:
    """Thirty days operators can call it off, also when the trial's own way to deletion is shorter; then it counts anew."""
    jump(30 + 50)
    assert tenant.entitlements["access"] == "suspended"
    jump(8)  # warned, and the week is over
    deletion.schedule(tenant, "asked", requested_by="a", approved_by="b")
    tenant.refresh_from_db()
    jump(20)
    assert tenant.state == "expired" and tenant.deleted_at is None
    with time_machine.travel(clock.now(), tick=False):  # the installation's clock is ahead of the machine's
        Installation.objects.update(clock_offset_seconds=0)
        deletion.recover(tenant)
        tenant.refresh_from_db()
        jump(1)
        assert (tenant.state, tenant.entitlements["access"]) == ("expired", "read_only")


def test_free_of_charge_is_not_promised_to_who_is_charged(tenant: Tenant, buy: Buy) -> None:
    buy(seats=1)
    with pytest.raises(TenantRefusal) as refused:
        agreements.grant_free(tenant, clock.now() + timedelta(days=200), reason="pilot", by="ops")
    assert refused.value.code == "plan.subscribed" and not tenant.overrides.exists()


def test_seats_in_use_are_renewed_whatever_was_planned(tenant: Tenant, buy: Buy, jump: Jump) -> None:
    buy(seats=12)
    changes.change_plan(tenant, "starter", "month", by="t", key="1")  # ten at most
    changes.set_seats(tenant, 2, by="t", key="2")
    add_users(tenant, 4)
    jump(27)
    assert Subscription.objects.get().next_seats == 2  # there is time to change one's mind
    jump(1.5)
    planned = Subscription.objects.select_related("next_price").get()
    assert planned.next_seats == 5 and planned.next_price is not None
    assert planned.next_price.lookup_key.startswith("starter")
    assert told(tenant).count("seats_kept") == 1 and planned_seats.keep_those_in_use() == 0
    add_users(tenant, 6)
    jump(0)
    planned = Subscription.objects.get()
    assert (planned.seats, planned.next_seats) == (12, 11)  # too many for the smaller plan: today's stays
    jump(2)
    running = Subscription.objects.select_related("price").get()
    assert (running.seats, running.price.lookup_key) == (11, "professional_v1_month_eur")
    assert lifecycle.standing_of(tenant).state == "active"


def found(word: str) -> set[str]:
    """Tables of the control data with `word` in a row."""
    tables = set()
    with activate_public(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT 1 FROM public.{table} x WHERE x::text ILIKE %s LIMIT 1", [f"%{word}%"])
            if cursor.fetchone():
                tables.add(table)
    return tables


def test_nothing_of_the_people_is_left_after_a_destruction(tenant: Tenant, buy: Buy) -> None:
    """Invoices keep who was billed; how to reach and charge him, and who did what, goes (ASP-40.5)."""
    details = {
        "legal_name": "Zweifel GmbH",
        "email": "pay@acme.test",
        "street": "Geheimgasse 7",
        "country": "DE",
    }
    profile.update(tenant, details | {"postal_code": "1", "city": "B", "po_number": "GEHEIM"})
    buy(seats=2)
    changes.set_seats(tenant, 3, by="owner@acme.test", key="1")
    support.grant(tenant, 5, by="owner@acme.test", note="geheim")
    agreements.set_override(tenant, "emails_per_day", 9, until=None, reason="geheim", by="ops@provider.test")
    ending.cancel(tenant, reason="", by="owner@acme.test", at_once=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with activate_public():
        row = deletion.schedule(tenant, "asked", requested_by="a", approved_by="b", due_at=timezone.now())
        removed = deletion.destroy(row)["removed"]
    assert removed["billing_contacts"] > 5 and removed["support_consents"] == 1
    OutgoingMail.objects.all().delete()  # those that left go after two days
    OwnerNotice.objects.update(to="", body="")  # emptied when it leaves
    assert found("acme.test") == set()
    assert found("geheim") == {"builtin_invoice"}  # as printed
    assert not PaymentMethod.objects.exists()
    # What the provider says of him afterwards is not taken over again.
    Customer.objects.update(street="Geheimgasse 7")
    reconcile.reconcile(tenant)
    assert BillingProfile.objects.get(tenant=tenant).street == ""
    assert Invoice.objects.filter(tenant=tenant, buyer_name="Zweifel GmbH").count() == 2


def test_time_to_pay_keeps_everybody_in_and_the_debt_open(
    tenant: Tenant, buy: Buy, later: Callable[[float], None]
) -> None:
    buy(seats=2, card=BAD_LATER)
    with pytest.raises(TenantRefusal, match=r"invoice\.none_overdue"):
        agreements.give_time(tenant, clock.now() + timedelta(days=9), reason="asked by phone", by="op@x.test")
    later(30 + 15)
    assert tenant.state == "suspended"
    until = clock.now() + timedelta(days=10)
    agreements.give_time(tenant, until, reason="says he paid", by="op@x.test")
    tenant.refresh_from_db()
    assert tenant.state == "past_due" and tenant.entitlements["access"] == "full"
    assert lifecycle.standing_of(tenant).next_at == until
    assert Invoice.objects.filter(tenant=tenant, state="open").exists()
    later(10.1)
    assert tenant.state == "suspended"
    assert agreements.remove_override(tenant, "grace", by="op@x.test")
    assert lifecycle.standing_of(tenant).next_at < until + timedelta(days=60)
