"""Usage: counted without a row per request, kept by the day, told once, and stopping only what it may (ASP-20.5)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Subscription, UsageRecord
from billing.services import agreements, meters
from crm_core.security.actor import actor_for_login
from onboarding.services import invitations
from tenants import counters, metering, usage
from tenants.context import activate
from tenants.errors import TenantRefusal
from tenants.identity.models import Invitation, User
from tenants.models import Tenant
from tests.api_client import ApiClient, person
from tests.billing.conftest import START, told
from tests.billing.test_acceptance import send, signed_in

API, MAIL = metering.API_CALLS, metering.EMAILS
Buy = Callable[..., Subscription]


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No pause is left over from a test in which the cache server was away."""
    monkeypatch.setattr(counters, "_away_until", 0.0)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def program(tenant: Tenant) -> ApiClient:
    """A program that calls the API with an administrator's token."""
    return person(tenant, "program@acme.test", "system_administrator")[1]


def allow(tenant: Tenant, limit: str, value: int | None) -> None:
    agreements.set_override(tenant, limit, value, until=None, reason="test", by="ops")
    tenant.refresh_from_db()


def day(tenant: Tenant, meter: str) -> int | None:
    rows = UsageRecord.objects.filter(tenant=tenant, meter=meter, day=START.date())
    return rows.values_list("value", flat=True).first()


