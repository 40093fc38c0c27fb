"""Money on the operators' console: agreements, revenue, webhooks, figures, and no deletion while somebody pays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.models import Override, PlanPrice, ProviderEvent, StateTransition, Subscription
from billing.services import rehearsal
from billing.services.catalogue import sync_catalogue
from tenants import hosts
from tenants.context import activate_public
from tenants.entitlements import limit
from tenants.errors import TenantRefusal
from tenants.lifecycle import deletion
from tenants.models import Deletion, OperatorAudit, Tenant
from tenants.operator.models import Role
from tests.tenants import operators

REASON = "asked for by phone, ticket 4711"


@pytest.fixture(autouse=True)
def _ready(database):
    sync_catalogue()
    hosts.forget()


def day(days: int) -> str:
    return (timezone.now() + timedelta(days=days)).date().isoformat()


def act(client, tenant, name, /, **values):
    return client.post(f"/tenants/{tenant.pk}/acts/tenant.{name}/", {"reason": REASON, **values}).status_code


def subscribed(tenant: Tenant) -> Subscription:
    price = PlanPrice.objects.get(
        version__plan__code="professional", version__state="current", interval="year", currency="EUR"
    )
    now = timezone.now()
    return Subscription.objects.create(
        tenant=tenant, provider="builtin", provider_id="sub_1", price=price, seats=4, status="active",
        started_at=now, period_start=now, period_end=now + timedelta(days=365),
    )  # fmt: skip


def test_an_override_counts_at_once_and_goes_again(other_workspace):
    client = operators.signed_in(role=Role.BILLING)
    plan = limit(other_workspace, "users")
    assert act(client, other_workspace, "override", feature="users", value="7", until=day(10)) == 302
    assert limit(Tenant.objects.get(pk=other_workspace.pk), "users") == 7
    assert Override.objects.get().made_by == "op@example.com"
    assert act(client, other_workspace, "remove_override", feature="users") == 302
    assert limit(Tenant.objects.get(pk=other_workspace.pk), "users") == plan
    assert OperatorAudit.objects.filter(
        act="tenant.override", reason=REASON, tenant_id=other_workspace.pk
    ).exists()


@pytest.mark.parametrize(
    "values",
    [
        {"feature": "wishes", "value": "1"}, {"feature": "users", "value": "-1"}, {"feature": "users", "value": "1e9"}, {"feature": "users", "value": "5 gb"}, {"feature": "storage_bytes", "value": "5 eb"},
        {"feature": "users", "value": "٧"}, {"feature": "field_security", "value": "maybe"}, {"feature": "users", "value": "9" * 20},
        {"feature": "users", "value": "5", "until": "2001-01-01"}, {"feature": "users", "value": "5", "until": "9999-12-31"},
        {"feature": "users", "value": "5", "until": ""}, {"feature": "users", "value": "5", "reason": ""},
    ],
)  # fmt: skip
def test_bad_overrides_change_nothing(other_workspace, values):
    client = operators.signed_in()
    assert act(client, other_workspace, "override", **{"until": day(10), **values}) == 422
    assert not Override.objects.exists() and not OperatorAudit.objects.filter(act="tenant.override").exists()


@pytest.mark.parametrize(
    ("feature", "written", "value"),
    [("storage_bytes", "50 GB", 50 * 2**30), ("file_bytes", "250mb", 250 * 2**20), ("storage_bytes", "7", 7),
     ("users", "", None), ("field_security", "an", True), ("custom_domain", "off", False), ("custom_objects", "7", 7)],
)  # fmt: skip
def test_limits_are_written_as_people_write_them(other_workspace, feature, written, value):
    client = operators.signed_in(role=Role.BILLING)
    assert act(client, other_workspace, "override", feature=feature, value=written, until=day(10)) == 302
    assert Override.objects.get().value == value


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.READ_ONLY])
def test_agreements_need_the_right_role(other_workspace, role):
    client = operators.signed_in(role=role)
    assert act(client, other_workspace, "override", feature="users", value="7", until=day(10)) == 403
    assert not Override.objects.exists()


def test_closed_for_abuse_and_reopened(other_workspace):
    client = operators.signed_in()
    assert act(client, other_workspace, "close") == 302
    found = Tenant.objects.get(pk=other_workspace.pk)
    assert found.state == "suspended" and found.entitlements["access"] == "closed"
    assert act(client, other_workspace, "close") in (404, 409)  # it is closed already
    assert act(client, other_workspace, "reopen") == 302
    assert Tenant.objects.get(pk=other_workspace.pk).state == other_workspace.state
    acts = OperatorAudit.objects.filter(tenant_id=other_workspace.pk, reason=REASON).values_list(
        "act", flat=True
    )
    assert {"tenant.close", "tenant.reopen"} <= set(acts)


@pytest.mark.parametrize("role", [Role.BILLING, Role.SUPPORT, Role.READ_ONLY])
def test_closing_needs_the_operators_role(other_workspace, role):
    assert act(operators.signed_in(role=role), other_workspace, "close") == 403
    assert Tenant.objects.get(pk=other_workspace.pk).state == other_workspace.state


def test_a_trial_is_extended(other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(
        trial_ends_at=timezone.now() + timedelta(days=1), state="trialing"
    )
    assert act(operators.signed_in(), other_workspace, "extend_trial", until=day(20)) == 302
    found = Tenant.objects.get(pk=other_workspace.pk)
    assert found.trial_ends_at > timezone.now() + timedelta(days=19)


def test_revenue_stands_in_the_list_and_in_the_export(other_workspace):
    row = subscribed(other_workspace)
    monthly = row.price.amount_minor * 4 / 12 / 100
    client = operators.signed_in(role=Role.READ_ONLY)
    assert f"{monthly:.2f} EUR" in client.get("/").content.decode()
    assert f"{monthly:.2f} EUR" in client.get("/tenants.csv").content.decode()


def test_nothing_is_deleted_while_a_subscription_runs(other_workspace):
    subscribed(other_workspace)
    with activate_public(), pytest.raises(TenantRefusal, match=r"tenant\.subscribed"):
        deletion.schedule(other_workspace, REASON, requested_by="a", approved_by="b")
    assert not Deletion.objects.exists()
    assert Tenant.objects.get(pk=other_workspace.pk).deletion_due_at is None


def test_a_workspace_billing_let_end_is_destroyed_with_proof(other_workspace):
    Tenant.objects.filter(pk=other_workspace.pk).update(
        state="deleted", deleted_at=timezone.now(), state_reason="clock"
    )
    assert (deletion.schedule_ended(), deletion.schedule_ended()) == (1, 0)
    with activate_public():
        (row,) = deletion.due()
        certificate = deletion.destroy(row)
    assert certificate["requested_by"] == "billing" and certificate["proof"]["schema_absent"] is True
    assert "sign_up_rows" in certificate["removed"]


def stored(state: str) -> ProviderEvent:
    now = timezone.now()
    return ProviderEvent.objects.create(
        id="evt_1", provider="builtin", type="coffee.brewed", created_at=now, received_at=now, next_try_at=now, state=state,
        payload={"id": "evt_1", "type": "coffee.brewed", "created": 1, "data": {"object": {"id": "<script>"}}},
    )  # fmt: skip


def test_webhooks_are_listed_read_and_replayed():
    stored("failed")
    client = operators.signed_in(role=Role.BILLING)
    assert "disturbed on purpose" not in client.get("/webhooks/").content.decode()
    rehearsal.disturb(drop=True)
    assert "disturbed on purpose: drop." in client.get("/webhooks/").content.decode()
    assert "coffee.brewed" in client.get("/webhooks/?state=failed").content.decode()
    assert "coffee.brewed" not in client.get("/webhooks/?state=done").content.decode()
    page = client.get("/webhooks/evt_1/")
    assert page.status_code == 200 and b"<script>" not in page.content
    assert client.post("/webhooks/evt_1/replay/").status_code == 302
    assert ProviderEvent.objects.get().state == "ignored"
    assert OperatorAudit.objects.get(act="webhook.replayed").details["event"] == "evt_1"
    assert client.get("/webhooks/nothing/").status_code == 404


def test_support_sees_no_payloads_and_replays_nothing():
    stored("failed")
    client = operators.signed_in(role=Role.SUPPORT)
    assert client.get("/webhooks/").status_code == 200
    assert client.get("/webhooks/evt_1/").status_code == 403
    assert client.post("/webhooks/evt_1/replay/").status_code == 403
    assert ProviderEvent.objects.get().state == "failed"


def test_figures_come_from_rows(workspace, other_workspace):
    with activate_public():
        row = subscribed(other_workspace)
        for tenant, after in ((workspace, "expired"), (other_workspace, "active")):
            StateTransition.objects.create(
                tenant=tenant, at=timezone.now(), state_before="trialing", state_after=after, access_after="full", cause="clock", facts={}
            )  # fmt: skip
        text = operators.facts(operators.signed_in().get("/figures/").content)
    assert f"{row.price.amount_minor * 4 / 12 / 100:.2f} EUR" in text
    assert "50 %" in text and "1 bought, 1 expired" in text
