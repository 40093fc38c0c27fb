"""One workspace through every state, as `manage.py billing_tour` leads it."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from billing.models import Invoice, StateTransition
from tenants.models import Tenant
from tests.billing.conftest import told

EXPECTED = [
    ("trialing", "trialing", "full"),
    ("read_only", "expired", "read_only"),
    ("administrators", "expired", "suspended"),
    ("active", "active", "full"),
    ("past_due", "past_due", "full"),
    ("suspended", "suspended", "suspended"),
    ("paid", "active", "full"),
    ("canceling", "active", "full"),
    ("canceled", "canceled", "export_only"),
    ("reactivated", "active", "full"),
    ("deleted", "deleted", "closed"),
]


@pytest.mark.real_commit  # as at the command line: no transaction around it
def test_every_state_in_its_order(tenant: Tenant) -> None:
    out = StringIO()
    call_command("billing_tour", "acme", "--delete", stdout=out)
    rows = [tuple(line.split()[1:]) for line in out.getvalue().splitlines()]
    assert rows == EXPECTED
    states = (
        StateTransition.objects.filter(tenant=tenant)
        .order_by("at", "id")
        .values_list("state_after", flat=True)
    )
    assert list(dict.fromkeys(states)) == [
        "expired",
        "active",
        "past_due",
        "suspended",
        "canceled",
        "deleted",
    ]
    numbers = sorted(Invoice.objects.filter(tenant=tenant).values_list("number", flat=True))
    assert numbers == [f"R-2026-{n:05d}" for n in range(1, len(numbers) + 1)]
    assert {"trial_over", "trial_suspended", "payment_failed", "suspended", "canceling", "canceled"} <= set(
        told(tenant)
    )


@override_settings(KONTOR_BILLING_MODE="live")
def test_never_where_money_moves(tenant: Tenant) -> None:
    with pytest.raises(CommandError, match="test installation"):
        call_command("billing_tour", "acme")
    tenant.refresh_from_db()
    assert tenant.state == "trialing"