class TestCounting:
    def test_a_call_writes_no_row_and_the_flush_writes_one(self, tenant: Tenant, program: ApiClient) -> None:
        with CaptureQueriesContext(connection) as captured:
            for _ in range(3):
                assert program.get("/accounts")[0] == 200
        assert not [
            q for q in captured.captured_queries if "billing_usage" in q["sql"] and "SELECT" not in q["sql"]
        ]
        assert (
            len([q for q in captured.captured_queries if "billing_usage" in q["sql"]]) == 1
        )  # the day's start
        assert (metering.used_today(tenant)[API], day(tenant, API)) == (3, None)
        assert meters.flush() == 1
        assert meters.flush() == 1
        assert UsageRecord.objects.get(tenant=tenant, meter=API).value == 3

    def test_people_in_the_browser_are_not_counted(self, tenant: Tenant) -> None:
        client = signed_in(tenant)
        assert send(client, "get", "/accounts").status_code == 200
        assert metering.used_today(tenant)[API] == 0

    def test_a_lost_cache_goes_on_from_the_ledger(self, tenant: Tenant) -> None:
        for _ in range(5):
            metering.count(tenant, API)
        meters.flush()
        metering.count(tenant, API)
        cache.clear()  # a Redis that was emptied: one call was not flushed yet
        assert metering.used_today(tenant)[API] == 5
        assert metering.count(tenant, API) == 6
        cache.clear()
        assert meters.flush() == 0
        assert day(tenant, API) == 5

    def test_a_late_flush_takes_nothing_away(self, tenant: Tenant) -> None:
        meters.keep_counted([(tenant.pk, API, START.date(), 9)])
        meters.keep_counted([(tenant.pk, API, START.date(), 4)])
        assert day(tenant, API) == 9

    def test_yesterdays_last_calls_are_flushed_after_midnight(self, tenant: Tenant, frozen: Any) -> None:
        metering.count(tenant, API, 7)
        frozen.shift(timedelta(hours=15, minutes=1))
        assert metering.used_today(tenant)[API] == 0
        metering.count(tenant, API, 2)
        assert meters.flush() == 2
        assert day(tenant, API) == 7
        assert meters.kept(tenant.pk, API, START.date() + timedelta(days=1)) == 2

    def test_the_cache_server_away_refuses_nobody(
        self, tenant: Tenant, program: ApiClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:  # fmt: skip
        allow(tenant, API, 1)
        meters.keep_counted([(tenant.pk, API, START.date(), 1)])

        def away(*_args: Any, **_values: Any) -> Any:
            raise ConnectionError("redis is away")

        monkeypatch.setattr(counters.cache, "incr", away)
        monkeypatch.setattr(counters.cache, "get_many", away)
        assert [program.get("/accounts")[0] for _ in range(3)] == [200, 200, 200]
        assert metering.used_today(tenant) == {API: 1, MAIL: 0}  # from the ledger
        assert meters.flush() == 0
        assert caplog.text.count("Nothing is counted") == 1  # one attempt, then a pause

    def test_exactly_the_limit_is_served_to_many_at_once(self, tenant: Tenant) -> None:
        allow(tenant, API, 5)
        metering.count(
            tenant, API, 0
        )  # what a day begins with is read here: threads have no test transaction
        served, refused = [], []

        def call() -> None:
            try:
                metering.take(tenant, API)
                served.append(1)
            except TenantRefusal:
                refused.append(1)

        threads = [threading.Thread(target=call) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(served), len(refused), metering.used_today(tenant)[API]) == (5, 7, 5)


class TestApiLimit:
    def test_above_the_limit_429_until_midnight_and_nothing_is_written(
        self, tenant: Tenant, program: ApiClient, frozen: Any
    ) -> None:
        allow(tenant, API, 2)
        assert program.post("/accounts", {"name": "Nord AG"})[0] == 201
        assert program.get("/accounts")[0] == 200
        status, body = program.post("/accounts", {"name": "Süd AG"})
        assert (status, body["code"], body["details"]["limit"]) == (429, "quota.api_calls", 2)
        assert program.last["Retry-After"] == str(15 * 3600)  # from 9 to midnight
        assert program.get("/accounts")[0] == 429
        assert metering.used_today(tenant)[API] == 2

        client = signed_in(tenant)  # people go on: reading, writing, deleting, exporting
        rows = send(client, "get", "/accounts").json()["rows"]
        assert [row["name"] for row in rows] == ["Nord AG"]
        assert send(client, "delete", f"/accounts/{rows[0]['id']}").status_code == 204
        assert program.get("/jobs")[0] == 200  # what carries the data away answers programs too
        assert program.post("/accounts/export", {"format": "csv"})[0] in (200, 201, 202)

        frozen.shift(timedelta(hours=15))
        assert program.get("/accounts")[0] == 200

    def test_unlimited_is_counted_and_never_refused(self, tenant: Tenant, program: ApiClient) -> None:
        allow(tenant, API, None)
        metering.count(tenant, API, 10**9)
        assert program.get("/accounts")[0] == 200


def test_the_days_emails_are_used_up(tenant: Tenant) -> None:
    client = signed_in(tenant)
    allow(tenant, MAIL, 2)
    with activate(tenant):
        owner = actor_for_login(User.objects.get(email="owner@acme.test").pk, "screen")
        assert owner is not None
        for name in ("anna", "boris"):
            invitations.invite(owner, f"{name}@partner-firma.de", "salesperson")
        with pytest.raises(TenantRefusal) as refused:
            invitations.invite(owner, "clara@partner-firma.de", "salesperson")
        assert Invitation.objects.count() == 2
    assert (refused.value.status, refused.value.code, refused.value.details["limit"]) == (
        402,
        "quota.email",
        2,
    )
    assert metering.used_today(tenant)[MAIL] == 2
    assert send(client, "get", "/accounts").status_code == 200


def test_full_storage_stops_files_and_imports_and_nothing_else(tenant: Tenant) -> None:
    client = signed_in(tenant)

    def upload(size: int) -> Any:
        return client.post("/api/v1/files", {"file": SimpleUploadedFile("a.txt", b"x" * size)})

    def bring_in(text: bytes) -> Any:
        return client.post(
            "/api/v1/imports", {"file": SimpleUploadedFile("a.csv", text), "object": "account"}
        )

    allow(tenant, "storage_bytes", 100)
    assert upload(60).status_code == 201
    refused = upload(41)
    assert (refused.status_code, refused.json()["code"]) == (402, "quota.storage")
    refused = bring_in(b"Name\n" + b"N" * 60 + b"\n")
    assert (refused.status_code, refused.json()["code"]) == (402, "quota.storage")
    with activate(tenant):
        assert usage.measure_all()["storage_bytes"] == 60  # what was refused left nothing behind
    brought = bring_in(b"Name\n" + b"N" * 34 + b"\n")  # 40 bytes: full to the last
    assert brought.status_code == 201, brought.content
    refused = send(client, "post", f"/imports/{brought.json()['id']}/actions/run", {})
    assert (refused.status_code, refused.json()["code"]) == (402, "quota.storage")

    made = send(client, "post", "/accounts", {"name": "Nord AG"})
    assert made.status_code == 201  # records are not files
    assert send(client, "get", "/accounts").status_code == 200
    exported = send(client, "post", "/accounts/export", {"format": "csv"})
    assert exported.status_code in (200, 201, 202)
    assert send(client, "delete", f"/accounts/{made.json()['id']}").status_code == 204


class TestNotices:
    def test_daily_limits_are_told_once_a_day(self, tenant: Tenant, buy: Buy, frozen: Any) -> None:
        buy(seats=1)
        allow(tenant, API, 10)
        before = told(tenant).count("usage")

        def news() -> int:
            return meters.send_notices() and told(tenant).count("usage") - before

        metering.count(tenant, API, 7)
        assert news() == 0
        metering.count(tenant, API, 1)
        assert (news(), news()) == (1, 0)
        metering.count(tenant, API, 2)
        assert news() == 2  # 95 and 100 % came at once: the higher one is told
        frozen.shift(timedelta(days=1))
        assert news() == 0
        metering.count(tenant, API, 8)
        assert news() == 3

    def test_levels_are_told_once_a_month_and_kept_by_the_day(
        self, tenant: Tenant, buy: Buy, frozen: Any
    ) -> None:
        buy(seats=1)
        most = tenant.entitlements["limits"]["storage_bytes"]
        assert most == 25 * 1024**3  # Professional: 20 GB and 5 GB per user
        before = told(tenant).count("usage")
        pushed = {
            "meters": {"storage_bytes": most * 8 // 10, "users": 1},
            "records": 1234,
            "database_bytes": 4096,
        }
        Tenant.objects.filter(pk=tenant.pk).update(usage=pushed)
        meters.send_notices()
        meters.send_notices()
        frozen.shift(timedelta(days=3))
        meters.send_notices()
        assert told(tenant).count("usage") - before == 1
        kept = {(r.meter, r.day.day): r.value for r in UsageRecord.objects.filter(tenant=tenant)}
        assert kept["records", 1] == kept["records", 4] == 1234
        assert kept["database_bytes", 4] == 4096 and kept["users", 1] == 1
        frozen.shift(timedelta(days=30))
        meters.send_notices()
        assert told(tenant).count("usage") - before == 2


def test_pushed_figures_count_every_record(tenant: Tenant, program: ApiClient) -> None:
    with activate(tenant):
        before = usage.push()["records"]
    assert isinstance(before, int)
    made = [program.post("/accounts", {"name": f"A{number}"})[1]["id"] for number in range(3)]
    assert program.post("/contacts", {"last_name": "Meier"})[0] == 201
    assert program.delete(f"/accounts/{made[0]}")[0] == 204
    with activate(tenant):
        assert usage.push()["records"] == before + 3


def test_usage_stands_on_plan_and_billing(tenant: Tenant, program: ApiClient) -> None:
    client = signed_in(tenant)
    allow(tenant, API, 1000)
    metering.count(tenant, API, 812)
    text = client.get("/billing/").content.decode()
    assert "812 / 1,000" in text and 'aria-label="82 %"' in text
    assert "API calls, last 30 days" in text
    assert [(m.code, m.used, m.warning) for m in meters.known_meters(tenant) if m.code == API] == [
        (API, 812, 80)
    ]
