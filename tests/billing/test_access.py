"""What each state allows: API, exports, jobs, tokens, pages (ASP-20 table, SAAS.md B9, B11)."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client

from billing.models import Invoice, Subscription
from billing.services import agreements, clock, ending, lifecycle, payments
from crm_core.metadata import workspace
from crm_core.records import jobs
from crm_core.records.models import Job
from crm_core.security.actor import actor_for_login
from tenants import hosts
from tenants.context import activate
from tenants.errors import TenantRefusal
from tenants.identity.models import User
from tenants.models import Tenant
from tests.api_client import host_of
from tests.billing.conftest import BAD_LATER, add_users, told
from tests.billing.test_acceptance import send, signed_in

Buy = Callable[..., Subscription]
Later = Callable[[float], None]


@pytest.fixture
def admin(tenant: Tenant) -> Client:
    client = signed_in(tenant)
    assert send(client, "post", "/accounts", {"name": "Nord AG"}).status_code == 201
    return client


def colleague(tenant: Tenant) -> Client:
    with activate(tenant):
        from crm_core.security.services import create_system_user

        login = User.objects.create_user("eve@acme.test", "correct horse battery staple", full_name="Eve")
        create_system_user("Eve", login.email, login_id=login.pk, roles=["sales_manager"])
    client = Client(SERVER_NAME=host_of(tenant))
    client.post("/login/", {"email": "eve@acme.test", "password": "correct horse battery staple"})
    return client


def write(client: Client) -> tuple[int, str]:
    answer = send(client, "post", "/accounts", {"name": "Süd AG"})
    return answer.status_code, answer.json().get("code", "")


def export(client: Client) -> int:
    return int(send(client, "post", "/accounts/export", {"format": "csv"}).status_code)


def test_a_trial_from_its_end_to_the_workspace_s(tenant: Tenant, admin: Client, later: Later) -> None:
    eve = colleague(tenant)
    later(30)
    assert (tenant.state, write(admin), write(eve)) == (
        "expired",
        (423, "tenant.read_only"),
        (423, "tenant.read_only"),
    )
    assert send(eve, "get", "/accounts").status_code == 200 and export(admin) == 202
    later(15)
    assert (tenant.state, write(admin)) == ("expired", (423, "tenant.suspended"))
    assert send(admin, "get", "/accounts").status_code == 200 and export(admin) == 202
    assert send(eve, "get", "/accounts").status_code == 423
    later(45)
    assert tenant.state == "deleted" and send(admin, "get", "/accounts").status_code == 404
    assert set(told(tenant)) == {"trial_over", "trial_suspended", "deletion_soon", "deleted"}
    assert told(tenant).count("deletion_soon") == 3


def test_a_canceled_workspace_has_nothing_but_its_export(
    tenant: Tenant, admin: Client, buy: Buy, later: Later
) -> None:
    buy(seats=2)
    eve = colleague(tenant)
    ending.cancel(tenant, reason="x", by="owner@acme.test", at_once=True)
    tenant.refresh_from_db()
    assert tenant.state == "canceled"
    assert send(admin, "get", "/accounts").status_code == 423
    assert admin.get("/")["Location"] == "/billing/"
    assert eve.get("/").status_code == 423
    assert export(admin) == 202
    assert admin.post("/billing/export/").status_code == 302
    with activate(tenant):
        workspace.begin()
        job = Job.objects.get(kind="workspace_export")
        while jobs.run_next_step(job.pk):
            pass
    content = admin.get("/billing/export/").content.decode()
    link = content.split('href="/api/v1/workspace_export/')[1].split('"')[0].replace("&amp;", "&")
    answer = admin.get(f"/api/v1/workspace_export/{link}")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert b'"Nord AG"' in archive.read("records/accounts.jsonl")
    assert send(admin, "post", "/workspace_export", {}).status_code == 202
    assert send(admin, "get", "/workspace_export").json()["job"]["state"] == "queued"
    assert admin.delete("/api/v1/workspace_export").status_code == 200
    assert eve.get(f"/api/v1/workspace_export/{link}").status_code == 423
    buy(seats=2)
    assert tenant.state == "active"
    assert send(admin, "get", "/accounts").json()["rows"][0]["name"] == "Nord AG"


def test_closed_for_abuse_leaves_a_notice(tenant: Tenant, admin: Client, buy: Buy) -> None:
    buy(seats=2)
    agreements.close(tenant, reason="spam", by="ops")
    for path in ("/", "/billing/", "/api/v1/accounts"):
        assert admin.get(path).status_code == 423
    agreements.reopen(tenant, by="ops")
    assert send(admin, "get", "/accounts").status_code == 200


def test_a_dated_closure_begins_on_its_day(tenant: Tenant, admin: Client, buy: Buy, later: Later) -> None:
    buy(seats=2)
    agreements.close(tenant, from_at=clock.now() + timedelta(days=2), reason="asked", by="ops")
    later(1)
    assert (tenant.state, write(admin)[0]) == ("active", 201)
    later(1.5)
    assert (tenant.state, write(admin)[0]) == ("suspended", 423)
    agreements.reopen(tenant, by="ops")
    assert write(admin)[0] == 201


@pytest.mark.parametrize("day", [13, 15, 45, 89])
def test_paying_late_brings_back_everything(
    tenant: Tenant, admin: Client, buy: Buy, later: Later, day: int
) -> None:
    buy(seats=2, card=BAD_LATER)
    later(30 + day)
    assert tenant.state == ("past_due" if day < 14 else "suspended" if day < 74 else "canceled")
    unpaid = Invoice.objects.get(tenant=tenant, state="open")
    payments.book_bank_payment(unpaid.pk, unpaid.total_minor, reference="K1", by="ops")
    tenant.refresh_from_db()
    assert tenant.state == "active" and write(admin)[0] == 201
    assert len(send(admin, "get", "/accounts").json()["rows"]) == 2
    running = Subscription.objects.get(tenant=tenant)
    assert running.status == "active" and running.period_end > clock.now()


def test_nobody_pays_for_104_days(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1, card=BAD_LATER)
    later(30 + 74)
    assert tenant.state == "canceled"
    later(30)
    assert tenant.state == "deleted" and tenant.deleted_at is not None
    assert told(tenant).count("payment_failed") == 5
    assert Invoice.objects.filter(tenant=tenant).count() == 2  # nothing is invoiced while nobody can work


def test_a_job_that_changes_records_waits_and_an_export_does_not(
    tenant: Tenant, admin: Client, buy: Buy, later: Later
) -> None:
    buy(seats=2, card=BAD_LATER)
    with activate(tenant), transaction.atomic():
        workspace.begin()
        actor = actor_for_login(User.objects.get(email="owner@acme.test").pk, "screen")
        assert actor is not None
        bulk = jobs.create_job("bulk", "Bulk", actor, object_name="account", params={}, total=1)
        out = jobs.create_job(
            "export", "Accounts", actor, object_name="account", total=1, params=_export_params()
        )
    later(30 + 20)
    assert tenant.state == "suspended"
    with activate(tenant), transaction.atomic():
        workspace.begin()
        jobs.run_next_step(bulk.pk)
        jobs.run_next_step(out.pk)
        states = dict(Job.objects.values_list("kind", "state"))
    assert states == {"bulk": "queued", "export": "succeeded"}


def _export_params() -> dict[str, Any]:
    return {
        "filters": [],
        "q": None,
        "order": ["-created_at"],
        "fields": ["name"],
        "format": "csv",
        "with_ids": False,
    }


def test_an_override_counts_until_its_end(tenant: Tenant, buy: Buy, later: Later) -> None:
    buy(seats=1)
    until = clock.now() + timedelta(days=3)
    agreements.set_override(tenant, "emails_per_day", 9, until=until, reason="pilot", by="ops")
    tenant.refresh_from_db()
    assert tenant.entitlements["limits"]["emails_per_day"] == 9
    later(4)
    assert tenant.entitlements["limits"]["emails_per_day"] == 2000
    for feature, value in (("nonsense", 3), ("field_security", 3), ("users", True), ("users", -1)):
        with pytest.raises(TenantRefusal) as refused:
            agreements.set_override(tenant, feature, value, until=None, reason="x", by="ops")
        assert refused.value.status == 422


@pytest.mark.real_commit
def test_five_people_and_one_free_seat(tenant: Tenant, buy: Buy) -> None:
    """SAAS.md C2, by enabling users at once."""
    buy(seats=7)
    add_users(tenant, 11)
    from crm_core.security.models import SystemUser

    with activate(tenant):
        people = list(SystemUser.objects.filter(email__startswith="user").order_by("email"))
    client = signed_in(tenant)
    for person in people[:6]:
        assert send(client, "post", f"/users/{person.pk}/actions/disable").status_code == 200
    results: list[int] = []

    def enable(person: Any) -> None:
        try:
            own = Client(SERVER_NAME=host_of(tenant))
            own.post("/login/", {"email": "owner@acme.test", "password": "correct horse battery staple"})
            results.append(send(own, "post", f"/users/{person.pk}/actions/enable").status_code)
        finally:
            connections.close_all()

    hosts.forget()
    threads = [threading.Thread(target=enable, args=(person,)) for person in people[:5]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [200, 402, 402, 402, 402]
    assert lifecycle.standing_of(tenant).state == "active"
