"""Reminders of a trial's end: at 7, 3 and 1 days, each once (ASP-10.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from onboarding.models import OutgoingMail
from onboarding.services import reminders
from tenants.models import Tenant, TenantState


@pytest.fixture
def trial(plans: None) -> Tenant:
    """A trial that ends in ten days."""
    tenant = Tenant.objects.get(domains__slug="acme")
    Tenant.objects.exclude(pk=tenant.pk).update(state=TenantState.ACTIVE)
    tenant.state, tenant.owner_email = TenantState.TRIALING, "ada@acme.test"
    tenant.trial_ends_at = timezone.now() + timedelta(days=10)
    tenant.save()
    return tenant


def sent() -> list[str]:
    return list(OutgoingMail.objects.filter(kind="trial_ending").values_list("subject", flat=True))


def test_three_reminders_over_the_life_of_a_trial(trial: Tenant) -> None:
    start = trial.trial_ends_at - timedelta(days=30)
    for hour in range(0, 31 * 24, 6):
        reminders.send_due(start + timedelta(hours=hour))
    assert len(sent()) == 3
    assert ["7 days" in sent()[0], "3 days" in sent()[1], "one day" in sent()[2]] == [True] * 3


def test_after_an_outage_only_the_nearest_is_sent(trial: Tenant) -> None:
    now = trial.trial_ends_at - timedelta(hours=20)
    assert reminders.send_due(now) == 1 and reminders.send_due(now) == 0
    assert "one day" in sent()[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"state": TenantState.ACTIVE},
        {"state": TenantState.EXPIRED},
        {"trial_ends_at": timezone.now() - timedelta(hours=1)},
        {"trial_ends_at": None},
        {"owner_email": "demo@kontor.example"},
    ],
)
def test_nobody_else_is_reminded(trial: Tenant, changed: dict[str, Any]) -> None:
    Tenant.objects.filter(pk=trial.pk).update(
        **{"trial_ends_at": timezone.now() + timedelta(days=2), **changed}
    )
    assert reminders.send_due() == 0 and sent() == []
