"""Operators end a subscription for a customer who asked them to; nothing that is paid for is deleted meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from billing.models import Subscription
from billing.services import lifecycle
from tenants.models import Deletion, OperatorAudit, Tenant
from tenants.operator.models import Approval, Role
from tests.billing.conftest import BAD_LATER
from tests.tenants import operators

Buy = Callable[..., Subscription]
Later = Callable[[float], None]
REASON = "Asked for by letter"


def act(client: Client, tenant: Tenant, act: str, **values: str) -> tuple[int, str]:
    answer = client.post(f"/tenants/{tenant.pk}/acts/tenant.{act}/", {"reason": REASON, **values})
    return int(answer.status_code), answer.content.decode()


def test_it_ends_with_its_period_and_that_is_taken_back(tenant: Tenant, buy: Buy, later: Later) -> None:
    bought = buy(seats=2)
    client = operators.signed_in(role=Role.BILLING)
    assert act(client, tenant, "resume_subscription")[0] in (404, 409)  # nothing to take back
    assert act(client, tenant, "cancel", when="period")[0] == 302
    bought.refresh_from_db()
    assert bought.cancel_at == bought.period_end and bought.ended_at is None
    assert act(client, tenant, "resume_subscription")[0] == 302
    bought.refresh_from_db()
    assert bought.cancel_at is None
    assert act(client, tenant, "cancel", when="period")[0] == 302
    later((bought.period_end - bought.period_start) / timedelta(days=1))
    bought.refresh_from_db()
    assert bought.ended_at is not None and tenant.state == "canceled"
    noted = OperatorAudit.objects.filter(tenant_id=tenant.pk, reason=REASON).order_by("at")
    assert [row.act for row in noted] == ["tenant.cancel", "tenant.resume_subscription", "tenant.cancel"]


def test_now_is_now(tenant: Tenant, buy: Buy) -> None:
    bought = buy(seats=2)
    client = operators.signed_in(role=Role.BILLING)
    assert act(client, tenant, "cancel", when="now")[0] == 302
    bought.refresh_from_db()
    tenant.refresh_from_db()
    assert bought.status == Subscription.Status.ENDED and tenant.state == "canceled"
    assert act(client, tenant, "cancel", when="now")[0] in (404, 409)


@pytest.mark.parametrize(
    ("role", "when", "status"),
    [("support", "now", 403), ("read_only", "now", 403), ("billing", "never", 422)],
)
def test_others_and_nonsense_end_nothing(tenant: Tenant, buy: Buy, role: str, when: str, status: int) -> None:
    bought = buy(seats=2)
    assert act(operators.signed_in(role=Role(role)), tenant, "cancel", when=when)[0] == status
    bought.refresh_from_db()
    assert bought.cancel_at is None and bought.ended_at is None
    assert not OperatorAudit.objects.filter(act="tenant.cancel").exists()


def test_a_deletion_is_not_even_asked_for_while_somebody_pays(tenant: Tenant, buy: Buy) -> None:
    buy(seats=2)
    client = operators.signed_in()
    name = tenant.domains.get(is_primary=True).slug
    status, page = act(client, tenant, "delete", name=name)
    assert status == 409 and "A subscription runs. Cancel it first." in page
    assert not Approval.objects.exists() and not Deletion.objects.exists()
    assert act(client, tenant, "cancel", when="now")[0] == 302
    lifecycle.refresh(tenant.pk, "test")
    assert act(client, tenant, "delete", name=name)[0] == 302
    assert Approval.objects.get().state == "pending"


def test_time_to_pay_is_given_where_something_is_overdue(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=2, card=BAD_LATER)
    client = operators.signed_in(role=Role.BILLING)
    assert act(client, tenant, "give_time", until="2026-06-30")[0] in (404, 409)
    later(45)
    assert tenant.state == "suspended"
    assert act(client, tenant, "give_time", until="2026-06-30")[0] == 302
    tenant.refresh_from_db()
    assert tenant.state == "past_due"
    choices = client.get(f"/tenants/{tenant.pk}/acts/tenant.remove_override/").content.decode()
    assert "Time to pay" in choices
