"""What was confirmed is what is charged: every preview to the cent, whatever was changed before (ASP-20.1, ASP-20.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import CreditNote, Invoice, Subscription
from billing.providers import provider_named
from billing.providers.builtin import clock, cycle
from billing.providers.interface import Preview
from billing.services import addons, agreements, changes, ending, profile, reconcile
from tenants.errors import TenantRefusal
from tenants.models import Tenant

ADDRESS = {"legal_name": "Acme", "email": "a@acme.test", "street": "", "postal_code": "", "city": ""}
#: Where a customer may be: with tax, without, and another rate.
PLACES = {"home": ("DE", ""), "reverse": ("AT", "ATU13585627"), "abroad": ("US", ""), "sweden": ("SE", "")}

steps = st.lists(
    st.one_of(
        st.tuples(st.just("seats"), st.integers(1, 12)),
        st.tuples(st.just("plan"), st.tuples(st.sampled_from(["starter", "professional", "enterprise"]),
                                             st.sampled_from(["month", "year"]))),
        st.tuples(st.just("storage"), st.integers(0, 4)),
        st.tuples(st.just("move"), st.sampled_from(sorted(PLACES))),
        st.tuples(st.just("cancel"), st.booleans()),
        st.tuples(st.just("hours"), st.integers(1, 24 * 20)),
    ),
    min_size=1, max_size=7,
)  # fmt: skip


def figures(preview: Preview) -> tuple[int, int, int, Decimal, str]:
    return (
        preview.net_minor, preview.tax_minor, preview.total_minor, preview.tax_rate, preview.tax_treatment,
    )  # fmt: skip


def written(invoice: Invoice) -> tuple[int, int, int, Decimal, str]:
    return (
        invoice.net_minor, invoice.tax_minor, invoice.total_minor, invoice.tax_rate, invoice.tax_treatment,
    )  # fmt: skip


def newest(tenant: Tenant, before: set[str]) -> list[Invoice]:
    rows = Invoice.objects.filter(tenant=tenant).exclude(number__in=before).order_by("number")
    return list(rows)


def given_back(tenant: Tenant, before: set[str]) -> int:
    """What credit notes written since give back, with tax."""
    rows = CreditNote.objects.filter(invoice__tenant=tenant).exclude(number__in=before)
    return sum(row.total_minor for row in rows)


def do(tenant: Tenant, name: str, value: object, number: int) -> None:
    """One step; a change is looked at first, and what it wrote compared with that."""
    known = set(Invoice.objects.filter(tenant=tenant).values_list("number", flat=True))
    credited = set(CreditNote.objects.filter(invoice__tenant=tenant).values_list("number", flat=True))
    running = Subscription.objects.get(tenant=tenant, ended_at=None)
    plan, interval = running.price.version.plan.code, running.price.interval
    seen: changes.Change | None = None
    key = f"k{number}"
    if name == "seats" and isinstance(value, int):
        seen = changes.preview_change(tenant, plan, interval, value)
        changes.set_seats(tenant, value, by="t", key=key)
    elif name == "plan" and isinstance(value, tuple) and value != (plan, interval):
        seen = changes.preview_change(tenant, *value, running.seats)
        changes.change_plan(tenant, *value, by="t", key=key)
    elif name == "storage" and isinstance(value, int):
        seen = addons.preview_addons(tenant, {"storage_10": value})
        addons.set_addons(tenant, {"storage_10": value}, by="t", key=key)
    elif name == "move" and isinstance(value, str):
        country, number_ = PLACES[value]
        profile.update(tenant, ADDRESS | {"country": country, "tax_id": number_, "po_number": ""})
    elif name == "cancel":
        (ending.cancel(tenant, reason="", by="t") if value else ending.resume(tenant, by="t"))
    elif name == "hours" and isinstance(value, int):
        clock.advance(timedelta(hours=min(value, hours_left(running))))
    if seen is None:
        return
    fresh = newest(tenant, known)
    if seen.now is None or not seen.now.lines or seen.now.total_minor < 0:
        assert fresh == []
    else:
        assert [written(i) for i in fresh] == [figures(seen.now)]
        assert sum(line.net_minor for line in fresh[0].lines.all()) == fresh[0].net_minor
    parts = [seen.now, *seen.now.credits] if seen.now else []
    assert given_back(tenant, credited) == -sum(min(one.total_minor, 0) for one in parts)
    after = Subscription.objects.get(tenant=tenant, ended_at=None)
    assert figures(seen.renewal) == figures(next_invoice(after))


def hours_left(running: Subscription) -> int:
    """Full hours before the renewal: these stories stay within one period."""
    left: timedelta = running.period_end - clock.now()
    return max(int(left.total_seconds() // 3600) - 1, 0)


def next_invoice(running: Subscription) -> Preview:
    """As the page shows it."""
    price = running.next_price or running.price
    rows = running.items.select_related("price__version")
    later = {}
    for item in rows:
        number = item.quantity if item.next_quantity is None else item.next_quantity
        own = item.price.version.prices.get(interval=price.interval, currency=price.currency)
        later |= {own.lookup_key: number} if number else {}
    seats = running.next_seats or running.seats
    agent = provider_named("builtin")
    return agent.preview(running.provider_id, price.lookup_key, seats, at_renewal=True, addons=later)


@settings(
    max_examples=8, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    story=steps,
    coupon=st.sampled_from(["", "P20", "M3", "EUR50"]),
    interval=st.sampled_from(["month", "year"]),
)
def test_what_is_shown_is_what_is_charged(
    tenant: Tenant,
    buy: Callable[..., Subscription],
    story: list[tuple[str, object]],
    coupon: str,
    interval: str,
) -> None:
    point = transaction.savepoint()
    try:
        agreements.create_coupon("P20", percent_off=Decimal(20), duration="forever", by="t")
        agreements.create_coupon("M3", percent_off=Decimal(50), duration="repeating", months=3, by="t")
        agreements.create_coupon("EUR50", amount_off_minor=5000, currency="EUR", duration="once", by="t")
        buy(seats=4, coupon=coupon, interval=interval)
        for number, (name, value) in enumerate(story):
            try:
                with transaction.atomic():
                    do(tenant, name, value, number)
            except TenantRefusal as refused:
                assert refused.status in (402, 409, 422)
        reconcile.reconcile(tenant)
        running = Subscription.objects.get(tenant=tenant, ended_at=None)
        expected = next_invoice(running)
        known = set(Invoice.objects.filter(tenant=tenant).values_list("number", flat=True))
        end: datetime = running.period_end
        clock.advance(end - clock.now())
        cycle.run_due()
        reconcile.reconcile(tenant)
        after = [written(i) for i in newest(tenant, known)]
        assert after == ([] if running.cancel_at else [figures(expected)])
    finally:
        transaction.savepoint_rollback(point)
        tenant.refresh_from_db()
