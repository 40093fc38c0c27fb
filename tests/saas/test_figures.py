"""The operators' figures with exact numbers: recurring revenue, conversion, churn, and how they went (ASP-30 Figures)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import PlanPrice, StateTransition, Subscription, UsageRecord
from billing.services.catalogue import sync_catalogue
from billing.services.figures import monthly_revenues, recurring_revenue
from saas.console import movements
from saas.console.figures import FIGURES, _features, _usage
from tenants import figures
from tenants.context import activate_public
from tenants.ids import new_schema_name
from tenants.models import FigureDay, Tenant
from tenants.operator.views.figures import HEIGHT, TOP, line
from tests.tenants import operators

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)


@pytest.fixture
def control(database: None) -> Any:
    with activate_public():
        sync_catalogue()
        yield


def tenant(name: str) -> Tenant:
    return Tenant.objects.create(name=name, schema_name=new_schema_name(), owner_email=f"{name}@a.example")


def price(plan: str, interval: str, currency: str, amount: int) -> PlanPrice:
    found = PlanPrice.objects.filter(version__plan__code=plan, interval=interval, currency=currency).first()
    assert found is not None
    found.amount_minor = amount
    found.save(update_fields=["amount_minor"])
    return found


def rents(of: Tenant, what: PlanPrice, seats: int, start: int, end: int | None = None, **values: Any) -> None:
    """A subscription that began and ended so many days before NOW."""
    ended_at = None if end is None else NOW - timedelta(days=end)
    Subscription.objects.create(
        tenant=of, provider="builtin", provider_id=f"sub_{of.name}_{start}", price=what, seats=seats,
        status=values.pop("status", "ended" if ended_at else "active"), started_at=NOW - timedelta(days=start),
        ended_at=ended_at, period_start=NOW, period_end=NOW + timedelta(days=30), **values,
    )  # fmt: skip


def moved(of: Tenant, days: float, before: str, after: str) -> None:
    StateTransition.objects.create(
        tenant=of, at=NOW - timedelta(days=days), state_before=before, state_after=after, access_after="full", cause="clock"
    )  # fmt: skip


def test_recurring_revenue_to_the_cent(control: None) -> None:
    month, year = price("starter", "month", "EUR", 1_000), price("professional", "year", "EUR", 25_001)
    a, b, c, d = (tenant(name) for name in "abcd")
    rents(a, month, 3, 40)
    rents(b, year, 4, 10, status="past_due")  # 4 × 250.01 a year are 83.336… a month
    rents(c, month, 7, 40, 5)
    rents(d, month, 9, 1, status="incomplete")
    assert recurring_revenue() == {"EUR": 3_000 + 8_334}
    assert monthly_revenues([a.pk, b.pk, c.pk, d.pk]) == {a.pk: ("EUR", 3_000), b.pk: ("EUR", 8_334)}


def test_conversion_counts_each_workspace_once(control: None) -> None:
    names = [tenant(name) for name in ("bought", "late", "lost", "lost2", "old", "edge")]
    bought, late, lost, lost2, old, edge = names
    moved(bought, 3, "trialing", "active")
    moved(late, 20, "trialing", "expired")  # expired first, bought afterwards: won, and not lost as well
    moved(late, 2, "expired", "active")
    moved(lost, 10, "trialing", "expired")
    moved(lost2, 1, "trialing", "expired")
    moved(old, 31, "trialing", "active")  # before the window
    moved(edge, 30, "trialing", "active")  # exactly at its beginning: the window before has it
    found = movements.conversion(SINCE, NOW)
    assert (found.bought, found.expired, found.percent) == (2, 2, 50.0)
    assert movements.conversion(NOW, NOW + timedelta(days=1)).percent is None


def test_churn_is_the_share_of_the_customers_of_the_beginning(control: None) -> None:
    month = price("starter", "month", "EUR", 1_000)
    stays, left, back, new, came_and_went, never = (
        tenant(n) for n in ("stays", "left", "back", "new", "short", "never")
    )
    rents(stays, month, 1, 100)
    rents(left, month, 5, 100, 10)
    rents(back, month, 2, 100, 20)
    rents(back, month, 3, 5)  # left and came back: has not left
    rents(new, month, 8, 3)
    rents(came_and_went, month, 4, 20, 2)  # no customer at the beginning
    rents(never, month, 4, 60, status="incomplete")
    found = movements.churn(SINCE, NOW)
    assert (found.customers, found.gone) == (3, 1)
    assert found.percent == pytest.approx(100 / 3)
    assert (found.revenue, found.lost) == ({"EUR": 8_000}, {"EUR": 5_000})
    assert movements.churn(NOW - timedelta(days=400), NOW).percent is None


def test_a_day_is_kept_once_with_its_last_value(control: None, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"EUR": 100}
    monkeypatch.setattr(figures, "_measures", {"money": lambda: values})
    figures.keep(date(2026, 11, 2))
    values = {"EUR": 150, "CHF": 7}
    figures.keep(date(2026, 11, 2))
    figures.keep(date(2026, 11, 8))
    values = {"CHF": 9}  # the last customer in euro left
    figures.keep(date(2026, 11, 10))
    assert FigureDay.objects.filter(name="money").count() == 6
    assert figures.weekly("money", 4, date(2026, 11, 11)) == {
        "CHF": [(date(2026, 11, 2), 7), (date(2026, 11, 9), 9)],
        "EUR": [(date(2026, 11, 2), 150), (date(2026, 11, 9), 0)],
    }
    assert figures.weekly("money", 1, date(2026, 11, 11))["EUR"] == [(date(2026, 11, 9), 0)]


def test_counts_are_added_up_and_of_levels_the_newest_day_counts(control: None) -> None:
    a, b = tenant("a"), tenant("b")
    today = timezone.now().date()

    def used(of: Tenant, meter: str, days: int, value: int) -> None:
        UsageRecord.objects.create(tenant=of, meter=meter, day=today - timedelta(days=days), value=value)

    for of, days, value in ((a, 0, 5), (a, 1, 7), (b, 29, 100), (b, 31, 9_999)):
        used(of, "emails_per_day", days, value)
    for of, days, value in ((a, 0, 12), (a, 1, 40), (b, 3, 30)):
        used(of, "records", days, value)
    used(a, "storage_bytes", 0, 10**12)
    assert dict(_usage()["series"]) == {"E-mails sent": 112, "Records": 42}


def test_a_feature_counts_in_how_many_workspaces_it_is_used(control: None) -> None:
    for name, features in (
        ("a", {"account": 500, "role": 9, "job:import_run": 1}),
        ("b", {"account": 1, "lead": 0}),
        ("c", {}),
    ):
        Tenant.objects.filter(pk=tenant(name).pk).update(usage={"features": features})
    assert _features()["series"] == [("Accounts", 2), ("Import run", 1)]


def test_a_workspace_says_what_it_uses_and_not_how_it_calls_its_own_objects(workspace: Tenant) -> None:
    from crm_core.records.counting import features_used, records_stored
    from crm_core.records.models import Job

    Job.objects.create(kind="export", label="x")
    Job.objects.create(kind="export", label="old", created_at=timezone.now() - timedelta(days=31))
    found = features_used()
    assert found["job:export"] == 1
    assert sum(n for name, n in found.items() if not name.startswith("job:")) == records_stored()


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40))
@settings(deadline=None)
def test_a_line_stays_in_its_drawing_and_the_largest_is_on_top(numbers: list[int]) -> None:
    drawn = line("EUR", [(str(n), n) for n in numbers], [str(n) for n in numbers])
    heights = [point["y"] for point in drawn["points"]]
    assert all(TOP <= y <= TOP + HEIGHT for y in heights)
    if max(numbers):
        assert min(heights) == TOP and heights[numbers.index(max(numbers))] == TOP
    assert all(0 <= point["x"] <= drawn["width"] for point in drawn["points"])


def test_the_page_shows_every_figure_and_how_revenue_went(control: None) -> None:
    rents(tenant("a"), price("starter", "month", "EUR", 1_000), 3, 40)
    figures.keep()
    page = operators.signed_in().get("/figures/")
    text = operators.facts(page.content)
    assert page.status_code == 200
    assert all(str(figure.label) in text for figure in FIGURES)
    assert "30.00 EUR" in text and b"<polyline" in page.content
